-- Purpose: what returned from mi.com was changed there, so its rows are to be compared again before they are handed over. No comparison
--          that is under way can prove them: it has seen a lower number.
-- $1 entities
update migration.part set proven_copies = null, copies = copies + 1 where entity = any ($1)
