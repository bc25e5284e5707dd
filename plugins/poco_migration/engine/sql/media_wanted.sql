-- Purpose: objects that migrated rows name and that have not been copied yet, by their key at mi.com. A key at mi.com
--          is 'poco/<market>/<key at POCO>', so India's objects, which no row names, are never asked for.
-- $1 how many at the most
with named as (
select unnest(r.photos) as target_object from mi.reviews r where r.origin = 'poco'
 union
select a.value ->> 'key' from mi.case_messages m, jsonb_array_elements(m.attachments) a where m.origin = 'poco')
select n.target_object, regexp_replace(n.target_object, '^poco/[^/]+/', '') as source_object
  from named n
 where not exists (select from migration.object_copy c where c.target_object = n.target_object and c.problem is null)
 order by n.target_object
 limit $1
