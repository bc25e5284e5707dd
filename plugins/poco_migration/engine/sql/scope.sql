-- Purpose: keep the decision for one region of migration.toml (on the target).
-- $1 region, $2 decision, $3 market, $4 loyalty, $5 minimum_age
insert into migration.scope (region, decision, market, loyalty, minimum_age)
values ($1, $2, $3, $4, $5)
    on conflict (region) do update
   set decision = excluded.decision, market = excluded.market, loyalty = excluded.loyalty, minimum_age = excluded.minimum_age
