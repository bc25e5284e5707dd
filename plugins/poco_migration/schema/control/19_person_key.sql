-- Purpose: the keys that open what the archive holds of each person, and who must never have one again.
-- Holds:   keys only as the master key has wrapped them (Airflow's connection archive_key); no name, no clear key.
-- Who:     customer is POCO's customer id. Below zero it is a guest's order: minus the order's id. Zero is nobody that
--          the rows name: an order item without its order, say.
-- Rerun:   safe.

create table if not exists migration.person_key (
    customer bigint      primary key,
    wrapped  bytea       not null,               -- nonce, sealed key, tag
    master   text        not null,               -- which master key wrapped it (adapters/sealing.key_id)
    made_at  timestamptz not null default now()
);

-- One line for everybody who was erased. The subject is HMAC-SHA256 of the customer, so that the list names nobody.
create table if not exists migration.tombstone (
    subject   bytea       primary key,
    erased_at timestamptz not null default now()
);

-- 18_grants.sql lets auditors read the ledger. A key is no evidence.
revoke all on migration.person_key from mi_auditor;
