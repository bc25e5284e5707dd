-- Purpose: which of these customers are erased, or about to be.
-- $1 customers
select customer from migration.erasure where customer = any ($1)
