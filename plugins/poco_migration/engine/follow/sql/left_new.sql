-- Purpose: rows that copies have taken away at mi.com because they are in quarantine now, and that nobody was told of, by entity.
select entity, sum(rows_left)::bigint as rows, max(receipt_id) as newest
  from migration.receipt
 where rows_left > 0 and receipt_id > (select receipt_id from migration.left_told)
 group by entity
 order by rows desc, entity
