-- Purpose: upsert the returns of migrated order lines.

insert into refused (source_key, region, reason, detail)
select s.source_key, s.region, 'parent_missing', 'order_items ' || (s.line_id - mi.poco_key(0))
  from accepted s
 where not exists (select from mi.order_lines l join mi.orders o on o.order_id = l.order_id
                    where l.line_id = s.line_id and o.market = s.market);

-- Section: delete
delete from mi.returns t using gone g where t.return_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.returns as t (return_id, line_id, quantity, reason, status, opened_at, closed_at, origin)
select return_id, line_id, quantity, reason, status, opened_at, closed_at, 'poco'
  from accepted
    on conflict (return_id) do update
   set line_id = excluded.line_id, quantity = excluded.quantity, reason = excluded.reason, status = excluded.status,
       opened_at = excluded.opened_at, closed_at = excluded.closed_at
 where (t.line_id, t.quantity, t.reason, t.status, t.opened_at, t.closed_at)
       is distinct from (excluded.line_id, excluded.quantity, excluded.reason, excluded.status, excluded.opened_at, excluded.closed_at);
