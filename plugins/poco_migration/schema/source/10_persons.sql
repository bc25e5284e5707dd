-- Purpose: the rows of a person in POCO's own tables: to hand them to the person, to erase them, and to see that nothing
--          is left. The only way by which the migration reads what no view shows, and it names nobody of a region that stays.
-- Guard:   only who has a tombstone is erased, and only as holding says; the migrator cannot write holding. So many tombstones a day
--          are made and no more (poco_export.rules). What is shown or searched is of regions that move, without secrets. Passes the
--          fence, which lets the migrator pass.
-- Rerun:   safe; what is erased already is not written again.

create or replace function poco_export.staying() returns text[]
    language sql stable set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(region), '{}') from poco_export.scope where decision = 'stay';
end;

-- How many of these persons POCO has and nobody has buried.
create or replace function poco_export.not_buried(persons bigint[]) returns bigint
    language sql volatile set search_path = pg_catalog, pg_temp
begin atomic
    select count(*) from poco.customers c
     where c.id = any (persons) and c.region <> all (poco_export.staying())
       and not exists (select from poco_export.tombstones b where b.customer_id = c.id);
end;

-- Write down that these persons are never to come back. From here on the views hide them, whatever the tables say.
-- Returns those whose rows are to be erased: who was not buried before, and who has risen since.
create or replace function poco_export.bury(persons bigint[]) returns setof bigint
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    fresh bigint;
    room  bigint;
begin
    fresh := poco_export.not_buried(persons);
    if fresh > 0 then
        lock table poco_export.tombstones in share row exclusive mode;  -- or two at once would both find the same room
        fresh := poco_export.not_buried(persons);
        room := greatest(0, coalesce((select r.erasures_a_day from poco_export.rules r), 200)
                            - (select count(*) from poco_export.tombstones b where b.since > now() - interval '1 day'));
        if fresh > room then
            raise exception 'POCO store: % persons are to be erased and % are left for today; if it is right, poco_owner raises erasures_a_day in poco_export.rules',
                fresh, room using errcode = '54000';
        end if;
    end if;
    return query
    with given as (select p from unnest(persons) p
                    where not exists (select from poco.customers c where c.id = p and c.region = any (poco_export.staying()))),
         buried as (insert into poco_export.tombstones (customer_id) select p from given order by p
                        on conflict do nothing
                 returning customer_id)
    select g.p from given g
     where g.p in (select customer_id from buried)
        or exists (select from poco.customers c where c.id = g.p and c.status <> 3);
end
$$;

-- The keys of their rows, table by table: persons first, then what hangs on them.
create or replace function poco_export.person_keys(persons bigint[]) returns table (entity text, source_key bigint)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    h     poco_export.holding;
    above bigint[];
    keys  bigint[];
    found jsonb := '{}';
begin
    for h in select * from poco_export.holding order by depth, holding.entity loop
        above := case when h.hangs_on is null then persons
                      else array(select jsonb_array_elements_text(found -> h.hangs_on)::bigint) end;
        execute format('select coalesce(array_agg(id order by id), ''{}'') from poco.%I where %I = any ($1) and region <> all ($2)',
                       h.entity, h.by_column) into keys using above, poco_export.staying();
        found := found || jsonb_build_object(h.entity, to_jsonb(keys));
        return query select h.entity, k from unnest(keys) k;
    end loop;
end
$$;

-- Their rows, without secrets, as the person is handed them. json and not jsonb: some of it no jsonb can hold.
create or replace function poco_export.person_rows(persons bigint[]) returns table (entity text, source_key bigint, data text)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    h record;
begin
    for h in select k.entity, array_agg(k.source_key) as keys, d.shown
               from poco_export.person_keys(persons) k join poco_export.holding d on d.entity = k.entity
              group by k.entity, d.shown, d.depth order by d.depth, k.entity loop
        return query execute format('select %L, t.id, row_to_json(x)::text from poco.%I t cross join lateral (select %s) x
                                     where t.id = any ($1) and t.region = any ($2) order by t.id',
            h.entity, h.entity, (select string_agg('t.' || quote_ident(c), ', ') from unnest(h.shown) c)) using h.keys, poco_export.moving();
    end loop;
end
$$;

-- Make the rows of these persons say nothing of them. Who has no tombstone is left alone. Returns how many rows were written.
create or replace function poco_export.erase_persons(persons bigint[]) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    h       record;
    written bigint;
    total   bigint := 0;
