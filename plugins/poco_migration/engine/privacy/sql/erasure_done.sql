-- Purpose: these persons are erased, and this is the proof; written with what it proves. The first one stays: a later search
--          has nothing left to look for.
-- $1 customers, $2 proof
update migration.erasure set erased_at = now(), proof = $2::jsonb where customer = any ($1) and erased_at is null
