-- Purpose: what has happened in these regions that a return to POCO cannot undo.
-- $1 regions, $2 entities of the stages behind the cutover
select region, count(*) || ' coupons are on their way to mi.com or there' as why
  from migration.coupon_reissue
 where region = any ($1) and state in ('reserved', 'issued', 'done')
 group by region
 union all
select region, 'mi.com owns ' || string_agg(entity, ', ' order by entity)
  from migration.system_of_record
 where region = any ($1) and entity = any ($2) and owner <> 'POCO'
 group by region
 order by 1, 2
