-- Purpose: a measurement begins; what an earlier one of its kind has said of this run holds no more until this one ends.
-- $1 run, $2 what
insert into migration.measured (run, what) values ($1, $2) returning number
