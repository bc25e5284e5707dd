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

-- Take coupons out of circulation. Returns those that are out, with their epoch and the uses that were left at that instant;
-- one that was spent, revoked or taken by an order in between is not returned. A redemption under way holds the row: this
-- waits for it, looks again, and takes what it left.
drop function if exists poco_export.reserve_coupons(bigint[]);
create function poco_export.reserve_coupons(keys bigint[]) returns table (coupon_id bigint, epoch integer, uses_left integer)
    language sql volatile security definer set search_path = pg_catalog
begin atomic
    with free as materialized (
        select c.id from poco.coupons c
         where c.id = any (keys) and c.status = 1 and c.uses_left > 0 and c.reserved_order_id is null
         order by c.id for update),
    taken as (
        update poco.coupons c set status = 5 from free f
         where c.id = f.id and c.status = 1 and c.uses_left > 0 and c.reserved_order_id is null
        returning c.id)
    insert into poco_export.reservation as r (coupon_id, epoch, state)
    select t.id, 1, 'reserved' from taken t order by t.id
        on conflict on constraint reservation_pkey do update set epoch = r.epoch + 1, state = 'reserved', changed_at = now();
    select r.coupon_id, r.epoch, c.uses_left
      from poco_export.reservation r join poco.coupons c on c.id = r.coupon_id
     where r.coupon_id = any (keys) and r.state <> 'returned' and c.status in (5, 6);
end;

-- Make it final: from here POCO can never give these coupons back. Returns, for each attempt that is over, how it ended.
drop function if exists poco_export.void_coupons(bigint[]);
create or replace function poco_export.void_coupons(keys bigint[], epochs integer[]) returns table (coupon_id bigint, void boolean)
    language sql volatile security definer set search_path = pg_catalog
begin atomic
    with mine as materialized (
        select r.coupon_id
          from poco_export.reservation r join unnest(keys, epochs) k (id, epoch) on k.id = r.coupon_id and k.epoch = r.epoch
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
    language sql volatile security definer set search_path = pg_catalog
begin atomic
    with mine as materialized (
        select r.coupon_id
          from poco_export.reservation r join unnest(keys, epochs) k (id, epoch) on k.id = r.coupon_id and k.epoch = r.epoch
         where r.state = 'reserved' order by r.coupon_id for update of r),
    ended as (
        update poco_export.reservation r set state = 'returned', changed_at = now() from mine m
         where r.coupon_id = m.coupon_id and r.state = 'reserved'
        returning r.coupon_id)
    update poco.coupons c set status = 1 from ended e where c.id = e.coupon_id and c.status = 5;
    select k.id
      from unnest(keys, epochs) k (id, epoch) join poco_export.reservation r on r.coupon_id = k.id
     where r.epoch > k.epoch or r.epoch = k.epoch and r.state = 'returned';
end;

-- An order that held a coupon has been decided at mi.com: paid, and the coupon is used; or cancelled, and it is free again. Returns
-- the coupons that this has told; none of a region whose orders are not closed for good, for there the store itself may decide.
create or replace function poco_export.settle_held_coupons(keys bigint[], orders bigint[], used boolean[]) returns setof bigint
    language sql volatile security definer set search_path = pg_catalog
begin atomic
    update poco.coupons c
       set reserved_order_id = null, uses_left = c.uses_left - k.used::integer,
           status = case when k.used and c.uses_left <= 1 then 2 else c.status end
      from unnest(keys, orders, used) k (id, order_id, used)
     where c.id = k.id and c.reserved_order_id = k.order_id and c.status = 1
       and poco_export.fenced() -> 'orders' ->> c.region = 'infinity'
    returning c.id;
end;

create or replace function poco_export.refuse_what_is_reserved() returns trigger
    language plpgsql set search_path = pg_catalog
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
