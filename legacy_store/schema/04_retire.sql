-- Purpose: the one thing of the shutdown that takes a superuser, as one function that can do nothing else: disable the logins
--          of the migration. POCO's administrator installs it before the migration starts; poco_owner may call it.
-- Run:     in POCO's database, as a superuser. Without it the administrator does the same by hand on the day.
-- Rerun:   safe.

create schema if not exists poco_dba;
revoke all on schema poco_dba from public;

create or replace function poco_dba.retire_migration() returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    ours text;
begin
    for ours in select rolname from pg_roles where rolname in ('poco_migrator', 'poco_follower', 'poco_auditor', 'poco_archivist') loop
        execute format('alter role %I nologin noreplication', ours);
        perform pg_terminate_backend(pid) from pg_stat_activity
          where usename = ours and datname = current_database() and pid <> pg_backend_pid();
    end loop;
end
$$;

revoke all on function poco_dba.retire_migration() from public;
grant usage on schema poco_dba to poco_owner;
grant execute on function poco_dba.retire_migration() to poco_owner;
