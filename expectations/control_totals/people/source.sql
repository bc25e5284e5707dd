-- Control total: customers by status, weighted by the year they were born. Entity: customers
select c.region, case c.status when 1 then 'active' when 2 then 'closed' end as bucket, sum(coalesce(extract(year from c.birth_date), 1)) as amount
  from poco_export.audited_customers c
 where c.id not in (select source_key from aside)
 group by c.region, bucket
