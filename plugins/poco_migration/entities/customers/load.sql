-- Purpose: give every customer a profile under exactly one account.
-- Rule:    an explicit link, a verified e-mail and a verified phone are evidence; all evidence must point to the same
--          Xiaomi account, and nothing else ever joins two people. Who has no Xiaomi account gets one per person:
--          the same verified e-mail, else the same verified phone, else the customer alone. Decided from the row and
--          Xiaomi's own accounts, so the order in which parts are loaded does not matter.

create temp table person on commit drop as
select s.source_key, s.region, s.mi_account_id,
       link.account_id as by_link, mail.account_id as by_email, tel.account_id as by_phone,
       sha256(convert_to(case when s.email_verified                            then 'email:' || s.email
                              when s.phone_verified and s.phone is not null    then 'phone:' || s.phone
                              else 'customer:' || s.source_key end, 'UTF8')) as origin_person
  from accepted s
  left join mi.accounts link on link.account_id = s.mi_account_id and link.origin = 'mi'
  left join lateral (select a.account_id
                       from mi.account_identities i join mi.accounts a on a.account_id = i.account_id and a.origin = 'mi'
                      where s.email_verified and i.kind = 'email' and i.value = s.email) mail on true
  left join lateral (select a.account_id
                       from mi.account_identities i join mi.accounts a on a.account_id = i.account_id and a.origin = 'mi'
                      where s.phone_verified and i.kind = 'phone' and i.value = s.phone) tel on true;

insert into refused (source_key, region, reason)
select source_key, region, case when mi_account_id is not null and by_link is null then 'account_unknown' else 'identity_conflict' end
  from person
 where (mi_account_id is not null and by_link is null)
    or by_link <> by_email or by_link <> by_phone or by_email <> by_phone;

-- The accounts that a profile is about to leave. Locked before anything is written, so that two copies that share a
-- person do not both believe the other's profile to be there still.
create temp table touched_account on commit drop as
select t.account_id
  from gone g
  join mi.profiles t on t.profile_id = mi.poco_key(g.source_key)
  join mi.accounts n on n.account_id = t.account_id and n.origin = 'poco'
 union
select t.account_id
  from person p
  join mi.profiles t on t.profile_id = mi.poco_key(p.source_key)
  join mi.accounts n on n.account_id = t.account_id and n.origin = 'poco'
 where n.origin_person is distinct from p.origin_person or coalesce(p.by_link, p.by_email, p.by_phone) is not null;

select from mi.accounts where account_id in (select account_id from touched_account) order by account_id for update;

-- Section: delete
delete from mi.profiles t using gone g where t.profile_id = mi.poco_key(g.source_key);

-- Section: between
-- In the order of the unique key, so that parts loading at once cannot wait for each other in a circle. One that is there
-- already is locked, not written.
insert into mi.accounts as t (status, origin, origin_person, created_at)
select distinct on (p.origin_person) min(a.status) over (partition by p.origin_person), 'poco', p.origin_person,
       min(a.created_at) over (partition by p.origin_person)
  from person p join accepted a using (source_key)
 where coalesce(p.by_link, p.by_email, p.by_phone) is null
 order by p.origin_person
    on conflict (origin_person) do update set status = t.status where false;

-- Section: upsert
insert into mi.profiles as t (profile_id, account_id, market, brand, status, display_name, email, email_verified, phone, phone_as_entered,
                              phone_verified, birth_date, locale, note, joined_by, origin, created_at, closed_at)
select a.profile_id, coalesce(p.by_link, p.by_email, p.by_phone, n.account_id), a.market, 'POCO', a.status, a.display_name, a.email,
       a.email_verified, a.phone, a.phone_as_entered, a.phone_verified, a.birth_date, a.locale, a.note,
       case when p.by_link is not null then 'link' when p.by_email is not null then 'email' when p.by_phone is not null then 'phone' else 'created' end,
       'poco', a.created_at, a.closed_at
  from accepted a
  join person p using (source_key)
  left join mi.accounts n on n.origin_person = p.origin_person and coalesce(p.by_link, p.by_email, p.by_phone) is null
    on conflict (profile_id) do update
   set account_id = excluded.account_id, market = excluded.market, brand = excluded.brand, status = excluded.status, display_name = excluded.display_name,
       email = excluded.email, email_verified = excluded.email_verified, phone = excluded.phone, phone_as_entered = excluded.phone_as_entered,
       phone_verified = excluded.phone_verified, birth_date = excluded.birth_date, locale = excluded.locale, note = excluded.note,
       joined_by = excluded.joined_by, created_at = excluded.created_at, closed_at = excluded.closed_at
 where (t.account_id, t.market, t.brand, t.status, t.display_name, t.email, t.email_verified, t.phone, t.phone_as_entered, t.phone_verified,
        t.birth_date, t.locale, t.note, t.joined_by, t.created_at, t.closed_at)
       is distinct from
       (excluded.account_id, excluded.market, excluded.brand, excluded.status, excluded.display_name, excluded.email, excluded.email_verified, excluded.phone,
        excluded.phone_as_entered, excluded.phone_verified, excluded.birth_date, excluded.locale, excluded.note, excluded.joined_by,
        excluded.created_at, excluded.closed_at);

-- Section: after
insert into touched_account
select distinct t.account_id from accepted a join mi.profiles t on t.profile_id = a.profile_id and t.joined_by = 'created';

-- An account that was made for a person says what all the person's profiles say together, whichever came first.
update mi.accounts t
   set status = p.status, created_at = p.created_at
  from (select account_id, min(status) as status, min(created_at) as created_at
          from mi.profiles where account_id in (select account_id from touched_account) group by account_id) p
 where t.account_id = p.account_id and t.origin = 'poco' and (t.status, t.created_at) is distinct from (p.status, p.created_at);

-- An address that an account was not made for is somebody's mistake, and may be what another account needs below.
delete from mi.account_identities i
 using mi.accounts n
 where n.account_id = i.account_id and n.origin = 'poco' and n.account_id in (select account_id from touched_account)
   and sha256(convert_to(i.kind || ':' || i.value, 'UTF8')) <> n.origin_person;

-- An account that no profile is left under stands for nobody.
create temp table empty_account on commit drop as
select account_id from touched_account a where not exists (select from mi.profiles p where p.account_id = a.account_id);

delete from mi.account_identities where account_id in (select account_id from empty_account);

delete from mi.accounts where account_id in (select account_id from empty_account) and origin = 'poco';

-- The verified address a new account was made for identifies it.
insert into mi.account_identities as t (kind, value, account_id, verified_at)
select distinct on (kind, value) kind, value, account_id, created_at
  from (select case when a.email_verified then 'email' else 'phone' end as kind,
               case when a.email_verified then a.email else a.phone end as value,
               n.account_id, n.created_at
          from accepted a
          join mi.profiles p on p.profile_id = a.profile_id and p.joined_by = 'created'
          join mi.accounts n on n.account_id = p.account_id
         where a.email_verified or (a.phone_verified and a.phone is not null)) v
 order by kind, value
    on conflict (kind, value) do nothing;

update mi.account_identities t
   set verified_at = n.created_at
  from mi.accounts n
 where n.account_id = t.account_id and n.origin = 'poco' and t.verified_at <> n.created_at
   and n.account_id in (select account_id from touched_account);
