-- Control total: what the reissued vouchers are worth, by kind and currency.
select upper(v.market) as region, v.kind || ' ' || v.currency || w.what as bucket, sum(w.worth) as amount
  from mi.vouchers v
 cross join lateral (select ' worth' as what, v.uses_left * coalesce(v.amount, v.percent, 0) as worth union all select ' uses', v.uses_left) w
 where v.origin = 'poco' and v.state = 'spendable'
 group by 1, 2
