-- Control total: when orders were placed, in seconds since 1970.
select upper(o.market) as region, 'placed_at, seconds' as bucket, sum(extract(epoch from o.placed_at)) as amount
  from mi.orders o
 where o.origin = 'poco'
 group by 1
