-- Purpose: the source's side of a coupon's reissue, and the only place that decides where a coupon is: POCO's row is locked, and a
--          reservation ends once, as void (mi.com has it for good) or returned (POCO has it again).
-- How:     the store spends coupons of status 1 only, so 5 (reserved for mi.com) and 6 (moved) are spendable nowhere at POCO; a
--          trigger refuses any change of such a row by anybody but the migration, whatever the store's program looks at.
-- Epoch:   each new reservation of a coupon has the next one. A worker that slept through a return cannot void the next attempt.
-- Rerun:   safe; each function returns what is true afterwards, whoever made it true. All lock in the order of the keys.

create table if not exists poco_export.reservation (
    coupon_id  bigint      primary key,
    epoch      integer     not null,
    state      text        not null check (state in ('reserved', 'void', 'returned')),
    changed_at timestamptz not null default now()
);
-- What the coupon's status was before it was reserved: active, or expired by a job in the gap.
alter table poco_export.reservation add column if not exists status smallint not null default 1;

-- Keep what is owed in these regions, as the transaction's snapshot sees it. Returns how many coupons. A region is left as it is once
-- one of its coupons is on its way to mi.com: what was owed then stands. Run as the owner: it is no way to write for the migrator.
create or replace function poco_export.note_owed(regions text[]) returns bigint
    language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
    noted bigint;
begin
    regions := array(select s.region from poco_export.scope s
                      where s.region = any (regions) and s.decision = 'move'
                        and not exists (select from poco.coupons c where c.region = s.region and c.status in (5, 6)));
    delete from poco_export.owed_coupons o where o.region = any (regions);
    insert into poco_export.owed_coupons (coupon_id, region, uses_left, valid_until)
    select c.id, c.region, c.uses_left, c.valid_until from poco.coupons c
     where c.region = any (regions) and c.status = 1 and c.uses_left > 0;
    get diagnostics noted = row_count;
    delete from poco_export.handed_over h where h.region = any (regions);
    insert into poco_export.handed_over (region, last_expired)
    select r, coalesce((select max(l.created_at) from poco.points_ledger l where l.region = r and l.kind = 'expired'), '0001-01-01')
      from unnest(regions) r;
    return noted;
end
$$;

-- Take coupons out of circulation; one that a job has expired in the gap comes along with the uses it had at the handover. Returns those that are out, with their epoch and the uses that were left at that instant;
-- one that was spent, revoked or taken by an order in between is not returned. A redemption under way holds the row: this
-- waits for it, looks again, and takes what it left.
drop function if exists poco_export.reserve_coupons(bigint[]);
create function poco_export.reserve_coupons(keys bigint[]) returns table (coupon_id bigint, epoch integer, uses_left integer)
    language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    with free as materialized (
        select c.id, c.status as before from poco.coupons c
         where c.id = any (keys) and c.reserved_order_id is null and c.region = any (poco_export.moving())
           and (c.status = 1 and c.uses_left > 0
                or c.status = 3 and exists (select from poco_export.owed_coupons o where o.coupon_id = c.id and o.uses_left > 0))
         order by c.id for update),
    taken as (
        update poco.coupons c
           set status = 5,
               uses_left = case when f.before = 3
                                then greatest(c.uses_left, (select o.uses_left from poco_export.owed_coupons o where o.coupon_id = c.id))
                                else c.uses_left end
          from free f
         where c.id = f.id and c.status = f.before and c.reserved_order_id is null
        returning c.id, f.before)
    insert into poco_export.reservation as r (coupon_id, epoch, state, status)
    select t.id, 1, 'reserved', t.before from taken t order by t.id
        on conflict on constraint reservation_pkey
        do update set epoch = r.epoch + 1, state = 'reserved', status = excluded.status, changed_at = now();
    select r.coupon_id, r.epoch, c.uses_left
      from poco_export.reservation r join poco.coupons c on c.id = r.coupon_id
     where r.coupon_id = any (keys) and r.state <> 'returned' and c.status in (5, 6);
end;

