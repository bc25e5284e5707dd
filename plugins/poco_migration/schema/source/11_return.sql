-- Purpose: the only way by which the migration writes to POCO's tables: rows that come back after a rollback.
-- Guard:   only rows whose table and region are closed for good, so the store itself cannot be writing them; only columns
--          that the export views show, so password hashes, card tokens and codes stay as they are.
-- Rerun:   safe; a row that is there already is not written.

-- Refuses unless the fence holds every one of these regions for good.
create or replace function poco_export.require_closed(entity text, regions text[]) returns void
    language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
    open text;
begin
    select string_agg(distinct r, ', ') into open
      from unnest(regions) r where poco_export.fenced() -> entity ->> r is distinct from 'infinity';
    if open is not null then
        raise exception 'POCO store: % of region % is not closed for good, so nothing comes back into it', entity, open using errcode = '55000';
    end if;
end
$$;

-- A transaction in which this was called cannot be committed: a reference that is checked at the very end leads nowhere.
create or replace function poco_export.never_commit() returns void
    language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    name constant text := 'never_commits_' || md5(random()::text);
begin
    execute format('create temp table %1$I (n integer primary key, missing integer references %1$I deferrable initially deferred)', name);
    execute format('insert into %I values (1, 2)', name);
end
$$;

-- rows: [{"id": 1, "region": "DE", "a column that changes": ...}]; columns that a row does not name stay. Makes the row
-- when it is not there. In a rehearsal the store may be open, and the transaction can only be rolled back.
-- Returns the keys that were written.
create or replace function poco_export.put_back(entity text, rows json, rehearsal boolean) returns setof bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    columns text[];
    secret text;
    regions text[];
begin
    select array_agg(distinct k) into columns from json_array_elements(rows) r, json_object_keys(r) k where k <> 'id';
    select string_agg(c, ', ') into secret
      from unnest(columns) c
     where not exists (select from pg_attribute a where a.attrelid = format('poco_export.%I', entity)::regclass and a.attname = c)
        or not exists (select from pg_attribute a where a.attrelid = format('poco.%I', entity)::regclass and a.attname = c);
    if secret is not null then
        raise exception 'POCO store: column % of % never comes back', secret, entity using errcode = '42501';
    end if;
    if rehearsal then
        perform poco_export.never_commit();
    else
        execute format('select array_agg(distinct region) from (select t.region from poco.%I t where t.id in (select (r ->> ''id'')::bigint
                        from json_array_elements($1) r) union select r ->> ''region'' from json_array_elements($1) r) x', entity)
           into regions using rows;
        perform poco_export.require_closed(entity, regions);
    end if;
    return query execute format(
        'with given as materialized (select (r ->> ''id'')::bigint as id, r from json_array_elements($1) r),
              changed as (update poco.%1$I t set (%2$s) = row(%3$s)
                            from (select n.* from poco.%1$I o join given g on g.id = o.id cross join lateral json_populate_record(o, g.r) n) n
                           where t.id = n.id
                       returning t.id),
              made as (insert into poco.%1$I (id, %2$s)
                       select n.id, %3$s from given g cross join lateral json_populate_record(null::poco.%1$I, g.r) n
                        where not exists (select from poco.%1$I o where o.id = g.id)
                        order by n.id
                    returning id)
         select id from changed union all select id from made',
        entity, (select string_agg(quote_ident(c), ', ' order by c) from unnest(columns) c),
        (select string_agg('n.' || quote_ident(c), ', ' order by c) from unnest(columns) c)) using rows;
    -- What comes back cannot bring back a person (10_persons.sql).
    perform poco_export.keep_erased(entity, array(select (r ->> 'id')::bigint from json_array_elements(rows) r));
end
$$;

-- Delete these rows, but none that something of POCO hangs on: a row of any table with a column of one of these names, or
-- with a prefix before it (reserved_order_id). The table's own name is always among them (orders: order_id), whatever is given, and only
-- rows of regions that move are deleted. Returns the keys that are gone.
create or replace function poco_export.take_away(entity text, naming text[], keys bigint[]) returns setof bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    regions text[];
    free text;
begin
    execute format('select array_agg(distinct region) from poco.%I where id = any ($1)', entity) into regions using keys;
    perform poco_export.require_shown(entity, array['id', 'region']);
    perform poco_export.require_closed(entity, regions);
    naming := naming || (regexp_replace(entity, 's$', '') || '_id');
    select string_agg(format(' and not exists (select from poco.%I c where c.%I = t.id)', k.relname, a.attname), '') into free
      from pg_class k join pg_attribute a on a.attrelid = k.oid and a.attnum > 0 and not a.attisdropped
     where k.relnamespace = 'poco'::regnamespace and k.relkind = 'r'
       and exists (select from unnest(naming) n where a.attname = n or right(a.attname, length(n) + 1) = '_' || n);
    return query execute format('delete from poco.%I t where t.id = any ($1) and t.region = any ($2)%s returning t.id', entity, coalesce(free, ''))
      using keys, poco_export.moving();
end
$$;
