-- Control total: points by state, and the sum of squared balances, which tells points under the wrong customer.
-- Entity: points_ledger
with balance as (
select l.region, l.state, l.customer_id, sum(l.points) as points
  from poco.points_ledger l
 where l.id not in (select source_key from aside)
 group by l.region, l.state, l.customer_id)
select region, state || ' points' as bucket, sum(points)::numeric as amount from balance group by region, state
 union all
select region, state || ' points, squares of balances', sum(points * points)::numeric from balance group by region, state
