-- Purpose: upsert the lines of migrated orders.

-- Without its order at POCO a row has no currency, so no amount; mi.com may have that order still.
insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'orders ' || (s.order_id - mi.poco_key(0))
  from accepted s
 where s.unit_price is null
    or not exists (select from mi.orders o where o.order_id = s.order_id and o.market = s.market);

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'products ' || (s.item_id - mi.poco_key(0))
  from accepted s
 where s.item_id is not null
   and not exists (select from mi.brand_items i where i.item_id = s.item_id and i.market = s.market);

-- Section: delete
delete from mi.order_lines t using gone g where t.line_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.order_lines as t (line_id, order_id, item_id, sku, title, quantity, unit_price, total, origin)
select line_id, order_id, item_id, sku, title, quantity, unit_price, total, 'poco'
  from accepted
    on conflict (line_id) do update
   set order_id = excluded.order_id, item_id = excluded.item_id, sku = excluded.sku, title = excluded.title,
       quantity = excluded.quantity, unit_price = excluded.unit_price, total = excluded.total
 where (t.order_id, t.item_id, t.sku, t.title, t.quantity, t.unit_price, t.total)
       is distinct from (excluded.order_id, excluded.item_id, excluded.sku, excluded.title, excluded.quantity, excluded.unit_price, excluded.total);
