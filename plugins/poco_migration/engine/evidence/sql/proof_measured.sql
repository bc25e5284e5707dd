-- Purpose: what a run has measured and when, for its certificate: the newest of each kind, by number.
-- $1 run
select distinct on (what) what, number, ended_at is not null as ended from migration.measured where run = $1 order by what, number desc
