-- Purpose: how many rows a table of the store has by the last analyze, and the shares of its regions.
-- $1 table
select c.reltuples::bigint as rows, s.most_common_vals::text::text[] as regions, s.most_common_freqs::float8[] as shares
  from pg_class c
  left join pg_stats s on s.schemaname = 'poco' and s.tablename = c.relname and s.attname = 'region'
 where c.oid = format('poco.%I', $1::text)::regclass
