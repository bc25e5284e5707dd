-- Purpose: who may do what in the ledger. Its owner (mi_ledger) installs it and does nothing else; the migrator works with it, but what
--          people rely on afterwards it can only add to: certificates, drafts, the verdicts of gates, signatures.
-- Shape:   migration.approval_before holds each signature that was replaced by a newer one of the same person. Only a trigger writes it.
-- Rerun:   safe. Run last: what an earlier file has made is granted here, so a table with evidence belongs into the list below.

create table if not exists migration.approval_before (
    seq         bigint      generated always as identity primary key,
    replaced_at timestamptz not null default clock_timestamp(),
    replaced_by text        not null default session_user,
    signature   jsonb       not null            -- the whole row as it was
);

create or replace function migration.keep_replaced() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if new is distinct from old then
        insert into migration.approval_before (signature) values (to_jsonb(old));
    end if;
    return new;
end
$$;
revoke all on function migration.keep_replaced() from public;
create or replace trigger keep_replaced before update on migration.approval for each row execute function migration.keep_replaced();
alter table migration.approval enable always trigger keep_replaced;

revoke all on schema migration from public;
grant usage on schema migration to mi_migrator, mi_board;
grant select, insert, update, delete, maintain on all tables in schema migration to mi_migrator;
grant usage, select on all sequences in schema migration to mi_migrator;
revoke all on all functions in schema migration from public;
grant execute on all functions in schema migration to mi_migrator;
revoke all on function migration.keep_replaced() from mi_migrator;

-- Evidence: to add, to read, and to lock while one is added (MAINTAIN changes no row).
do $$
declare
    evidence text;
begin
    for evidence in select c.relname from pg_class c
                     where c.relnamespace = 'migration'::regnamespace and c.relkind = 'r'
                       and c.relname in ('certificate', 'draft', 'gate', 'approval', 'approval_before', 'objection') loop
        execute format('revoke all on migration.%I from mi_migrator', evidence);
        execute format('grant select, insert, maintain on migration.%I to mi_migrator', evidence);
        execute format('grant select on migration.%I to mi_auditor', evidence);
    end loop;
    -- Who signs again signs something newer. The trigger keeps what it replaces, and whose signature it is cannot be changed.
    execute (select format('grant update (%s) on migration.approval to mi_migrator', string_agg(quote_ident(attname), ', ' order by attnum))
               from pg_attribute
              where attrelid = 'migration.approval'::regclass and attnum > 0 and not attisdropped
                and attname not in ('stage', 'run', 'subject', 'approver'));
end
$$;
revoke insert, maintain on migration.approval_before from mi_migrator;

-- The page POCO in Airflow's menu: what it shows, and nothing else.
grant select on migration.readiness, migration.scope, migration.system_of_record, migration.backlog, migration.stream to mi_board;
grant select (sequence, stage, run, issued_at, report, sha256) on migration.certificate to mi_board;
-- What is to be signed now, and who has signed it.
grant select on migration.draft, migration.gate to mi_board;
grant select (stage, run, subject, approver, shown) on migration.approval to mi_board;
