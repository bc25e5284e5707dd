-- Purpose: keep by key what anybody but the migration changes in the rows that came from POCO, in what hangs on them and in what they share with
--          mi.com's own, so that a way back looks at these keys and not at every row. Keys only, never a value.
-- How:     triggers behind each change, made ENABLE ALWAYS: no setting of a session switches them off. Who disables, drops or makes one anew
--          leaves another row in pg_trigger, and who empties or rewrites a table another file: the way back looks for both, and
--          then compares every row. The list is the migration's (migration.changed_at_mi): nobody at mi.com can take a line out of it.
-- Rerun:   safe before the cutover. Behind it a rerun makes the function anew, and the next plan of a way back compares every row once more.

-- tg_argv: the key column; for a `shared` trigger the column that is shared, the table whose rows share it, and the key of those.
create or replace function mi.note_change() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    kind constant text := substring(tg_name from '[a-z]+$');
begin
    if to_regclass('migration.changed_at_mi') is null then
        return null;                                -- before the migration has come
    elsif kind in ('all', 'any', 'anew') then
        insert into migration.changed_at_mi (table_name, key) values (tg_table_name, null);
    elsif kind = 'shared' then
        execute format('insert into migration.changed_at_mi (table_name, key)
                        select %2$L, t.%3$I from mi.%2$I t
                         where t.%1$I in (($1 ->> %1$L)::bigint, ($2 ->> %1$L)::bigint)
                           and t.%3$I between mi.poco_key(-100000000000000) and mi.poco_key(900000000000000)
                           and not exists (select from migration.changed_at_mi c where (c.table_name, c.key) = (%2$L, t.%3$I))',
                       tg_argv[0], tg_argv[1], tg_argv[2]) using to_jsonb(old), to_jsonb(new);
    else
        insert into migration.changed_at_mi (table_name, key)
        select tg_table_name, r.key
          from (select (to_jsonb(case kind when 'new' then new else old end) ->> tg_argv[0])::bigint as key) r
         where not exists (select from migration.changed_at_mi c where (c.table_name, c.key) = (tg_table_name::text, r.key));
    end if;
    return null;
end
$$;
revoke all on function mi.note_change() from public;

do $$
declare
    t record;
    watch record;
    -- A copy of the migration's changes nothing that a way back has to look for; what else it does, it asks for (migration.noted).
    other constant text := '(session_user <> ''mi_migrator'' or current_setting(''migration.noted'', true) = ''on'')';
    range constant text := 'between mi.poco_key(-100000000000000) and mi.poco_key(900000000000000)';
begin
    for t in
        select w.name, w.key, coalesce(w.shares, '{}') as shares,
               (select string_agg(format('new.%I %s', p, range), ' or ') from unnest(array_remove(w.key || w.parents, null)) p)
                 || case when exists (select from pg_attribute a where a.attrelid = format('mi.%I', w.name)::regclass and a.attname = 'origin')
                         then ' or new.origin = ''poco''' else '' end as ours
          from (values
            ('profiles', 'profile_id', '{}'::text[], '{account_id,profiles,profile_id}'::text[]),
            ('addresses', 'address_id', '{profile_id}', null),
            ('consents', 'consent_id', '{profile_id}', null),
            ('brand_items', 'item_id', '{}', '{listing_id,brand_items,item_id}'),
            ('item_prices', 'price_id', '{item_id}', null),
            ('orders', 'order_id', '{profile_id}', null),
            ('order_lines', 'line_id', '{order_id,item_id}', null),
            ('payments', 'payment_id', '{order_id}', null),
            ('refunds', 'refund_id', '{payment_id}', null),
            ('returns', 'return_id', '{line_id}', null),
            ('service_cases', 'case_id', '{profile_id,order_id}', null),
            ('case_messages', 'message_id', '{case_id}', null),
            ('warranties', 'warranty_id', '{profile_id,line_id}', null),
            ('accounts', null, '{}', '{account_id,profiles,profile_id}'),
            ('account_identities', null, '{}', '{account_id,profiles,profile_id}'),
            ('listings', null, '{}', '{listing_id,brand_items,item_id}'),
            ('market_origins', 'origin_id', '{}', null)) w (name, key, parents, shares)
    loop
        for watch in
            select 'all' as kind, 'truncate' as events, 'statement' as each, '' as condition
             -- Which market is which region decides about every row.
             union all select 'any', 'insert or delete', 'statement', '' where t.name = 'market_origins'
             union all select 'anew', 'update', 'row', '(old.market, old.region) is distinct from (new.market, new.region)' where t.name = 'market_origins'
             union all select 'shared', 'insert or update or delete', 'row', other where t.shares <> '{}'
             union all select 'new', 'insert or update', 'row', format('%s and (%s)', other, t.ours) where t.key is not null
             union all select 'gone', 'delete', 'row', format('%s and old.%I %s', other, coalesce(t.key, ''), range) where t.key is not null
             union all select 'moved', 'update', 'row', format('%1$s and old.%2$I %3$s and new.%2$I <> old.%2$I', other, coalesce(t.key, ''), range) where t.key is not null
        loop
            -- One that is there and awake stays: made anew, it would look as if somebody had switched it off meanwhile.
            if not exists (select from pg_trigger g where g.tgrelid = format('mi.%I', t.name)::regclass
                              and g.tgname = 'zz_migration_changed_' || watch.kind and g.tgenabled = 'A') then
                execute format('create or replace trigger zz_migration_changed_%s after %s on mi.%I for each %s %s execute function mi.note_change(%s)',
                               watch.kind, watch.events, t.name, watch.each, coalesce('when (' || nullif(watch.condition, '') || ')', ''),
                               case watch.kind when 'shared' then (select string_agg(quote_literal(a), ', ') from unnest(t.shares) a)
                                               when 'all' then '' when 'any' then '' when 'anew' then '' else quote_literal(t.key) end);
                execute format('alter table mi.%I enable always trigger zz_migration_changed_%s', t.name, watch.kind);
            end if;
        end loop;
    end loop;
end
$$;
