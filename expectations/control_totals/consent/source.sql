-- Control total: what was allowed, by purpose: nobody may be mailed who did not agree. Entity: consents
select n.region, n.purpose || case when n.granted then ' allowed' else ' forbidden' end as bucket, count(*)::numeric as amount
  from poco_export.audited_consents n
 where n.id not in (select source_key from aside)
 group by n.region, bucket
