-- Purpose: from now on Xiaomi owns writes to this entity in this region. Which keys it has is to be written down anew.
-- $1 entity, $2 region, $3 run. What is on its way back to POCO is not taken.
insert into migration.system_of_record as s (entity, region, owner, run)
values ($1, $2, 'Xiaomi', $3)
    on conflict (entity, region) do update
   set owner = excluded.owner, since = now(), run = excluded.run, keys_noted_at = null
 where s.owner = 'POCO'
