-- Purpose: what of POCO's log the migration hears of: identities only, no other column, and nothing of a region that stays.
-- Shape:   poco_export.publish() makes publication poco_migration anew out of poco_export.scope; the filter's regions are
--          literals there, because a row filter cannot look into a table.
-- Rerun:   safe; a changed decision takes effect for what is written from then on.

create or replace function poco_export.publish() returns void
    language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    stays text := (select coalesce(string_agg(quote_literal(region), ', ' order by region), quote_literal('')) from poco_export.scope where decision = 'stay');
    tables text;
begin
    select string_agg(format('poco.%I (%s) where (region <> all (array[%s]::text[]))', c.relname, i.columns, stays), ', ' order by c.relname)
      into tables
      from pg_class c
      join (select x.indrelid, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
              from pg_index x join pg_attribute a on a.attrelid = x.indrelid and a.attnum = any (x.indkey)
             where x.indisreplident
             group by x.indrelid) i on i.indrelid = c.oid
     where c.relnamespace = 'poco'::regnamespace and c.relkind = 'r';
    if exists (select from pg_publication where pubname = 'poco_migration') then
        execute 'alter publication poco_migration set table ' || tables;
    else
        execute 'create publication poco_migration for table ' || tables;
    end if;
end
$$;

revoke all on function poco_export.publish() from public;
select poco_export.publish();
