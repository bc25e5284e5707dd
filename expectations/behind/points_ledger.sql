-- Purpose: points in entries that do not move. Entity: points_ledger
select l.region, 'points' as what, count(*) as rows, sum(l.points)::numeric as amount
  from poco_export.audited_points_ledger l
 where l.id in (select source_key from behind)
 group by 1