begin
    persons := array(select t.customer_id from poco_export.tombstones t where t.customer_id = any (persons));
    for h in select k.entity, array_agg(k.source_key) as keys, d.erases
               from poco_export.person_keys(persons) k join poco_export.holding d on d.entity = k.entity and d.erases <> '{}'
              group by k.entity, d.erases, d.depth order by d.depth, k.entity loop
        execute format('update poco.%I t set %s where t.id = any ($1) and (%s)', h.entity,
            (select string_agg(case e.value when 'now' then format('%1$I = coalesce(t.%1$I, now())', e.key)
                                    else format('%I = %L', e.key, e.value) end, ', ') from jsonb_each_text(h.erases) e),
            (select string_agg(case e.value when 'now' then format('t.%I is null', e.key)
                                    else format('t.%I::text is distinct from %L', e.key, e.value) end, ' or ') from jsonb_each_text(h.erases) e))
          using h.keys;
        get diagnostics written = row_count;
        total := total + written;
    end loop;
    return total;
end
$$;

-- Whoever of the buried these rows belong to is erased again, so that nothing written to them can bring a person back.
create or replace function poco_export.keep_erased(entity text, keys bigint[]) returns void
    language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
    h poco_export.holding;
begin
    loop
        select * into h from poco_export.holding d where d.entity = keep_erased.entity;
        exit when h.entity is null or h.hangs_on is null;
        execute format('select coalesce(array_agg(distinct %1$I), ''{}'') from poco.%2$I where id = any ($1)', h.by_column, h.entity)
           into keys using keys;
        entity := h.hangs_on;
    end loop;
    if h.entity is not null and exists (select from poco_export.tombstones t where t.customer_id = any (keys)) then
        perform poco_export.erase_persons(keys);
    end if;
end
$$;

-- The SQL of a row of a table as one text, a column a line: of these columns, or of all but these. Whoever calls it names no secret.
create or replace function poco_export.searched(entity text, columns text[], without boolean) returns text
    language sql stable set search_path = pg_catalog, pg_temp
begin atomic
    select format('E''\n'' || lower(concat_ws(E''\n'', %s)) || E''\n''',
                  coalesce(string_agg(case when a.atttypid = 'text[]'::regtype then format('array_to_string(t.%I, E''\n'')', a.attname)
                                           else format('btrim(t.%I::text)', a.attname) end, ', ' order by a.attnum), quote_literal('')))
      from pg_attribute a
     where a.attrelid = format('poco.%I', entity)::regclass and a.attnum > 0 and not a.attisdropped
       and a.atttypid in ('text'::regtype, 'varchar'::regtype, 'json'::regtype, 'jsonb'::regtype, 'text[]'::regtype)
       and (a.attname = any (columns)) <> without;
end;

-- How often a value stands in the rows of these persons, table by table: `told` where it was to be erased, `naming` everywhere else. The
-- values are in lower case, and a row is looked at as its columns line by line, so a value between two line ends is a whole field.
-- What stays with a reason is not looked at, nor a secret. Reads the rows of persons with a tombstone only.
drop function if exists poco_export.person_search(bigint[], text[], text[]);
create function poco_export.person_search(persons bigint[], told text[], naming text[]) returns table (entity text, own bigint)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t record;
begin
    persons := array(select b.customer_id from poco_export.tombstones b where b.customer_id = any (persons));
    for t in select d.entity, poco_export.searched(d.entity, array(select c from unnest(d.telling) c where c = any (d.shown)), false) as erased,
                    poco_export.searched(d.entity, array(select c from unnest(d.shown) c where c <> all (d.telling || d.kept)), false) as rest,
                    array(select k.source_key from poco_export.person_keys(persons) k where k.entity = d.entity) as keys
               from poco_export.holding d order by d.entity loop
        return query execute format(
            'select %L, count(*) from poco.%I t where t.id = any ($1)
               and (exists (select from unnest($2) w where position(w in %s) > 0) or exists (select from unnest($3) w where position(w in %s) > 0))',
            t.entity, t.entity, t.erased, t.rest) using t.keys, told, naming;
    end loop;
end
$$;

-- How often a value stands in the rows of anybody else of the regions that move, in some pages of a table and in what a person is shown
-- of it, and whether there are more pages. One short statement:
-- a table of any size is searched to its end, and nothing is held meanwhile.
create or replace function poco_export.search_pages(entity text, first_page bigint, pages integer, own bigint[], naming text[])
    returns table (others bigint, more boolean)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    there boolean;
    shown text[] := (select d.shown from poco_export.holding d where d.entity = search_pages.entity);
begin
    if shown is null then
        raise exception '% is no table that the inventory knows', entity;
    end if;
    there := first_page + pages < pg_relation_size(format('poco.%I', entity)::regclass) / current_setting('block_size')::integer;
    return query execute format(
        'select count(*), $5 from poco.%I t
          where t.ctid >= $1 and t.ctid < $2 and t.id <> all ($3) and t.region = any ($6) and exists (select from unnest($4) w where position(w in %s) > 0)',
        entity, poco_export.searched(entity, shown, false))
      using format('(%s,0)', first_page)::tid, case when there then format('(%s,0)', first_page + pages) else '(4294967294,0)' end::tid,
            own, naming, there, poco_export.moving();
end
$$;
