-- Control total: returns by status, pieces, and when they were opened.
with sent_back as (
select upper(o.market) as region, r.status, r.quantity, r.opened_at as opened
  from mi.returns r
  join mi.order_lines l on l.line_id = r.line_id
  join mi.orders o on o.order_id = l.order_id
 where r.origin = 'poco')
select region, status || ' returns, pieces' as bucket, sum(quantity)::numeric as amount from sent_back group by region, status
 union all
select region, 'seconds opened', sum(extract(epoch from opened)) from sent_back group by region
