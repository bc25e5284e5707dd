-- Purpose: how many uses POCO has left of the coupons that it has given up, from the original table (on the source, as the auditor).
-- Order:   source_key, uses.
select c.id, c.uses_left from poco.coupons c where c.status = 6
