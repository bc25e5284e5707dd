-- Purpose: note that a copy of somebody's data is about to lie in the bucket, before it does.
-- $1 object, $2 account, $3 profile, $4 customers, $5 run, $6 until when
insert into migration.personal_export (object, account_id, profile_id, customers, run, expires_at) values ($1, $2, $3, $4, $5, $6)
