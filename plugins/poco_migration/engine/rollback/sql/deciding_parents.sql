-- Purpose: the tables of POCO of which more than key and region is named in the log: those columns decide about the rows below.
select c.relname as name
  from pg_index x
  join pg_class c on c.oid = x.indrelid
  join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'poco' and x.indisreplident and x.indnkeyatts > 2
