-- Purpose: keep what POCO owes in coupons and points at the handover, in the place of what was kept of these regions before. A region of
--          which a coupon is on its way already stays as it is.
-- $1 regions
-- Needs:   the temporary tables poco_owed (expectations/liability/freeze.sql) and poco_points (points.sql).
  with regions as materialized (
    select r from unnest($1::text[]) r
     where not exists (select from migration.coupon_reissue c where c.region = r and c.state <> 'planned')),
    coupons as (
    delete from migration.coupon_freeze f using regions
     where f.region = r and not exists (select from poco_owed o where o.source_key = f.coupon_id)),
    points as (
    delete from migration.points_freeze f using regions
     where f.region = r
       and not exists (select from poco_points p where (p.region, p.customer, p.kind, p.state) = (f.region, f.customer, f.kind, f.state))),
    owed as (
    insert into migration.coupon_freeze (coupon_id, region, currency, kind, audience, customer, uses, worth)
    select o.source_key, o.region, o.currency, o.kind, o.audience, o.customer, o.uses, o.worth
      from poco_owed o join regions on o.region = r
        on conflict (coupon_id) do update
       set region = excluded.region, currency = excluded.currency, kind = excluded.kind, audience = excluded.audience,
           customer = excluded.customer, uses = excluded.uses, worth = excluded.worth, frozen_at = now())
insert into migration.points_freeze (region, customer, kind, state, points)
select p.region, p.customer, p.kind, p.state, p.points
  from poco_points p join regions on p.region = r
    on conflict (region, customer, kind, state) do update set points = excluded.points, frozen_at = now()
