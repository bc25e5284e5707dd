-- Side: source
-- Demanded: every table and column of the store is named by an entity card with a privacy class, and every named one is there
-- Next: Add the column to entities/<table>/entity.toml with its privacy class (and to extract.sql if it moves), or take out what is gone, then clear this task.
with named (entity, name) as (
    select c.key, n.key
      from jsonb_each(current_setting('migration.cards')::jsonb) c
     cross join lateral jsonb_each(c.value -> 'columns') n
),
present (entity, name) as (
    select c.relname::text, a.attname::text
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'poco'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> 'currencies'       -- POCO's list of decimals: read, and nothing in it moves
),
differing as (
    select coalesce(p.entity, n.entity) || '.' || coalesce(p.name, n.name)
             || case when n.name is null then ' is named by no card' else ' is named and not there' end as what
      from present p
      full join named n on n.entity = p.entity and n.name = p.name
     where p.name is null or n.name is null
)
select 'ALL' as region, coalesce(left(string_agg(what, ', ' order by what), 1000), 'all named') as measured, count(what) = 0 as ok
  from differing
