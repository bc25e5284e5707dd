-- Purpose: the customers whose points are kept back for want of a programme; below, migration.toml and mi.com's markets say whether that is so.
-- Entity: points_ledger
select l.region, l.customer_id as holder, 'customers without a programme' as balance, '' as place, count(*) as amount
  from aside a
  join poco.points_ledger l on l.id = a.source_key
 where a.reason = 'no_loyalty_programme'
 group by l.region, l.customer_id
