-- Purpose: until a region is mi.com's, nobody but the migration changes the rows that came from POCO, or hangs others on
--          them, so that no row is ever writable on both sides. Made by the owner of schema mi, who can take it away when all is handed over.
-- How:     a trigger on each table that takes POCO's rows; its condition lets everything else pass without a call: rows
--          that neither have POCO's keys nor hang on them, and the migrator. It asks migration.system_of_record, and holds the answer until the
--          transaction ends (FOR KEY SHARE): whoever takes the ownership back waits for writers that are under way.
--          What a row hangs on is asked for every foreign key of the catalogue, in mi.com's other schemas too: run this file
--          again when a table was added. What several rows share, accounts and listings, is at the end.
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
    language plpgsql security definer set search_path = pg_catalog, pg_temp
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

-- tg_argv: the column that refers to a row of POCO's, and that row's table, key, entity and home.
create or replace function mi.refuse_what_hangs_on_pocos() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    above  jsonb;
    owner  text;
begin
    if pg_has_role(session_user, 'mi_owner', 'member') or to_regclass('migration.system_of_record') is null then
        return new;
    end if;
    execute format('select to_jsonb(p) from mi.%I p where p.%I = $1', tg_argv[1], tg_argv[2]) into above using (to_jsonb(new) ->> tg_argv[0])::bigint;
    execute 'select s.owner from migration.system_of_record s join mi.market_origins o on o.region = s.region
              where s.entity = $1 and o.market = $2 for key share of s' into owner using tg_argv[3], mi.home_market(tg_argv[4], above);
    if above is not null and owner is distinct from 'Xiaomi' then
        raise exception 'mi.com: % of this region are not handed over by POCO yet, so nothing may hang on them', tg_argv[3] using errcode = '25006';
    end if;
    return new;
end
$$;

-- POCO's keys and POCO's mark are given by the migration alone: with them mi.com's own row would be taken for one of POCO's.
create or replace function mi.refuse_pocos_mark() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(session_user, 'mi_owner', 'member') then
        return new;
    end if;
    raise exception 'mi.com: POCO''s keys and the mark ''poco'' are given by the migration alone' using errcode = '25006';
end
$$;
revoke all on function mi.refuse_what_hangs_on_pocos(), mi.refuse_pocos_mark() from public;

