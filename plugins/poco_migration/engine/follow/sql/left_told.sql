-- Purpose: somebody was told of the rows that have left mi.com up to this receipt.
-- $1 receipt_id
update migration.left_told set receipt_id = greatest(receipt_id, $1)
