-- Side: target
-- Demanded: the migrator adds to the ledger's evidence and can rewrite none of it: it owns neither schema migration nor a table of it, and may not update, delete or truncate certificates, drafts and gates, nor take away a signature
-- Next: Have the administrator run: reassign owned by mi_migrator to mi_ledger (docs/runbook.md, "Roles"); clear the task install. Whoever has had the right meanwhile may have used it: compare the bucket's certificates with verify.py. Then clear this task.
with evidence as (
    select to_regclass('migration.' || name) as relation, name = 'approval' as signed
      from unnest(array['certificate', 'draft', 'gate', 'approval', 'approval_before', 'objection']) as name
),
found as (
    select 'owner of ' || oid::regclass as what from pg_class
     where relnamespace = to_regnamespace('migration') and pg_get_userbyid(relowner) = 'mi_migrator' and relkind in ('r', 'v', 'S')
     union all
    select 'owner of the schema' from pg_namespace where nspname = 'migration' and pg_get_userbyid(nspowner) = 'mi_migrator'
     union all
    select 'may rewrite ' || relation from evidence
     where relation is not null and (has_table_privilege('mi_migrator', relation, 'delete, truncate, trigger')
                                     or has_table_privilege('mi_migrator', relation, 'update'))
     union all
    select 'member of mi_ledger' where pg_has_role('mi_migrator', 'mi_ledger', 'member')
     union all
    select 'approval keeps nothing' from evidence
     where signed and relation is not null
       and not exists (select from pg_trigger where tgrelid = relation and tgname = 'keep_replaced' and tgenabled = 'A')
)
select 'ALL' as region, coalesce(string_agg(what, ', ' order by what), 'it only grows') as measured, count(*) = 0 as ok
  from found
