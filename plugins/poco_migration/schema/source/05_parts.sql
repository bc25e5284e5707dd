-- Purpose: where to cut a table into parts of about part_rows rows: the key that starts each part but the first.
-- Order:   ascending. Costs one scan of an index with key and region (schema/capture/01_identity.sql), whatever gaps the keys have.
-- Scope:   every row counts, so a part is never larger; but a part starts with a row of a region that does not stay, because the starts
--          are kept at mi.com, and no key of India crosses.
-- Rerun:   safe; the same table gives the same cuts.
-- The table is named by regclass and the function runs as its owner, because the migrator has no right on the table.

create or replace function poco_export.part_starts(entity text, part_rows integer) returns setof bigint
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if part_rows < 1 then
        raise exception 'part_rows is %, it must be at least 1', part_rows;
    end if;
    -- Any table of the store with a region: the rows of app_tokens are counted too, part by part, though none of it is shown.
    if not exists (select from pg_attribute a where a.attrelid = to_regclass(format('poco.%I', entity)) and a.attname = 'region') then
        raise exception 'POCO store: % is not the migration''s to ask for', entity using errcode = '42501';
    end if;
    return query execute format(
        'select min(id) filter (where region <> all ($2)) as starts
           from (select id, region, (row_number() over (order by id) - 1) / $1 as part from poco.%I) k
          where part > 0 group by part having count(*) filter (where region <> all ($2)) > 0 order by starts',
        entity) using part_rows, array(select s.region from poco_export.scope s where s.decision = 'stay');
end
$$;

-- Which rows of a table hang on these keys: keys only, and none of a region that stays.
create or replace function poco_export.children(entity text, parent_column text, keys bigint[]) returns setof bigint
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform poco_export.require_shown(entity, array['id', parent_column]);
    return query execute format(
        'select id from poco.%I where %I = any ($1) and region <> all (select region from poco_export.scope where decision = ''stay'')',
        entity, parent_column) using keys;
end
$$;

-- How many rows each region has between two keys of a table (null is open), counted in the table itself.
create or replace function poco_export.census_of(entity text, lo bigint, hi bigint) returns table (region text, rows bigint)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format('select t.region, count(*) from poco.%I t where %s and %s group by t.region', entity,
                                case when lo is null then 'true' else 't.id >= $1' end, case when hi is null then 'true' else 't.id < $2' end)
      using lo, hi;
end
$$;
