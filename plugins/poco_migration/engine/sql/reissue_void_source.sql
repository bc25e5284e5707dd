-- Purpose: make POCO give these coupons up for good (on the source).
-- $1 source keys
select void as source_key from poco_export.void_coupons($1) as void
