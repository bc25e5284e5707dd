-- Purpose: keep the decision for one region of migration.toml (on the target).
-- $1 region, $2 decision, $3 market, $4 loyalty, $5 minimum_age, $6 and $7 mi.com's points for how many of POCO's
insert into migration.scope (region, decision, market, loyalty, minimum_age, points_new, points_old)
values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (region) do update
   set decision = excluded.decision, market = excluded.market, loyalty = excluded.loyalty, minimum_age = excluded.minimum_age,
       points_new = excluded.points_new, points_old = excluded.points_old
