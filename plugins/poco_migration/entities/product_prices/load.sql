-- Purpose: upsert the price history of POCO's articles.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'products ' || (s.item_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.brand_items i where i.item_id = s.item_id and i.market = s.market);

-- Section: delete
delete from mi.item_prices t using gone g where t.price_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.item_prices as t (price_id, item_id, currency, amount, valid_from, valid_to, origin)
select price_id, item_id, currency, amount, valid_from, valid_to, 'poco'
  from accepted
    on conflict (price_id) do update
   set item_id = excluded.item_id, currency = excluded.currency, amount = excluded.amount, valid_from = excluded.valid_from, valid_to = excluded.valid_to
 where (t.item_id, t.currency, t.amount, t.valid_from, t.valid_to)
       is distinct from (excluded.item_id, excluded.currency, excluded.amount, excluded.valid_from, excluded.valid_to);
