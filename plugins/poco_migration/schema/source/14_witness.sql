-- Purpose: how the closed store looks from outside, in numbers alone, for poco_witness: the one role of the migration that
--          is left when the others are disabled. It has no right but this function.
-- Shape:   (what, region, number); ALL where it is about the whole. After the shutdown each number is 0.
-- Why:     a write is tried, and not only the fence looked at: on one row of every table, and with a new row, so that a region without
--          rows is tried as well; as a session that the fence does not let pass. What was written is taken back within the same
--          statement, and what a constraint refuses has passed the fence. Nothing is tried in a region that stays.
-- Rerun:   safe; changes nothing. Refuses in a read-only transaction, where every write would seem to be refused.

create or replace function poco_export.writable(entity text, region text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    written bigint;
begin
    begin
        execute format('update poco.%I set region = region where id = (select min(id) from poco.%I where region = $1)', entity, entity) using region;
        get diagnostics written = row_count;
        raise exception 'taken back' using errcode = case when written > 0 then 'PW001' else 'PW000' end;
    exception
        when sqlstate 'PW001' then return true;
        when sqlstate 'PW000' or read_only_sql_transaction then null;
    end;
    execute format('insert into poco.%I (id, region) values (-9000000000000000000, $1)', entity) using region;
    raise exception 'taken back' using errcode = 'PW001';
exception
    when read_only_sql_transaction then return false;
    when sqlstate 'PW001' or integrity_constraint_violation then return true;
end
$$;

create or replace function poco_export.remains(regions text[], slot text) returns table (what text, region text, number bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    if current_setting('transaction_read_only') = 'on' or session_user = 'poco_migrator' then
        raise exception 'POCO store: ask as poco_witness, in a transaction that may write' using errcode = '55000';
    end if;
    return query
    with t as (select c.oid, c.relname::text as entity from pg_class c
                where c.relnamespace = 'poco'::regnamespace and c.relkind = 'r' and c.relname <> 'currencies'),
         r as (select s.region from poco_export.scope s where s.region = any (regions) and s.decision = 'move'),
         ours as (select a.rolname, a.rolcanlogin, a.rolreplication from pg_roles a
                   where a.rolname in ('poco_migrator', 'poco_follower', 'poco_auditor', 'poco_archivist'))
    select 'live tokens', r.region, (select count(*) from poco.app_tokens a where a.region = r.region and a.revoked_at is null) from r
     union all
    select 'open tables', r.region,
           (select count(*) from t
             where poco_export.fenced() -> t.entity ->> r.region is distinct from 'infinity'
                or not exists (select from pg_trigger g where g.tgrelid = t.oid and g.tgname = 'zz_migration_fence' and g.tgenabled = 'A'))
      from r
     union all
    select 'writable tables', r.region, (select count(*) from t where poco_export.writable(t.entity, r.region)) from r
     union all
    select 'ways to write', 'ALL', count(*)
      from pg_proc p
     where p.pronamespace = 'poco_export'::regnamespace and p.prosecdef and p.provolatile = 'v' and p.prorettype <> 'trigger'::regtype
       and has_function_privilege('poco_migrator', p.oid, 'execute')
     union all
    select 'publications', 'ALL', count(*) from pg_publication where pubname = 'poco_migration'
     union all
    select 'slots', 'ALL', count(*) from pg_replication_slots where slot_name = slot
     union all
    select 'logins', 'ALL', count(*) from ours where rolcanlogin or rolreplication
     union all
    select 'rights', 'ALL', count(*)
      from ours cross join pg_namespace s
     where s.nspname in ('poco', 'poco_export', 'poco_archive') and has_schema_privilege(ours.rolname, s.oid, 'usage');
end
$$;

-- What the shutdown takes from the migration's roles, in two steps: first the ways to write, at last everything.
create or replace procedure poco_export.take_ways_to_write() language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    f regprocedure;
begin
    for f in select p.oid from pg_proc p
              where p.pronamespace = 'poco_export'::regnamespace and p.prosecdef and p.provolatile = 'v' and p.prorettype <> 'trigger'::regtype loop
        execute format('revoke all on function %s from poco_migrator', f);
    end loop;
end
$$;

create or replace procedure poco_export.take_rights() language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    ours text;
    theirs text;
begin
    for ours in select rolname from pg_roles where rolname in ('poco_migrator', 'poco_follower', 'poco_auditor', 'poco_archivist') loop
        for theirs in select nspname from pg_namespace where nspname in ('poco', 'poco_export', 'poco_archive') loop
            execute format('revoke all on all tables in schema %I from %I', theirs, ours);
            execute format('revoke all on all functions in schema %I from %I', theirs, ours);
            execute format('revoke all on schema %I from %I', theirs, ours);
        end loop;
    end loop;
end
$$;

revoke all on function poco_export.writable(text, text), poco_export.remains(text[], text) from public;
revoke all on procedure poco_export.take_ways_to_write(), poco_export.take_rights() from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'poco_witness') then
        grant usage on schema poco_export to poco_witness;
        grant execute on function poco_export.remains(text[], text) to poco_witness;
    end if;
end
$$;
