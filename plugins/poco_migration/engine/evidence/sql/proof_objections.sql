-- Purpose: the answers of a run that let nothing happen, for its certificate: rejections, refused signatures, silences.
-- $1 run
select subject, task, person, kind, reason, noted_at from migration.objection where run = $1 order by objection_id
