-- Control total: what the reissued vouchers were worth when they became spendable, by kind and currency.
select upper(v.market) as region, v.kind || ' ' || v.currency || w.what as bucket, sum(w.worth) as amount
  from mi.vouchers v
 cross join lateral (select ' worth' as what, v.uses_total * coalesce(v.amount, v.percent, 0) as worth union all select ' uses', v.uses_total) w
 where v.origin = 'poco' and v.spendable_since is not null
 group by 1, 2
