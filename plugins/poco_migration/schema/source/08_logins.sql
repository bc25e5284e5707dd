-- Purpose: end every app login of the regions that move. India's go on. Returns how many were live.
-- Guard:   only in regions that move and whose logins the fence has closed for good, whatever is asked for.
-- Rerun:   safe; none is ended twice.

create or replace function poco_export.revoke_logins(regions text[]) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    staying text;
    ended   bigint;
begin
    select string_agg(r, ', ') into staying from unnest(regions) r where r <> all (poco_export.moving());
    if staying is not null then
        raise exception 'POCO store: region % does not move, so its logins go on', staying using errcode = '42501';
    end if;
    select string_agg(r, ', ') into staying
      from unnest(regions) r where poco_export.fenced() -> 'app_tokens' ->> r is distinct from 'infinity';
    if staying is not null then
        raise exception 'POCO store: logins of region % are not closed for good, so none is ended', staying using errcode = '55000';
    end if;
    update poco.app_tokens t set revoked_at = now() where t.region = any (regions) and t.revoked_at is null;
    get diagnostics ended = row_count;
    return ended;
end
$$;
