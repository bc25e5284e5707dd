-- Purpose: what a backfill was expected to take, entity by entity, and what it took.
-- Rerun:   safe.

create table if not exists migration.forecast (
    run       text             not null,        -- of the assessment
    entity    text             not null,
    moves     text             not null,        -- the milestone at which it is copied
    rows      bigint           not null,        -- of the regions that move
    rows_from text             not null check (rows_from in ('counted', 'estimated')),
    parts     integer          not null,
    bytes     bigint           not null,        -- through the pipe
    seconds   double precision not null,        -- of work, all parts together, whoever does them and how many at once
    rate_from text             not null,        -- where the rate comes from: receipts, a rehearsal's, or the configuration
    made_at   timestamptz      not null default now(),
    primary key (run, entity)
);

-- One line per entity that a backfill has loaded anew since it was forecast.
create table if not exists migration.forecast_outcome (
    run            text             not null,   -- of the backfill
    forecast_run   text             not null,
    entity         text             not null,
    rows           bigint           not null,
    seconds        double precision not null,   -- as measured by the receipts
    forecast_rows  bigint           not null,
    forecast_s     double precision not null,
    settled_at     timestamptz      not null default now(),
    primary key (run, entity)
);
