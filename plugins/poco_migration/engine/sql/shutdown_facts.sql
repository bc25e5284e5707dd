-- Purpose: what is left of the store in the regions that moved (on the source, as the store's owner).
-- $1 regions
select region, count(*) filter (where revoked_at is null) as live_tokens
  from poco.app_tokens
 where region = any ($1)
 group by region
