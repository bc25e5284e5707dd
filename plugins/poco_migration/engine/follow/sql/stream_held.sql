-- Purpose: how far the slot has been read, and from which server; nobody else moves it until the transaction ends.
-- $1 slot
select captured::text as captured, server from migration.stream where slot = $1 for update
