-- Purpose: by region and balance: how many holders either side has, and of how many each amount is the same on both. No
--          amount is an amount of nothing.
-- $1 regions
with holder as (
select region, balance, holder, bool_and(coalesce(s.amount, 0) = coalesce(t.amount, 0)) as equal
  from balance_source s
  full join balance_target t using (region, balance, holder, place)
 where region = any ($1)
 group by region, balance, holder)
select region, balance, count(*) as holders, count(*) filter (where equal) as equal
  from holder
 group by region, balance
 order by region, balance
