-- Side: source
-- Demanded: no table of the store hides rows from its owner (forced row security)
-- Next: Run: alter table ... no force row level security, for each named table: rows that the owner does not see would not move, and nobody would be told. Then clear this task.
select 'ALL' as region, coalesce(string_agg(c.relname, ', '), 'none') as measured, count(c.relname) = 0 as ok
  from pg_class c
 where c.relnamespace = 'poco'::regnamespace and c.relrowsecurity and c.relforcerowsecurity
