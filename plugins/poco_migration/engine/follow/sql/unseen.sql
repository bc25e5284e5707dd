-- Purpose: which of these transactions the connection's snapshot does not see (on the source); outside a transaction that is
--          one taken now. A commit stands in the log a moment before it is visible, and longer with synchronous standbys.
-- $1 transaction ids as the log gives them: the low 32 bits. The epoch is the one that brings an id nearest to the
--    snapshot's next id: it may lie on either side of it, and never two thousand million ids away.
with now as materialized (select pg_current_snapshot() as snapshot),
     next as (select snapshot, pg_snapshot_xmax(snapshot)::text::bigint as id from now),
     wide as (select x, snapshot,
                     (id & ~4294967295::bigint) + x
                     + case when x - (id & 4294967295) > 2147483648 then -4294967296
                            when (id & 4294967295) - x > 2147483648 then 4294967296
                            else 0 end as xid
                from next, unnest($1::bigint[]) x)
select x as xid
  from wide
 where not pg_visible_in_snapshot(xid::text::xid8, snapshot)
