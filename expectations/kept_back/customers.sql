-- Purpose: how many customers are kept back with a reason that POCO's own table bears out, and how many are not though they must be.
select c.region, a.reason, count(*) as rows
  from aside a
  join poco_export.audited_customers c on c.id = a.source_key
  left join poco_export.scope k on k.region = c.region
 cross join poco_export.rules r
 where case a.reason
         when 'status_unknown' then c.status not in (1, 2, 3)
         when 'under_age' then c.birth_date + make_interval(years => k.minimum_age) > r.cutover_at::date
         when 'account_unknown' then c.mi_account_id is not null
         when 'identity_conflict' then num_nonnulls(c.mi_account_id, c.email_verified_at, c.phone_verified_at) >= 2
         when 'person_erased' then c.status = 3 or exists (select from poco_export.tombstones b where b.customer_id = c.id) end
 group by c.region, a.reason
 union all
select c.region, 'not kept back: ' || must.reason, count(*)
  from poco_export.audited_customers c
  left join poco_export.scope k on k.region = c.region
 cross join poco_export.rules r
 cross join lateral (select case
            when c.status not in (1, 2, 3) then 'status_unknown'
            when c.birth_date + make_interval(years => k.minimum_age) > r.cutover_at::date then 'under_age'
            when c.status = 3 or exists (select from poco_export.tombstones b where b.customer_id = c.id) then 'person_erased' end as reason) must
 where must.reason is not null and c.id not in (select source_key from aside)
 group by c.region, must.reason
