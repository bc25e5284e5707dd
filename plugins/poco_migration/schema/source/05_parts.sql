-- Purpose: where to cut a table into parts of about part_rows rows: the key that starts each part but the first.
-- Order:   ascending. Walks the primary key index, so it costs one index-only scan whatever gaps the keys have.
-- Rerun:   safe; the same table gives the same cuts.
-- The table is named by regclass and the function runs as its owner, because the migrator has no right on the table.

create or replace function poco_export.part_starts(entity text, part_rows integer) returns setof bigint
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if part_rows < 1 then
        raise exception 'part_rows is %, it must be at least 1', part_rows;
    end if;
    return query execute format(
        'select id from (select id, row_number() over (order by id) as n from poco.%I) k where n > 1 and (n - 1) %% $1 = 0 order by id',
        entity) using part_rows;
end
$$;

-- Which rows of a table hang on these keys: keys only, and none of a region that stays.
create or replace function poco_export.children(entity text, parent_column text, keys bigint[]) returns setof bigint
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
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
