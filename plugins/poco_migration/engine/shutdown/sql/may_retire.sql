-- Purpose: whether the migration's logins at POCO are disabled already, or whoever asks (poco_owner) may disable them.
select coalesce(has_function_privilege(to_regprocedure('poco_dba.retire_migration()')::oid, 'execute'), false)
    or not exists (select from pg_roles where rolname in ('poco_migrator', 'poco_follower', 'poco_auditor', 'poco_archivist') and rolcanlogin)
