-- Control total: addresses by kind, and whose they are. Entity: addresses
select a.region, a.kind || ' addresses' as bucket, count(*)::numeric as amount
  from poco.addresses a
 where a.id not in (select source_key from aside)
 group by a.region, bucket
 union all
select a.region, 'address times customer', sum(a.id::numeric * a.customer_id)
  from poco.addresses a
 where a.id not in (select source_key from aside)
 group by a.region
