-- Purpose: forget the keys of these regions, and of every region that POCO owns again: a key may have moved since.
-- $1 entity, $2 regions
delete from migration.handed_over h
 where h.entity = $1
   and (h.region = any ($2)
        or not exists (select from migration.system_of_record o where (o.entity, o.region) = (h.entity, h.region) and o.owner <> 'POCO'))
