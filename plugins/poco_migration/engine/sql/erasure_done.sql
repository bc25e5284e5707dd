-- Purpose: these persons are erased, and this is the proof; written with what it proves.
-- $1 customers, $2 proof
update migration.erasure set erased_at = coalesce(erased_at, now()), proof = $2::jsonb where customer = any ($1)
