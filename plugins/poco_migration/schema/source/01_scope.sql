-- Purpose: what may leave POCO's database, decided in one place. The migrator reads through this schema and has no
--          right on the tables behind it.
-- Rerun:   safe. Run by the owner of schema poco; rows of scope and rules are written by the prepare stage.

create schema if not exists poco_export;

create table if not exists poco_export.scope (
    region      text primary key,
    decision    text not null check (decision in ('move', 'stay', 'hold')),
    market      text unique,
    time_zone   text,
    loyalty     boolean not null,
    minimum_age integer not null,
    check (decision <> 'move' or (market is not null and time_zone is not null))
);
-- How many points of mi.com how many of POCO's become; read by the auditors only, who convert by themselves.
alter table poco_export.scope add column if not exists points_new bigint not null default 1 check (points_new > 0);
alter table poco_export.scope add column if not exists points_old bigint not null default 1 check (points_old > 0);

create table if not exists poco_export.rules (
    only_row          boolean     primary key default true check (only_row),
    cutover_at        timestamptz not null,
    coupon_gap_ends   timestamptz not null
);

-- How many persons a day can be named to be erased at POCO. Whoever has the migrator's password erases no more; a store that was
-- restored from a backup may need more in one go, and then its owner says so here.
alter table poco_export.rules add column if not exists erasures_a_day integer not null default 200 check (erasures_a_day >= 0);

-- The regions that the migration is about. Every function that runs with the owner's rights asks here, and believes no argument.
create or replace function poco_export.moving() returns text[]
    language sql stable set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(region), '{}') from poco_export.scope where decision = 'move';
end;

-- Refuses a table that the migration does not read, and a column that no view shows: secrets, and what stays at POCO.
create or replace function poco_export.require_shown(entity text, columns text[]) returns void
    language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
    hidden text;
begin
    select string_agg(c, ', ') into hidden
      from unnest(columns) c
     where not exists (select from pg_attribute a where a.attrelid = to_regclass(format('poco_export.%I', entity)) and a.attname = c)
        or not exists (select from pg_attribute a where a.attrelid = to_regclass(format('poco.%I', entity)) and a.attname = c);
    if hidden is not null then
        raise exception 'POCO store: column % of % is not the migration''s to ask for', hidden, entity using errcode = '42501';
    end if;
end
$$;

-- Mirrors mi.poco_key on the other side, so that an extract is already in the target's shape.
create or replace function poco_export.mi_key(source_key bigint) returns bigint
    language sql immutable parallel safe strict
    return 7000000000000000 + source_key;

-- How a local time maps to an instant. PostgreSQL reads a repeated hour as standard time and moves a skipped hour
-- forward (manual, B.2 "Handling of Invalid or Ambiguous Timestamps"); here it is also said which of the two it was.
create or replace function poco_export.time_quality(local_time timestamp, zone text) returns text
    language sql stable parallel safe strict
    return case
        when (local_time at time zone zone) at time zone zone <> local_time                        then 'skipped hour'
        when ((local_time at time zone zone) - interval '1 hour') at time zone zone = local_time   then 'repeated hour'
        else 'exact' end;

create or replace view poco_export.units as
select code as currency,
       case exponent when 0 then 1 when 1 then 0.1 when 2 then 0.01 else 0.001 end::numeric as unit
  from poco.currencies;

-- Whether the list has changed: a mark over its rows and the transactions that wrote them, so that a change and its way back count.
create or replace view poco_export.reference as
select md5(coalesce(string_agg(concat_ws('/', code, exponent, xmin), ',' order by code), '')) as mark
  from poco.currencies;
-- What POCO owed at the handover of the orders. From there to the reissue nobody can spend a coupon or a point, so what POCO's own jobs
-- expire in that gap is not lost: who asks whether a coupon was active at the handover asks here. Written at the snapshot of the switch
-- itself, behind the handover (engine/coupons/liability.py); noted again, a region's lines are replaced, until one of its coupons has left.
create table if not exists poco_export.owed_coupons (
    coupon_id   bigint    primary key,
    region      text      not null,
    uses_left   integer   not null,
    valid_until timestamp not null
);

-- One line per region. last_expired: the newest entry of points by which POCO had expired some; a newer one is of the gap.
create table if not exists poco_export.handed_over (
    region       text        primary key,
    last_expired timestamp   not null,
    noted_at     timestamptz not null default now()
);

-- What becomes of points that POCO expires in the gap: 'stand' moves the entry, 'left_out' moves the points without it.
alter table poco_export.rules add column if not exists points_expired text not null default 'stand'
    check (points_expired in ('stand', 'left_out'));
