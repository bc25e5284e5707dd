-- Purpose: note keys that were copied and are to be compared, in the transaction that copied them.
-- $1 entity, $2 keys
insert into migration.unproven (entity, keys) values ($1, $2)
