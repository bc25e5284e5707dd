-- Purpose: which order holds each of these coupons (on the source).
-- $1 source keys
select id as source_key, reserved_order_id as order_key
  from poco_export.coupons
 where id = any ($1) and status = 1 and reserved_order_id is not null
 order by id
