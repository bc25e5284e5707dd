-- Purpose: facts the engine measures and Great Expectations judges, and the verdicts. One set of rows per measurement.
-- Rerun:   safe.

create table if not exists migration.readiness (
    run         text    not null,
    region      text    not null,               -- ALL where the check is about the whole
    check_name  text    not null,
    measured    text    not null,
    demanded    text    not null,
    ok          boolean not null,
    next_action text    not null,
    primary key (run, region, check_name)
);
-- critical: red stops the stage. warning: a person accepts it. info: shown, because it is good to know.
alter table migration.readiness add column if not exists severity text not null default 'critical' check (severity in ('critical', 'warning', 'info'));
alter table migration.readiness add column if not exists measured_at timestamptz not null default now();

-- The equation of each entity and region: source = migrated + merged + excluded + quarantined + missing - extra.
create table if not exists migration.recon (
    run         text   not null,
    entity      text   not null,
    region      text   not null,
    decision    text   not null,
    source      bigint not null,
    migrated    bigint not null,
    merged      bigint not null,
    excluded    bigint not null,
    quarantined bigint not null,
    missing     bigint not null check (missing >= 0),
    extra       bigint not null check (extra >= 0),
    measured_at timestamptz not null default now(),
    primary key (run, entity, region),
    check (source = migrated + merged + excluded + quarantined + missing - extra)
);

-- Sums taken on the original tables of both sides, without extract.sql and load.sql.
create table if not exists migration.control_total (
    run      text    not null,
    total    text    not null,
    region   text    not null,
    bucket   text    not null,                  -- currency and status, or whatever the total is split by
    source   numeric not null,                  -- of the rows that should be on the target
    target   numeric not null,
    primary key (run, total, region, bucket)
);

create table if not exists migration.gate (
    gate_id    bigint      generated always as identity primary key,
    stage      text        not null,
    gate       text        not null,
    run        text        not null,
    try_number integer     not null,
    verdict    text        not null check (verdict in ('pass', 'warn', 'fail')),
    expected   integer     not null,            -- expectations in the suite
    evaluated  integer     not null,
    failed     integer     not null,
    report     text        not null,            -- where the report is, bucket and key
    sha256     text        not null,            -- of the result JSON
    judged_at  timestamptz not null default now()
);

create table if not exists migration.approval (
    stage       text        not null,
    run         text        not null,
    subject     text        not null,           -- the stage itself, or the warnings of one gate
    approver    text        not null,
    answered_at timestamptz not null,
    primary key (stage, run, subject, approver) -- the same person cannot sign twice
);

create table if not exists migration.certificate (
    sequence  integer     primary key,
    stage     text        not null,
    run       text        not null,
    issued_at timestamptz not null default now(),
    document  text        not null,             -- canonical JSON, byte for byte as in S3
    sha256    text        not null unique,
    previous  text        references migration.certificate (sha256),
    report    text        not null
);
create index if not exists certificate_stage on migration.certificate (stage, sequence desc);
