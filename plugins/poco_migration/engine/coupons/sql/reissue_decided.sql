-- Purpose: which of these orders are decided at mi.com: cancelled, or paid and all that comes after it.
-- $1 POCO's keys of the orders
select o.order_id - mi.poco_key(0) as order_key, o.status <> 'cancelled' as used
  from mi.orders o
 where o.order_id in (select mi.poco_key(k) from unnest($1::bigint[]) k) and o.status <> 'placed'
