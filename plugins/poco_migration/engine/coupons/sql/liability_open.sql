-- Purpose: where the liability of the freeze does not add up.
-- $1 run
select region, currency, kind, audience, coupons, uses, worth from migration.liability_open where run = $1 order by 1, 2, 3, 4
