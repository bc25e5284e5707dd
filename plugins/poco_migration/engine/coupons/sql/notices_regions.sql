-- Purpose: the regions in which a run has somebody to tell.
-- $1 run
select distinct region from migration.coupon_reissue where noticed_by = $1 order by region
