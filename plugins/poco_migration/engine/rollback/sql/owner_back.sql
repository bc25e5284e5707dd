-- Purpose: what was on its way back is POCO's again.
-- $1 entities, $2 regions, $3 run
update migration.system_of_record
   set owner = 'POCO', since = now(), run = $3
 where entity = any ($1) and region = any ($2) and owner = 'returning'
