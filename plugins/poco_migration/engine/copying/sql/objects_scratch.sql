-- Purpose: what POCO's rows name, what mi.com's rows name, and what mi.com's bucket has; for this session.
create temp table if not exists at_poco (entity text, row_key bigint, region text, target_object text, bytes bigint, sha256 text);
create temp table if not exists at_mi (entity text, row_key bigint, region text, market text, target_object text);
create temp table if not exists in_bucket (target_object text primary key, etag text, bytes bigint);
truncate at_poco, at_mi, in_bucket;

-- A key at mi.com is 'poco/<market>/<key at POCO>', so India's objects, which no row names, are never asked for.
insert into at_mi
select 'reviews', r.review_id, m.region, m.market, p.key
  from mi.reviews r
  join mi.brand_items i on i.item_id = r.item_id
  join mi.market_origins m on m.market = i.market
 cross join unnest(r.photos) as p (key)
 where r.origin = 'poco' and starts_with(p.key, 'poco/' || m.market || '/')
 union all
select 'ticket_messages', t.message_id, m.region, m.market, a.value ->> 'key'
  from mi.case_messages t
  join mi.service_cases c on c.case_id = t.case_id
  join mi.market_origins m on m.market = c.market
 cross join jsonb_array_elements(t.attachments) as a (value)
 where t.origin = 'poco' and starts_with(a.value ->> 'key', 'poco/' || m.market || '/');
