-- Purpose: how many keys of these entities have become dirty since the drain, behind which nobody reads the log: mi.com's guard
--          asks for a copy where a person signs up with the address of one of POCO's customers.
-- $1 entities
select count(*) as keys from migration.dirty where entity = any ($1)