-- A voucher that was issued for a POCO coupon can be spent only once POCO has given the coupon up, which the migration alone knows.
create or replace function mi.refuse_what_is_issued() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
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
    refers record;
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
        execute format('create or replace trigger aa_migration_guard_mark before insert on mi.%1$I for each row
                        when (session_user <> ''mi_migrator'' and new.origin = ''poco'') execute function mi.refuse_pocos_mark()',
                       guarded.name);
        execute format('create or replace trigger aa_migration_guard_remark before update of origin on mi.%1$I for each row
                        when (session_user <> ''mi_migrator'' and new.origin = ''poco'' and old.origin <> ''poco'' and not (new.%2$I %3$s))
                        execute function mi.refuse_pocos_mark()', guarded.name, guarded.key, range);
        for refers in
            select c.conrelid::regclass as child, a.attname as child_column
              from pg_constraint c
              join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
              join pg_attribute k on k.attrelid = c.confrelid and k.attnum = c.confkey[1] and k.attname = guarded.key
             where c.contype = 'f' and c.confrelid = format('mi.%I', guarded.name)::regclass and cardinality(c.conkey) = 1
               and has_table_privilege(c.conrelid, 'trigger')
        loop
            execute format('create or replace trigger %1$I before insert or update of %2$I on %3$s for each row
                            when (session_user <> ''mi_migrator'' and new.%2$I %4$s)
                            execute function mi.refuse_what_hangs_on_pocos(%5$L, %6$L, %7$L, %8$L, %9$L)',
                           left('aa_migration_guard_on_' || refers.child_column, 63), refers.child_column, refers.child, range,
                           refers.child_column, guarded.name, guarded.key, guarded.entity, guarded.home);
        end loop;
    end loop;
end
$$;

-- What several rows share --------------------------------------------------------------------------------------------
--
-- An account that was made for POCO's customers, its verified addresses, and a listing that was made for POCO's articles are
-- there before the handover and must not count before it. mi.com's program does not see them (row security), so nobody
-- signs in with them and nothing is offered; and where it needs such an address or article number itself, they make way: the
-- migration hears of it and joins the customer to the new account, or the article to the new listing.

create or replace function mi.is_handed_over(entity text, market text) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    owner text;
begin
    if to_regclass('migration.system_of_record') is null then
        return true;
    end if;
    execute 'select s.owner from migration.system_of_record s join mi.market_origins o on o.region = s.region
              where s.entity = $1 and o.market = $2' into owner using entity, market;
    return coalesce(owner = 'Xiaomi', false);
end
$$;

-- Whether an account was made for POCO's customers, and every profile under it is POCO's still.
create or replace function mi.is_pocos_account(account bigint) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select exists (select from mi.accounts a where a.account_id = account and a.origin = 'poco')
       and not exists (select from mi.profiles p
                        where p.account_id = account
                          and (p.profile_id not between mi.poco_key(-100000000000000) and mi.poco_key(900000000000000)
                               or mi.is_handed_over('customers', p.market)))
$$;

create or replace function mi.is_pocos_listing(listing bigint) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select exists (select from mi.listings l where l.listing_id = listing and l.origin = 'poco' and not mi.is_handed_over('products', l.market))
$$;

create or replace function mi.refuse_what_shares_with_poco() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not pg_has_role(session_user, 'mi_owner', 'member')
       and (case tg_argv[0] when 'account' then mi.is_pocos_account((to_jsonb(new) ->> 'account_id')::bigint)
                            else mi.is_pocos_listing((to_jsonb(new) ->> 'listing_id')::bigint) end) then
        raise exception 'mi.com: this % is made for what POCO has not handed over yet, so nothing may hang on it', tg_argv[0] using errcode = '25006';
    end if;
    return new;
end
$$;

-- A person signs up with an address that POCO's customer has verified: the address is the new account's, and the customer
-- is to be copied once more, which joins it to that account.
create or replace function mi.make_way_for_identity() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account constant bigint := (select i.account_id from mi.account_identities i where i.kind = new.kind and i.value = new.value);
begin
    if account is null or account = new.account_id or not mi.is_pocos_account(account) then
        return new;
    end if;
    delete from mi.account_identities i where i.kind = new.kind and i.value = new.value;
    execute 'insert into migration.dirty (entity, source_key, family)
             select ''customers'', p.profile_id - mi.poco_key(0), false from mi.profiles p where p.account_id = $1' using account;
    return new;
end
$$;

-- mi.com offers an article number that a listing was made for: that one is set aside under a name of its own until the copy of its
-- articles has put them on the new listing.
create or replace function mi.make_way_for_listing() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    listing constant bigint := (select l.listing_id from mi.listings l where l.market = new.market and l.sku_key = new.sku_key);
begin
    if listing is null or not mi.is_pocos_listing(listing) then
        return new;
    end if;
    update mi.listings l set sku_key = 'POCO ' || listing where l.listing_id = listing;
    execute 'insert into migration.dirty (entity, source_key, family)
             select ''products'', i.item_id - mi.poco_key(0), false from mi.brand_items i where i.listing_id = $1' using listing;
    return new;
end
$$;
revoke all on function mi.refuse_what_shares_with_poco(), mi.make_way_for_identity(), mi.make_way_for_listing() from public;

create or replace trigger aa_migration_guard_account before insert or update of account_id on mi.account_identities for each row
    when (session_user <> 'mi_migrator') execute function mi.refuse_what_shares_with_poco('account');
create or replace trigger aa_migration_guard_account before insert or update of account_id on mi.profiles for each row
    when (session_user <> 'mi_migrator') execute function mi.refuse_what_shares_with_poco('account');
create or replace trigger aa_migration_guard_listing before insert or update of listing_id on mi.brand_items for each row
    when (session_user <> 'mi_migrator') execute function mi.refuse_what_shares_with_poco('listing');
create or replace trigger aa_migration_make_way before insert or update of kind, value on mi.account_identities for each row
    when (session_user <> 'mi_migrator') execute function mi.make_way_for_identity();
create or replace trigger aa_migration_make_way before insert or update of market, sku_key on mi.listings for each row
    when (session_user <> 'mi_migrator' and new.origin = 'mi') execute function mi.make_way_for_listing();

do $$
declare
    shared record;
begin
    for shared in
        select * from (values
            ('accounts', 'origin = ''mi'' or not mi.is_pocos_account(account_id)'),
            ('account_identities', 'not mi.is_pocos_account(account_id)'),
            ('listings', 'origin = ''mi'' or mi.is_handed_over(''products'', market)')) t (name, seen)
    loop
        execute format('alter table mi.%I enable row level security', shared.name);
        execute format('drop policy if exists migration_all on mi.%I', shared.name);
        execute format('drop policy if exists migration_not_pocos on mi.%I', shared.name);
        -- Everybody sees all of Xiaomi's own; the migration and the auditors see POCO's too.
        execute format('create policy migration_all on mi.%I to mi_migrator, mi_auditor using (true) with check (true)', shared.name);
        execute format('create policy migration_not_pocos on mi.%I using (%s) with check (true)', shared.name, shared.seen);
    end loop;
end
$$;
