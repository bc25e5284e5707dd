-- Purpose: end every app login of the regions that move (on the source, as the store's owner). India's go on.
-- $1 regions
update poco.app_tokens t
   set revoked_at = now()
  from poco.customers c
 where c.id = t.customer_id and c.region = any ($1) and t.revoked_at is null
