-- Control total: profiles by status, weighted by the year they were born.
select upper(p.market) as region, p.status as bucket, sum(coalesce(extract(year from p.birth_date), 1)) as amount
  from mi.profiles p
 where p.origin = 'poco'
 group by 1, 2
