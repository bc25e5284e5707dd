-- Purpose: keep the decision for one region of migration.toml (on the source), with the zone of its store.
-- $1 region, $2 decision, $3 market, $4 loyalty, $5 minimum_age, $6 and $7 mi.com's points for how many of POCO's
insert into poco_export.scope (region, decision, market, loyalty, minimum_age, points_new, points_old, time_zone)
values ($1, $2, $3, $4, $5, $6, $7, (select time_zone from poco.stores where region = $1))
