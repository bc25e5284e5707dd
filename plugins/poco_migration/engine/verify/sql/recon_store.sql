-- Purpose: one equation of one measurement.
-- $1 run, $2 entity, $3 region, $4 decision, $5 source, $6 migrated, $7 merged, $8 excluded, $9 quarantined, $10 missing, $11 extra
insert into migration.recon (run, entity, region, decision, source, migrated, merged, excluded, quarantined, missing, extra)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