-- Make it final: from here POCO can never give these coupons back. Returns, for each attempt that is over, how it ended.
drop function if exists poco_export.void_coupons(bigint[]);
create or replace function poco_export.void_coupons(keys bigint[], epochs integer[]) returns table (coupon_id bigint, void boolean)
    language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    with mine as materialized (
        select r.coupon_id
          from poco_export.reservation r join unnest(keys, epochs) k (id, epoch) on k.id = r.coupon_id and k.epoch = r.epoch
          join poco.coupons c on c.id = r.coupon_id and c.region = any (poco_export.moving())
         where r.state = 'reserved' order by r.coupon_id for update of r),
    ended as (
        update poco_export.reservation r set state = 'void', changed_at = now() from mine m
         where r.coupon_id = m.coupon_id and r.state = 'reserved'
        returning r.coupon_id)
    update poco.coupons c set status = 6 from ended e where c.id = e.coupon_id and c.status = 5;
    select k.id, r.epoch = k.epoch and r.state = 'void'
      from unnest(keys, epochs) k (id, epoch) join poco_export.reservation r on r.coupon_id = k.id
     where r.epoch > k.epoch or r.state <> 'reserved';
end;

-- Give coupons back to POCO's customers: an attempt that cannot be finished, such as one whose voucher mi.com refuses. Never after
-- void. Returns the keys whose attempt has ended so.
create or replace function poco_export.give_back_coupons(keys bigint[], epochs integer[]) returns setof bigint
    language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    with mine as materialized (
        select r.coupon_id
          from poco_export.reservation r join unnest(keys, epochs) k (id, epoch) on k.id = r.coupon_id and k.epoch = r.epoch
         where r.state = 'reserved' order by r.coupon_id for update of r),
    ended as (
        update poco_export.reservation r set state = 'returned', changed_at = now() from mine m
         where r.coupon_id = m.coupon_id and r.state = 'reserved'
        returning r.coupon_id, r.status)
    update poco.coupons c set status = e.status from ended e where c.id = e.coupon_id and c.status = 5;
    select k.id
      from unnest(keys, epochs) k (id, epoch) join poco_export.reservation r on r.coupon_id = k.id
     where r.epoch > k.epoch or r.epoch = k.epoch and r.state = 'returned';
end;

-- An order that held a coupon has been decided at mi.com: paid, and the coupon is used; or cancelled, and it is free again. Returns
-- the coupons that this has told; none of a region whose orders are not closed for good, for there the store itself may decide.
create or replace function poco_export.settle_held_coupons(keys bigint[], orders bigint[], used boolean[]) returns setof bigint
    language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    with told as (
        update poco.coupons c
           set reserved_order_id = null, uses_left = greatest(0, c.uses_left - k.used::integer),
               status = case when k.used and c.uses_left <= 1 and c.status = 1 then 2 else c.status end
          from unnest(keys, orders, used) k (id, order_id, used)
         where c.id = k.id and c.reserved_order_id = k.order_id and c.region = any (poco_export.moving())
           and (c.status = 1 or c.status = 3 and exists (select from poco_export.owed_coupons o where o.coupon_id = c.id))
           and poco_export.fenced() -> 'orders' ->> c.region = 'infinity'
        returning c.id, k.used),
    spent as (
        update poco_export.owed_coupons o set uses_left = o.uses_left - 1 from told t where o.coupon_id = t.id and t.used)
    select t.id from told t;
end;

create or replace function poco_export.refuse_what_is_reserved() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'POCO store: this coupon is reserved for mi.com or has moved there' using errcode = '25006';
end
$$;

do $$
begin
    if not exists (select from pg_trigger where tgrelid = 'poco.coupons'::regclass and tgname = 'zz_migration_reserved') then
        create trigger zz_migration_reserved before update or delete on poco.coupons for each row
            when (old.status in (5, 6) and session_user <> 'poco_migrator') execute function poco_export.refuse_what_is_reserved();
        alter table poco.coupons enable always trigger zz_migration_reserved;
    end if;
end
$$;
