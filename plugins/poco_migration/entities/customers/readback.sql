-- Purpose: the migrated customers, read back in the shape of extract.sql.
-- One row per profile. Merged where the account was there before or another profile made it. Order: none.
select t.profile_id - mi.poco_key(0) as source_key,
       o.region,
       case when t.joined_by <> 'created' then 'merged'
            when exists (select from mi.profiles f where f.account_id = t.account_id and f.profile_id < t.profile_id and f.origin = 'poco') then 'merged'
            else 'migrated' end      as outcome,
       t.profile_id,
       t.market,
       t.status,
       case t.joined_by when 'link' then t.account_id end as mi_account_id,
       t.display_name,
       t.email,
       t.email_verified,
       t.phone_as_entered,
       t.phone_verified,
       t.birth_date,
       t.locale,
       t.note,
       t.created_at,
       t.closed_at
  from mi.profiles t
  join mi.market_origins o on o.market = t.market
 where t.origin = 'poco'  -- POCO's mark
