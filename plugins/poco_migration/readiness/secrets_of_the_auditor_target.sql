-- Side: target
-- Demanded: neither the auditor nor the board reads a voucher code that can be spent
-- Next: Revoke the named right, or have mi.com's owner run mi_platform/schema/02_roles.sql again. Then clear this task.
select 'ALL' as region, coalesce(string_agg(role, ', '), 'read by neither') as measured, count(role) = 0 as ok
  from unnest(array['mi_auditor', 'mi_board']) as role
 where has_column_privilege(role, 'mi.vouchers', 'code', 'select')
