-- Purpose: let POCO have these coupons again (on the source).
-- $1 source keys, $2 their epochs
select given as source_key from poco_export.give_back_coupons($1, $2) as given
