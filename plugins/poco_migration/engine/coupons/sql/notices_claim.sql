-- Purpose: the vouchers that can be spent and that no run has told of are told of by this one.
-- $1 run
update migration.coupon_reissue set noticed_by = $1 where state = 'done' and noticed_by is null
