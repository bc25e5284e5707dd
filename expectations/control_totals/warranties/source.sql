-- Control total: warranty claims by status, and when they were opened. Entity: warranty_claims
select w.region, case w.status when 1 then 'open' when 2 then 'repaired' when 3 then 'replaced' when 4 then 'refused' end || ' claims' as bucket, count(*)::numeric as amount
  from poco.warranty_claims w
 where w.id not in (select source_key from aside)
 group by w.region, bucket
 union all
select w.region, 'seconds opened', sum(extract(epoch from w.opened_at at time zone s.time_zone))
  from poco.warranty_claims w
  join poco.stores s on s.region = w.region
 where w.id not in (select source_key from aside)
 group by w.region
