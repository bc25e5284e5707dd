-- Purpose: from now on nobody writes to these entities in these regions: what changed at mi.com is on its way back.
--          Whoever still writes there holds the row that is updated here, and is waited for.
-- $1 entities, $2 regions, $3 run. A return that another run began goes on under this one's name.
update migration.system_of_record
   set owner = 'returning', since = case owner when 'returning' then since else now() end, run = $3
 where entity = any ($1) and region = any ($2) and owner in ('Xiaomi', 'returning')
