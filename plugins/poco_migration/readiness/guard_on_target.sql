-- Side: target
-- Demanded: mi.com's tables refuse writes to rows that are POCO's still, and rows that hang on them
-- Next: mi.com's owner runs mi_platform/schema/03_guard.sql; then clear this task.
with trigger as (
    select t.tgname, t.tgrelid from pg_trigger t where t.tgname like 'aa\_migration\_%' and t.tgenabled <> 'D'),
guarded as (
    select tgrelid from trigger where tgname = 'aa_migration_guard_old'),
reference as (                          -- foreign keys to what is guarded, and whether a trigger asks for the row they name
    select t.tgrelid is not null as asked
      from pg_constraint c
      join guarded g on g.tgrelid = c.confrelid
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      left join trigger t on t.tgrelid = c.conrelid and t.tgname = left('aa_migration_guard_on_' || a.attname, 63)
     where c.contype = 'f'),
counted as (
    select (select count(*) from trigger where tgname in ('aa_migration_guard_new', 'aa_migration_guard_old')) as pairs,
           (select count(*) from trigger where tgname in ('aa_migration_guard_account', 'aa_migration_guard_listing', 'aa_migration_make_way')) as shared,
           (select count(*) from pg_policy where polname in ('migration_all', 'migration_not_pocos')) as policies,
           (select count(*) from reference where not asked) as open)
select 'ALL' as region,
       pairs || ' of 36 triggers are there and enabled, ' || shared || ' of 5 for what is shared, ' || policies || ' of 6 policies; '
           || open || ' foreign keys are not guarded' as measured,
       (pairs, shared, policies, open) = (36, 5, 6, 0) as ok
  from counted
