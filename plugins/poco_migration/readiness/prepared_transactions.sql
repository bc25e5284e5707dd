-- Side: source
-- Demanded: no prepared transaction is waiting
-- Next: Commit or roll back each gid of pg_prepared_xacts with its owner: a prepared transaction holds up the freeze. Then clear this task.
select 'ALL' as region, count(*) || ' prepared' as measured, count(*) = 0 as ok
  from pg_prepared_xacts
 where database = current_database()
