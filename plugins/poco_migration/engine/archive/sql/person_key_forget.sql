-- Purpose: forget one person's key: nothing opens what the archive holds of them any more.
delete from migration.person_key where customer = $1
