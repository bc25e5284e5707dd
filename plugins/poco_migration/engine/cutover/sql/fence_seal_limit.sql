-- Purpose: this transaction ends within the limit or not at all, where the server knows such a limit (on the source).
-- $1 limit
select set_config('transaction_timeout', $1, true)
  from pg_settings
 where name = 'transaction_timeout'
