-- Purpose: refuse writes to what POCO no longer owns, in the database itself: for every role but the migrator, inside
--          transactions that were already running, through functions, and row by row, so that India goes on.
-- How:     triggers are made here, disabled. Raising the fence replaces poco_export.fenced() and enables the triggers
--          ALWAYS: taking the table's lock for that proves that no earlier writer is left. What is fenced stands in a
--          function's text and not in a table, because a transaction on an old snapshot would not see a table's new row.
-- Shape:   fenced() is {"orders": {"DE": "2024-10-21T00:01:00Z"}}; after that instant the store is open again by
--          itself, whoever is dead; "infinity" is for good.
-- Rerun:   safe; fenced() is made only where it is missing, so installing again never opens a closed store.

do $$
begin
    if to_regprocedure('poco_export.fenced()') is null then
        create function poco_export.fenced() returns jsonb language sql stable as $f$ select '{}'::pg_catalog.jsonb $f$;
    end if;
end
$$;

create or replace function poco_export.refuse_write() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    closed constant jsonb := poco_export.fenced() -> tg_table_name;
    region text;
begin
    if closed is null or session_user = 'poco_migrator' then
        return case tg_op when 'DELETE' then old else new end;
    end if;
    if tg_op = 'TRUNCATE' then
        if exists (select from jsonb_each_text(closed) c where clock_timestamp() < c.value::timestamptz) then
            raise exception 'POCO store: % is moving to mi.com, nothing may be truncated', tg_table_name using errcode = '25006';
        end if;
        return null;
    end if;
    if tg_op <> 'INSERT' then
        region := old.region;
        if clock_timestamp() < (closed ->> region)::timestamptz then
            raise exception 'POCO store: % of region % belong to mi.com now', tg_table_name, region using errcode = '25006';
        end if;
    end if;
    if tg_op <> 'DELETE' then
        region := new.region;
        if clock_timestamp() < (closed ->> region)::timestamptz then
            raise exception 'POCO store: % of region % belong to mi.com now', tg_table_name, region using errcode = '25006';
        end if;
        return new;
    end if;
    return old;
end
$$;

do $$
declare
    name text;
begin
    for name in select tablename from pg_tables where schemaname = 'poco' and tablename not in ('currencies') loop
        if not exists (select from pg_trigger where tgrelid = format('poco.%I', name)::regclass and tgname = 'zz_migration_fence') then
            execute format('create trigger zz_migration_fence before insert or update or delete on poco.%I
                            for each row execute function poco_export.refuse_write()', name);
            execute format('alter table poco.%I disable trigger zz_migration_fence', name);
            execute format('create trigger zz_migration_fence_truncate before truncate on poco.%I
                            for each statement execute function poco_export.refuse_write()', name);
            execute format('alter table poco.%I disable trigger zz_migration_fence_truncate', name);
        end if;
    end loop;
end
$$;
