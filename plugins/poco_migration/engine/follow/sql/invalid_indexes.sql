-- Purpose: indexes of the store that an interrupted concurrent build has left unusable (on the source).
select c.relname as name
  from pg_index x join pg_class c on c.oid = x.indexrelid
 where c.relnamespace = 'poco'::regnamespace and not x.indisvalid
