-- Purpose: take the shape of one table as it is now for the accepted one.
-- $1 side, $2 table, $3 fingerprint, $4 description, $5 entities
insert into migration.shape as s (side, table_name, fingerprint, description, entities)
values ($1, $2, $3, $4::jsonb, $5)
    on conflict (side, table_name) do update
   set fingerprint = excluded.fingerprint, description = excluded.description, entities = excluded.entities, pinned_at = now()
 where (s.fingerprint, s.description, s.entities) is distinct from (excluded.fingerprint, excluded.description, excluded.entities)
