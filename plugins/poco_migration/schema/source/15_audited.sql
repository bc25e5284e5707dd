-- Purpose: what the auditors compare of two tables whose rows hold secrets or name persons in plain columns: the columns as they stand
--          in the table, without a secret, of the regions that move. Nothing is computed here, and no row of India is shown.
-- Rerun:   safe. The auditors see every row's key and status in the tables themselves, so a row that is hidden here is missed.

create or replace view poco_export.audited_customers with (security_barrier) as
select c.id, c.region, c.mi_account_id, c.email, c.email_verified_at, c.phone, c.phone_verified_at, c.full_name, c.birth_date, c.locale,
       c.status, c.note, c.created_at, c.closed_at
  from poco.customers c
 where c.region in (select region from poco_export.scope where decision = 'move');

create or replace view poco_export.audited_payments with (security_barrier) as
select p.id, p.region, p.order_id, p.method, p.provider_ref, p.amount_minor, p.currency, p.status, p.paid_at
  from poco.payments p
 where p.region in (select region from poco_export.scope where decision = 'move');

grant select on poco_export.audited_customers, poco_export.audited_payments to poco_auditor;
