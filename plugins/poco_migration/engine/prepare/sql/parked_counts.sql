-- Purpose: how many rows the source itself does not hand out, by entity, region and reason (held regions, erased persons).
select entity, region, reason, count(*) as rows
  from poco_export.parked
 group by entity, region, reason
