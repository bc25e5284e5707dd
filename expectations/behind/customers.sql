-- Purpose: what hangs on customers who do not move: their points, and their coupons that can be spent. Entity: customers
select l.region, 'points of customers' as what, count(distinct l.customer_id) as rows, sum(l.points)::numeric as amount
  from poco_export.audited_points_ledger l
 where l.customer_id in (select source_key from behind)
 group by 1
 union all
select c.region, 'uses of coupons of customers', count(*), sum(c.uses_left)::numeric
  from poco.coupons c
 where c.customer_id in (select source_key from behind) and c.status in (1, 5, 6) and c.uses_left > 0
 group by 1
