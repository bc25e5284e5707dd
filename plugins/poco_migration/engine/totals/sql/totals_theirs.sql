-- Purpose: forget what was summed of what mi.com owns: customers change it there. totals_carry.sql puts the totals of its
--          handover in the place; where there are none, these stay.
-- $1 run, $2 totals, $3 the entity of each
delete from migration.control_total c
 using unnest($2::text[], $3::text[]) t (total, entity)
  join migration.system_of_record s on s.entity = t.entity and s.owner = 'Xiaomi' and s.run <> $1
 where c.run = $1 and (c.total, c.region) = (t.total, s.region)
   and exists (select from migration.control_total o where (o.run, o.total, o.region) = (s.run, t.total, s.region))
