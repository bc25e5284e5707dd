-- Purpose: what people asked for: the way to a copy of their data, and that they are erased. Keys, counts and links.
-- Rerun:   safe.

-- One line per copy that was made. mi.com's account settings show `link` to the owner of the profile (of the account, where
-- profile_id is null) until it expires. The line is there before the object is, so that no object is ever forgotten.
create table if not exists migration.personal_export (
    object     text        primary key,          -- key in the bucket of exports; nobody can guess it
    account_id bigint,
    profile_id bigint,                           -- of an account that several people share
    customers  bigint[]    not null,             -- POCO's keys of whom it tells
    run        text        not null,
    link       text,                             -- null: not ready, or over
    sha256     text,
    bytes      bigint,
    rows       bigint,
    made_at    timestamptz not null default now(),
    expires_at timestamptz not null,
    deleted_at timestamptz
);

-- One line per person that is being erased or was. The key stands here while POCO's tables and this ledger speak of keys;
-- what outlives both is migration.tombstone, which names nobody.
create table if not exists migration.erasure (
    customer   bigint      primary key,          -- POCO's
    account_id bigint,                           -- under which it was asked for
    run        text        not null,
    began_at   timestamptz not null default now(),
    erased_at  timestamptz,                      -- null: not finished; run it again
    proof      jsonb                             -- what was searched, and how often something was found; counts only
);

grant select on migration.erasure to mi_auditor;
-- A link opens somebody's data, so auditors do not read it (18_grants.sql lets them read the ledger).
revoke all on migration.personal_export from mi_auditor;
grant select (object, account_id, profile_id, customers, run, sha256, bytes, rows, made_at, expires_at, deleted_at)
   on migration.personal_export to mi_auditor;
grant usage on schema migration to mi_app;
grant select (account_id, profile_id, link, bytes, made_at, expires_at) on migration.personal_export to mi_app;
