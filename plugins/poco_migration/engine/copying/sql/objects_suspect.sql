-- Purpose: objects that were copied and that the bucket does not have, or has with another mark or size; the next ones by number.
-- $1 the last number that was taken, $2 how many
select o.object_no, o.target_object, o.sha256
  from migration.object o
  left join in_bucket b on b.target_object = o.target_object
 where o.named and o.sha256 is not null and (b.etag, b.bytes) is distinct from (o.etag, o.bytes) and o.object_no > $1
 order by o.object_no
 limit $2
