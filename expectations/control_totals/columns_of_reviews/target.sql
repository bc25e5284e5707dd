-- Control total: every column of reviews, of which article each is and who wrote it, each summed by itself with the key; by POCO's keys.
select r.review_id - mi.poco_key(0) as key, upper(i.market) as region, r.item_id - mi.poco_key(0) as article, r.profile_id - mi.poco_key(0) as author,
       r.rating, r.title, r.body, r.reply, r.replied_at as replied,
       to_json(array(select regexp_replace(p.name, '^poco/' || i.market || '/', '') from unnest(r.photos) with ordinality as p (name, n) order by p.n)) as photos,
       r.status, r.created_at as created
  from mi.reviews r
  join mi.brand_items i on i.item_id = r.item_id
 where r.origin = 'poco'
