-- Purpose: what the migration may do on Xiaomi's side. The migrator writes the tables POCO moves into and its own
--          schema; it cannot drop, alter or truncate anything of Xiaomi's. The auditor reads.
-- Rerun:   safe. The roles themselves are made by whoever runs the server (docs/runbook.md, "Roles").

grant usage on schema mi to mi_migrator, mi_auditor;
grant select, insert, update, delete on all tables in schema mi to mi_migrator;
revoke insert, update, delete on mi.currencies, mi.markets from mi_migrator;
grant usage on all sequences in schema mi to mi_migrator;
grant execute on function mi.poco_key(bigint) to mi_migrator, mi_auditor;
grant select on all tables in schema mi to mi_auditor;
-- A code is money: whoever knows it spends it. The auditor compares vouchers by their reissue_id.
revoke select on mi.vouchers from mi_auditor;
grant select (voucher_id, reissue_id, coupon_ref, market, profile_id, kind, amount, percent, currency, minimum, category, stackable,
              uses_total, uses_left, per_customer, state, valid_from, valid_until, spendable_since, origin) on mi.vouchers to mi_auditor;
grant select on all sequences in schema mi to mi_auditor;   -- how far they are from POCO's keys
