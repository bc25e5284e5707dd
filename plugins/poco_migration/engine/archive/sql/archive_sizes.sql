-- Purpose: how many rows each of these tables of the store has, by its last analyze; 0 where it was never analyzed.
-- $1 tables
select name, coalesce(greatest(c.reltuples, 0), 0)::bigint as rows
  from unnest($1::text[]) name
  left join pg_class c on c.relname = name and c.relnamespace = 'poco'::regnamespace
