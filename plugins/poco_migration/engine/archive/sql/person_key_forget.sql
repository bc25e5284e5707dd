-- Purpose: forget one person's key: nothing opens what the archive holds of them any more. That a key went so, and whose nobody can
--          tell, is kept: a key that is not there and did not go so is lost.
  with gone as (
    delete from migration.person_key where customer = $1 returning customer)
insert into migration.person_key_forgotten (at) select clock_timestamp() from gone
