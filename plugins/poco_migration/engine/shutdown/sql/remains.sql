-- Purpose: how the closed store looks from outside (on the source, as poco_witness).
-- $1 regions, $2 slot
select what, region, number from poco_export.remains($1, $2) order by what, region
