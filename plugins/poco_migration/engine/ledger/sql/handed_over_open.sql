-- Purpose: the regions of an entity that mi.com owns and whose keys are not written down yet; held until the transaction
--          ends. mi.com's writers are not held up: they ask for the owner's key only.
-- $1 entity
select region from migration.system_of_record
 where entity = $1 and owner <> 'POCO' and keys_noted_at is null
 order by region
   for no key update
