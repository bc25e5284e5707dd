-- Purpose: the keys of one read of the slot, gone at its end. txn numbers the transactions in the order of their commits.
create temp table seen (
    txn        integer not null,
    entity     text    not null,
    source_key bigint  not null,
    family     boolean not null
) on commit drop;
