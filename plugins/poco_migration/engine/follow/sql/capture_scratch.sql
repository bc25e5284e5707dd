-- Purpose: the keys of one read of the slot; made once in a session, and empty again at every commit. txn numbers the transactions in the order of their commits.
create temp table if not exists seen (
    txn        integer not null,
    entity     text    not null,
    source_key bigint  not null,
    family     boolean not null
) on commit delete rows;
