-- Purpose: keep what POCO owes and was not owed at the handover already: what it has made since. What was owed then stands.
-- Needs:   the temporary table poco_owed, filled by expectations/liability/freeze.sql.
insert into migration.coupon_freeze (coupon_id, region, currency, kind, audience, customer, uses, worth)
select source_key, region, currency, kind, audience, customer, uses, worth from poco_owed
    on conflict (coupon_id) do nothing
