-- Purpose: what is left of the store in the regions that moved (on the source, as the store's owner).
-- $1 regions
select c.region, count(*) filter (where t.revoked_at is null) as live_tokens
  from poco.app_tokens t
  join poco.customers c on c.id = t.customer_id
 where c.region = any ($1)
 group by c.region
