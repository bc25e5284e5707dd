-- Side: target
-- Demanded: no row of Xiaomi's own lives in the key range reserved for POCO
-- Next: Move the sequence of the named table back below mi.poco_key(-100000000000000) with its owner, then clear this task.
select 'ALL' as region, coalesce(string_agg(t.name, ', '), 'free') as measured, count(t.name) = 0 as ok
  from (select 'orders' as name where exists (select from mi.orders where order_id > mi.poco_key(-100000000000000) and origin = 'mi')
        union all
        select 'profiles' where exists (select from mi.profiles where profile_id > mi.poco_key(-100000000000000) and origin = 'mi')
        union all
        select 'brand_items' where exists (select from mi.brand_items where item_id > mi.poco_key(-100000000000000) and origin = 'mi')) t
