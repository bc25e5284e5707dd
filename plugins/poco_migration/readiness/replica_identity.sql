-- Side: source
-- Demanded: the columns of every replica identity (schema/capture/01_identity.sql) are there and not null
-- Next: Fill the named columns and set them not null with the store's owner: PostgreSQL takes no identity from a column that may be null. Then clear this task.
with demanded as (
    select c.oid, c.relname, k.name
      from pg_class c
     cross join lateral (select unnest(array['id', 'region'] || case c.relname
                                           when 'customers'       then array['status']
                                           when 'orders'          then array['currency']
                                           when 'payments'        then array['currency']
                                           when 'shipment_events' then array['shipment_id', 'sequence_no']
                                           when 'tickets'         then array['customer_id']
                                           else array[]::text[] end) as name) k
     where c.relnamespace = 'poco'::regnamespace and c.relkind = 'r' and c.relname not in ('currencies', 'app_tokens')
       and exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)   -- else primary_keys says it
)
select 'ALL' as region, coalesce(string_agg(d.relname || '.' || d.name, ', '), 'all possible') as measured, count(d.name) = 0 as ok
  from demanded d
 where not exists (select from pg_attribute a where a.attrelid = d.oid and a.attname = d.name and a.attnotnull and not a.attisdropped)
