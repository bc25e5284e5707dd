-- Purpose: what returned from mi.com was changed there, so its rows are to be compared again before they are handed over.
-- $1 entities
update migration.part set proven_at = null where entity = any ($1)
