-- Control total: what was allowed, by purpose: nobody may be mailed who did not agree. Entity: consents
select c.region, n.purpose || case when n.granted then ' allowed' else ' forbidden' end as bucket, count(*)::numeric as amount
  from poco.consents n
  join poco.customers c on c.id = n.customer_id
 where n.id not in (select source_key from aside)
 group by c.region, bucket
