-- Side: source
-- Demanded: every region that rows name is decided in migration.toml (move, stay or hold)
-- Next: Add the region to migration.toml with a decision and its owner, then clear this task. Until then nothing moves.
with named as (
select region, count(*) as rows from (
    select region from poco.stores union all select region from poco.products union all select region from poco.customers union all
    select region from poco.orders union all select region from poco.reviews union all select region from poco.tickets union all
    select region from poco.warranty_claims union all select region from poco.coupons) r
 group by region)
select region, rows || ' rows' as measured, region = any (string_to_array(current_setting('migration.regions'), ',')) as ok
  from named
