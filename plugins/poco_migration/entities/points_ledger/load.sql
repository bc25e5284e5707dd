-- Purpose: upsert the loyalty entries of migrated customers, at the rate of their region.
-- Rule:    the entries of one customer with one state and one expiry are a bucket. Their sum up to each entry, in the order
--          of keys, is converted and cut down to whole points, and the entry is credited with what it adds. So a bucket gets
--          all whole points of its sum, whatever came first, and less than one is left: see migration.points_remainder.

-- Whatever migration.toml says: where mi.com has no programme nobody could see or spend them.
insert into refused (source_key, region, reason)
select s.source_key, s.region, 'no_loyalty_programme'
  from accepted s
  join mi.markets m on m.market = s.market and not m.loyalty;

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'customers ' || (s.profile_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.profiles p where p.profile_id = s.profile_id and p.market = s.market);

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'orders ' || (s.order_id - mi.poco_key(0))
  from accepted s
 where s.order_id is not null
   and not exists (select from mi.orders o where o.order_id = s.order_id and o.market = s.market);

-- Entries of one bucket can be in two parts, and each must see the other's: at another rate, one copy after the other.
select pg_advisory_xact_lock(hashtextextended('migration.points_remainder', 0))
 where exists (select from migration.scope where points_new <> points_old);

-- Whose entries come, change or go where the rate is another. The first condition spares the others the looking.
create temp table rated on commit drop as
select p.profile_id, k.points_new, k.points_old
  from mi.profiles p
  join mi.market_origins m on m.market = p.market
  join migration.scope k on k.region = m.region and k.points_new <> k.points_old
 where exists (select from migration.scope where points_new <> points_old)
   and p.profile_id in (select a.profile_id from accepted a
                         union
                        select t.profile_id
                          from mi.loyalty_entries t
                         where t.entry_id in (select a.entry_id from accepted a union select mi.poco_key(g.source_key) from gone g));

delete from migration.points_remainder r
 using gone g
 where r.entry_id = mi.poco_key(g.source_key) and exists (select from migration.points_remainder);

-- Section: delete
delete from mi.loyalty_entries t using gone g where t.entry_id = mi.poco_key(g.source_key);

-- Section: between
create temp table converted on commit drop as
with entry as (
select a.entry_id, k.profile_id, a.state, a.expires_at, a.points, k.points_new, k.points_old
  from rated k
  join accepted a on a.profile_id = k.profile_id
 union all
select t.entry_id, k.profile_id, t.state, t.expires_at, coalesce(r.points, t.points), k.points_new, k.points_old
  from rated k
  join mi.loyalty_entries t on t.profile_id = k.profile_id and t.origin = 'poco'
  left join migration.points_remainder r on r.entry_id = t.entry_id
 where not exists (select from accepted a where a.entry_id = t.entry_id)),
summed as (
select e.*, sum(e.points) over (partition by e.profile_id, e.state, e.expires_at order by e.entry_id) as until
  from entry e)
select entry_id, points, points_new, points_old,
       (migration.whole_points(until, points_new, points_old) - migration.whole_points(until - points, points_new, points_old))::bigint as credited
  from summed;

-- Section: upsert
insert into mi.loyalty_entries as t (entry_id, profile_id, kind, state, points, order_id, expires_at, created_at, origin)
select a.entry_id, a.profile_id, a.kind, a.state, coalesce(c.credited, a.points), a.order_id, a.expires_at, a.created_at, 'poco'
  from accepted a
  left join converted c on c.entry_id = a.entry_id
    on conflict (entry_id) do update
   set profile_id = excluded.profile_id, kind = excluded.kind, state = excluded.state, points = excluded.points,
       order_id = excluded.order_id, expires_at = excluded.expires_at, created_at = excluded.created_at
 where (t.profile_id, t.kind, t.state, t.points, t.order_id, t.expires_at, t.created_at)
       is distinct from
       (excluded.profile_id, excluded.kind, excluded.state, excluded.points, excluded.order_id, excluded.expires_at, excluded.created_at);

-- Section: after
-- The other entries of the same buckets.
update mi.loyalty_entries t
   set points = c.credited
  from converted c
 where t.entry_id = c.entry_id and t.points <> c.credited;

insert into migration.points_remainder as r (entry_id, points, points_new, points_old, credited, remainder)
select entry_id, points, points_new, points_old, credited, points::numeric * points_new - credited::numeric * points_old
  from converted
    on conflict (entry_id) do update
   set points = excluded.points, points_new = excluded.points_new, points_old = excluded.points_old, credited = excluded.credited,
       remainder = excluded.remainder
 where (r.points, r.points_new, r.points_old, r.credited)
       is distinct from (excluded.points, excluded.points_new, excluded.points_old, excluded.credited);

-- What is one for one now leaves nothing.
delete from migration.points_remainder r
 using accepted a
 where r.entry_id = a.entry_id and not exists (select from converted c where c.entry_id = a.entry_id)
   and exists (select from migration.points_remainder);
