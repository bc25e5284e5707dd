-- Purpose: end every app login of the regions that move. India's go on. Returns how many were live.
-- Rerun:   safe; none is ended twice.

create or replace function poco_export.revoke_logins(regions text[]) returns bigint
    language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    with ended as (update poco.app_tokens t set revoked_at = now()
                    where t.region = any (regions) and t.revoked_at is null
                returning 1)
    select count(*) from ended;
end;
