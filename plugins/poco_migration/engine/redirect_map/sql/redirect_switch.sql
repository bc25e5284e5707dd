-- Purpose: note that everybody is answered with a version; since when, if it was noted before.
-- $1 version
update migration.redirect_version set switched_on_at = coalesce(switched_on_at, now()) where version = $1
