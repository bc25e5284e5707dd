-- Purpose: what is open of a run's comparison.
-- $1 run
select count(*) filter (where confirmed_at is not null and kind <> 'foreign')::integer as different,
       count(*) filter (where confirmed_at is null)::integer as undecided,
       count(*) filter (where kind = 'foreign')::integer as "foreign"
  from migration.difference
 where run = $1 and repaired_at is null
