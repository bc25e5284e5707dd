-- Purpose: keep what POCO owes at the first time it is asked; what was owed then stands.
-- Needs:   the temporary table poco_owed, filled by expectations/liability/freeze.sql.
insert into migration.coupon_freeze (coupon_id, region, currency, kind, audience, uses, worth)
select source_key, region, currency, kind, audience, uses, worth from poco_owed
    on conflict (coupon_id) do nothing
