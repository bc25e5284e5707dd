-- Purpose: of these coupons, those that stand at this state; none of a region that is on its way back to POCO, or is back.
-- $1 coupons (target keys), $2 state
select c.coupon_id, c.coupon_id - mi.poco_key(0) as source_key, c.epoch
  from migration.coupon_reissue c
 where c.coupon_id = any ($1) and c.coupon_id between ($1::bigint[])[1] and ($1::bigint[])[cardinality($1::bigint[])] and c.state = $2
   and not (c.state = 'planned'
            and exists (select from migration.system_of_record o where o.region = c.region and o.owner <> 'Xiaomi'))
 order by c.coupon_id
