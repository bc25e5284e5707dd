-- Purpose: the source's side of a coupon's reissue. The store's own redeem statement spends coupons of status 1 only, so
--          status 5 (reserved for mi.com) and 6 (moved to mi.com) are spendable nowhere at POCO.
-- Rerun:   safe; each function returns what is true afterwards, whoever made it true.

-- Take coupons out of circulation. Returns those that are out, with the uses that were left at that instant; one that
-- was spent, revoked or taken by an order in between is not returned.
create or replace function poco_export.reserve_coupons(keys bigint[]) returns table (coupon_id bigint, uses_left integer)
    language sql volatile security definer set search_path = pg_catalog
begin atomic
    update poco.coupons c set status = 5
     where c.id = any (keys) and c.status = 1 and c.uses_left > 0 and c.reserved_order_id is null;
    select c.id, c.uses_left from poco.coupons c where c.id = any (keys) and c.status in (5, 6);
end;

-- Make it final: from here POCO can never give these coupons back.
create or replace function poco_export.void_coupons(keys bigint[]) returns setof bigint
    language sql volatile security definer set search_path = pg_catalog
begin atomic
    update poco.coupons c set status = 6 where c.id = any (keys) and c.status = 5;
    select c.id from poco.coupons c where c.id = any (keys) and c.status = 6;
end;
