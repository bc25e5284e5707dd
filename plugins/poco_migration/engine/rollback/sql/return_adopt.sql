-- Purpose: what another run has found of these returns goes on under this run's name.
-- $1 run, $2 entities, $3 regions. Runs before the owner rows are given the new name.
update migration.return_key k
   set run = $1
  from migration.system_of_record o
 where o.owner = 'returning' and o.entity = any ($2) and o.region = any ($3) and o.run <> $1
   and k.run = o.run and (k.entity, k.region) = (o.entity, o.region)
   and not exists (select from migration.return_key n where n.run = $1 and (n.entity, n.target_key) = (k.entity, k.target_key))
