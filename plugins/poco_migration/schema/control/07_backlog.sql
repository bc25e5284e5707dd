-- Purpose: how far the migration was behind the store, sample by sample, so that growth and a forecast can be told.
-- Rerun:   safe.

create table if not exists migration.backlog (
    slot            text             not null,
    measured_at     timestamptz      not null default clock_timestamp(),
    written         pg_lsn           not null,  -- the end of the source's log
    retained_bytes  bigint           not null,  -- of log that the source keeps for the slot
    wal_bytes_per_s double precision not null,  -- what the store writes, over the samples of the window
    lag_bytes       bigint           not null,  -- of log that is not read yet
    lag_seconds     double precision not null,  -- age of the oldest key that is not copied yet
    keys            bigint           not null,  -- that are not copied yet
    primary key (slot, measured_at)
);
