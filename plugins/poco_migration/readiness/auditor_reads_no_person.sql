-- Side: source
-- Demanded: the auditor reads no personal column in a table of the store, where every region is, India too; the views poco_export.audited_... show them of the regions that move
-- Next: Revoke the named right from poco_auditor (the task install does it for the rights that it has granted itself), then clear this task.
select 'ALL' as region, coalesce(string_agg(c.key || '.' || n.key, ', ' order by c.key, n.key), 'none readable') as measured, count(*) = 0 as ok
  from jsonb_each(current_setting('migration.cards')::jsonb) c
 cross join lateral jsonb_each_text(c.value -> 'columns') n
  join pg_attribute a on a.attrelid = to_regclass('poco.' || quote_ident(c.key)) and a.attname = n.key and not a.attisdropped
 where n.value = 'personal' and has_column_privilege('poco_auditor', a.attrelid, a.attnum, 'select')
