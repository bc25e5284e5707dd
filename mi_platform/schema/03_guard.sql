-- Purpose: until a region is mi.com's, nobody but the migration changes the rows that came from POCO, or hangs others on
--          them, so that no row is ever writable on both sides. Made by the owner of schema mi, who can take it away when all is handed over.
-- How:     a trigger on each table that takes POCO's rows; its condition lets everything else pass without a call: rows
--          that neither have POCO's keys nor hang on them, and the migrator. It asks migration.system_of_record, and holds the answer until the
--          transaction ends (FOR KEY SHARE): whoever takes the ownership back waits for writers that are under way.
-- Rerun:   safe.

grant usage on schema mi to mi_app;
grant select, insert, update, delete on all tables in schema mi to mi_app;
revoke insert, update, delete on mi.currencies, mi.markets, mi.market_origins from mi_app;
grant usage on all sequences in schema mi to mi_app;
grant execute on function mi.poco_key(bigint) to mi_app;

-- The market of a row, by the table it hangs on: its own column, or that of the row above it.
create or replace function mi.home_market(home text, r jsonb) returns text
    language sql stable
    begin atomic
        select case home
            when 'own'      then r ->> 'market'
            when 'profile'  then (select p.market from mi.profiles p where p.profile_id = (r ->> 'profile_id')::bigint)
            when 'item'     then (select i.market from mi.brand_items i where i.item_id = (r ->> 'item_id')::bigint)
            when 'order'    then (select o.market from mi.orders o where o.order_id = (r ->> 'order_id')::bigint)
            when 'line'     then (select o.market from mi.order_lines l join mi.orders o on o.order_id = l.order_id
                                   where l.line_id = (r ->> 'line_id')::bigint)
            when 'payment'  then (select o.market from mi.payments p join mi.orders o on o.order_id = p.order_id
                                   where p.payment_id = (r ->> 'payment_id')::bigint)
            when 'case'     then (select c.market from mi.service_cases c where c.case_id = (r ->> 'case_id')::bigint)
            when 'shipment' then (select o.market from mi.shipments s join mi.orders o on o.order_id = s.order_id
                                   where s.shipment_id = (r ->> 'shipment_id')::bigint)
        end;
    end;

-- tg_argv: the entity, and the home of its rows.
create or replace function mi.refuse_what_is_pocos() returns trigger
    language plpgsql security definer set search_path = pg_catalog
as $$
declare
    -- The new row where the trigger is about what it becomes, the old one where it is about what it was.
    r      constant jsonb := to_jsonb(case tg_name when 'aa_migration_guard_new' then new else old end);
    owner  text;
begin
    -- The owner of the tables could take the guard away as well.
    if pg_has_role(session_user, 'mi_owner', 'member') or to_regclass('migration.system_of_record') is null then
        return case tg_op when 'DELETE' then old else new end;
    end if;
    execute 'select s.owner from migration.system_of_record s join mi.market_origins o on o.region = s.region
              where s.entity = $1 and o.market = $2 for key share of s' into owner using tg_argv[0], mi.home_market(tg_argv[1], r);
    if owner is distinct from 'Xiaomi' then
        raise exception 'mi.com: % of this region are not handed over by POCO yet', tg_argv[0] using errcode = '25006';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end
$$;
revoke all on function mi.refuse_what_is_pocos(), mi.home_market(text, jsonb) from public;

-- A voucher that was issued for a POCO coupon can be spent only once POCO has given the coupon up, which the migration alone knows.
create or replace function mi.refuse_what_is_issued() returns trigger
    language plpgsql set search_path = pg_catalog
as $$
begin
    raise exception 'mi.com: this voucher stands for a coupon that POCO has not given up yet' using errcode = '25006';
end
$$;
create or replace trigger aa_migration_guard_issued before update or delete on mi.vouchers for each row
    when (old.state = 'issued' and old.origin = 'poco' and session_user not in ('mi_migrator', 'mi_owner')) execute function mi.refuse_what_is_issued();

do $$
declare
    guarded record;
    range constant text := 'between mi.poco_key(-100000000000000) and mi.poco_key(900000000000000)';
    hangs text;
begin
    for guarded in
        select * from (values
            ('profiles', 'profile_id', null, 'customers', 'own'),
            ('addresses', 'address_id', 'profile_id', 'addresses', 'profile'),
            ('consents', 'consent_id', 'profile_id', 'consents', 'profile'),
            ('brand_items', 'item_id', null, 'products', 'own'),
            ('item_prices', 'price_id', 'item_id', 'product_prices', 'item'),
            ('orders', 'order_id', 'profile_id', 'orders', 'own'),
            ('order_lines', 'line_id', 'order_id', 'order_items', 'order'),
            ('payments', 'payment_id', 'order_id', 'payments', 'order'),
            ('refunds', 'refund_id', 'payment_id', 'refunds', 'payment'),
            ('returns', 'return_id', 'line_id', 'returns', 'line'),
            ('service_cases', 'case_id', 'profile_id', 'tickets', 'own'),
            ('case_messages', 'message_id', 'case_id', 'ticket_messages', 'case'),
            ('warranties', 'warranty_id', 'profile_id', 'warranty_claims', 'own'),
            ('shipments', 'shipment_id', 'order_id', 'shipments', 'order'),
            ('shipment_events', 'event_id', 'shipment_id', 'shipment_events', 'shipment'),
            ('reviews', 'review_id', 'item_id', 'reviews', 'item'),
            ('order_discounts', 'discount_id', 'order_id', 'coupon_redemptions', 'order'),
            ('loyalty_entries', 'entry_id', 'profile_id', 'points_ledger', 'profile')) g (name, key, parent, entity, home)
    loop
        hangs := case when guarded.parent is null then '' else format(' or new.%I %s', guarded.parent, range) end;
        execute format('create or replace trigger aa_migration_guard_new before insert or update on mi.%1$I for each row
                        when (session_user <> ''mi_migrator'' and (new.%2$I %3$s%6$s)) execute function mi.refuse_what_is_pocos(%4$L, %5$L)',
                       guarded.name, guarded.key, range, guarded.entity, guarded.home, hangs);
        execute format('create or replace trigger aa_migration_guard_old before update or delete on mi.%1$I for each row
                        when (session_user <> ''mi_migrator'' and old.%2$I %3$s) execute function mi.refuse_what_is_pocos(%4$L, %5$L)',
                       guarded.name, guarded.key, range, guarded.entity, guarded.home);
    end loop;
end
$$;
