-- Purpose: what a superuser alone sees of pg_hba.conf, as one function: by which lines a role of the migration could take a copy of the
--          whole server. POCO's administrator installs it before the migration starts; poco_owner may call it.
-- Shape:   one text for each line that lets a role of ours into the database "replication" and that no line before it refuses;
--          no row: none does.
-- Run:     in POCO's database, as a superuser, behind 04_retire.sql. Rerun: safe.

create or replace function poco_dba.replication_doors() returns setof text
    language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    with rules as (
        select rule_number, line_number, type, address, netmask, auth_method, user_name
          from pg_hba_file_rules
         where 'replication' = any (database) and error is null
           and (user_name && array['all', 'poco_follower', 'poco_migrator', 'poco_auditor', 'poco_archivist', 'poco_witness', 'poco_owner']
                or exists (select from unnest(user_name) u where u ~ '^[+/]')))
    select format('line %s: %s %s %s', r.line_number, r.type, array_to_string(r.user_name, ','), coalesce(r.address, 'socket'))
      from rules r
     where r.auth_method <> 'reject'
       and not exists (select from rules f
                        where f.rule_number < r.rule_number and f.auth_method = 'reject' and 'all' = any (f.user_name)
                          and (f.type = r.type or f.type = 'host' and r.type like 'host%')
                          and (f.address is null or f.address = 'all' or (f.address, f.netmask) is not distinct from (r.address, r.netmask)))
     order by r.rule_number;
end;

revoke all on function poco_dba.replication_doors() from public;
grant execute on function poco_dba.replication_doors() to poco_owner;
