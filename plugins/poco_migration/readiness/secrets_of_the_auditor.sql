-- Side: source
-- Demanded: neither the auditor nor a view of poco_export can read a column that a card calls secret (password hashes, payment tokens, coupon codes)
-- Next: Revoke the named right from poco_auditor, or take the column out of the view, then clear this task.
with secret as (
    select c.key as entity, n.key as name
      from jsonb_each(current_setting('migration.cards')::jsonb) c
     cross join lateral jsonb_each_text(c.value -> 'columns') n
     where n.value = 'secret'
),
reached as (
    select 'poco_auditor reads ' || s.entity || '.' || s.name as what
      from secret s
      join pg_attribute a on a.attrelid = to_regclass('poco.' || quote_ident(s.entity)) and a.attname = s.name and not a.attisdropped
     where has_column_privilege('poco_auditor', a.attrelid, a.attnum, 'select')
     union all
    select 'view ' || v.relname || ' shows ' || s.name
      from secret s
      join pg_class v on v.relnamespace = to_regnamespace('poco_export') and v.relname = s.entity
      join pg_attribute a on a.attrelid = v.oid and a.attname = s.name and not a.attisdropped
)
select 'ALL' as region, coalesce(string_agg(what, ', '), 'none readable') as measured, count(what) = 0 as ok
  from reached
