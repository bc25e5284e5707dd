-- Purpose: upsert the reviews of migrated articles.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'products ' || (s.item_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.brand_items i where i.item_id = s.item_id and i.market = s.market);

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'customers ' || (s.profile_id - mi.poco_key(0))
  from accepted s
 where s.profile_id is not null
   and not exists (select from mi.profiles p where p.profile_id = s.profile_id and p.market = s.market);

-- Section: delete
delete from mi.reviews t using gone g where t.review_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.reviews as t (review_id, item_id, profile_id, rating, title, body, reply, replied_at, photos, status, created_at, origin)
select review_id, item_id, profile_id, rating, title, body, reply, replied_at, photos, status, created_at, 'poco'
  from accepted
    on conflict (review_id) do update
   set item_id = excluded.item_id, profile_id = excluded.profile_id, rating = excluded.rating, title = excluded.title, body = excluded.body,
       reply = excluded.reply, replied_at = excluded.replied_at, photos = excluded.photos, status = excluded.status, created_at = excluded.created_at
 where (t.item_id, t.profile_id, t.rating, t.title, t.body, t.reply, t.replied_at, t.photos, t.status, t.created_at)
       is distinct from
       (excluded.item_id, excluded.profile_id, excluded.rating, excluded.title, excluded.body, excluded.reply, excluded.replied_at,
        excluded.photos, excluded.status, excluded.created_at);
