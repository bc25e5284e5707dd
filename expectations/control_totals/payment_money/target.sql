-- Control total: money of payments by currency and status.
select upper(o.market) as region, p.currency || ' ' || p.status as bucket, sum(p.amount) as amount
  from mi.payments p
  join mi.orders o on o.order_id = p.order_id
 where p.origin = 'poco'
 group by 1, 2
