-- Purpose: an object that mi.com's bucket has.
-- $1 its key, $2 etag, $3 bytes
insert into in_bucket (target_object, etag, bytes) values ($1, $2, $3) on conflict do nothing
