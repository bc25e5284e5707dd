-- Purpose: which warnings of the calendar have been told, so that each is told once, whoever runs again.
-- Rerun:   safe.

create table if not exists migration.alert (
    stage        text        not null,
    kind         text        not null check (kind in ('milestone', 'deadline')),
    due          timestamptz not null,          -- on the wall clock: a rehearsal's date is another one
    before_hours integer     not null,
    told_at      timestamptz not null default clock_timestamp(),
    primary key (stage, kind, due, before_hours)
);
