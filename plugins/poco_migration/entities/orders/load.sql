-- Purpose: upsert POCO's orders into Xiaomi's live order table.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'customers ' || (s.profile_id - mi.poco_key(0))
  from accepted s
 where s.profile_id is not null
   and not exists (select from mi.profiles p where p.profile_id = s.profile_id and p.market = s.market);

-- Section: delete
delete from mi.orders t using gone g where t.order_id = mi.poco_key(g.source_key);

-- Section: upsert
-- jsonb takes 1.0 and 1.00 for equal and keeps both; its text tells them apart.
insert into mi.orders as t (order_id, order_number, original_number, market, profile_id, buyer, guest_email, guest_phone, status, currency,
                            subtotal, discount, shipping, tax, total, adds_up, ship_to, note, placed_at, placed_at_local, time_quality,
                            updated_at, origin)
select order_id, order_number, original_number, market, profile_id, buyer, guest_email, guest_phone, status, currency,
       subtotal, discount, shipping, tax, total, adds_up, ship_to, note, placed_at, placed_at_local, time_quality, updated_at, 'poco'
  from accepted
    on conflict (order_id) do update
   set order_number = excluded.order_number, original_number = excluded.original_number, market = excluded.market,
       profile_id = excluded.profile_id, buyer = excluded.buyer, guest_email = excluded.guest_email, guest_phone = excluded.guest_phone,
       status = excluded.status, currency = excluded.currency, subtotal = excluded.subtotal, discount = excluded.discount,
       shipping = excluded.shipping, tax = excluded.tax, total = excluded.total, adds_up = excluded.adds_up, ship_to = excluded.ship_to,
       note = excluded.note, placed_at = excluded.placed_at, placed_at_local = excluded.placed_at_local,
       time_quality = excluded.time_quality, updated_at = excluded.updated_at
 where (t.updated_at, t.status, t.order_number, t.original_number, t.market, t.profile_id, t.buyer, t.guest_email, t.guest_phone, t.currency,
        t.subtotal, t.discount, t.shipping, t.tax, t.total, t.adds_up, t.note, t.placed_at, t.placed_at_local, t.time_quality,
        t.ship_to::text)
       is distinct from  -- column by column until one differs: what changes most comes first, what costs most last
       (excluded.updated_at, excluded.status, excluded.order_number, excluded.original_number, excluded.market, excluded.profile_id,
        excluded.buyer, excluded.guest_email, excluded.guest_phone, excluded.currency, excluded.subtotal, excluded.discount,
        excluded.shipping, excluded.tax, excluded.total, excluded.adds_up, excluded.note, excluded.placed_at, excluded.placed_at_local,
        excluded.time_quality, excluded.ship_to::text);
