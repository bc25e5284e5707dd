-- Purpose: these objects are deleted, and no row names them any more: neither does the ledger.
-- $1 keys at mi.com
delete from migration.object where target_object = any ($1)
