-- Purpose: points earned, spent, pending, expired, reversed, a balance below zero, and a region without a programme.
-- Plants:  7 points_ledger

select pg_temp.customer(900024001, 'ES'), pg_temp.customer(900024002, 'ES'), pg_temp.customer(900024003, 'ID');
insert into poco.points_ledger values
 (900024001, 'ES', 900024001, 'earned',   'posted',  500, null, '2025-01-01', '2024-01-01 10:00'), (900024002, 'ES', 900024001, 'spent',   'posted', -200, null, null, '2024-01-02 10:00'),
 (900024003, 'ES', 900024001, 'earned',   'pending', 300, null, '2025-10-01', '2024-10-19 10:00'), (900024004, 'ES', 900024001, 'expired', 'posted',  -50, null, null, '2024-01-04 10:00'),
 (900024005, 'ES', 900024001, 'reversed', 'posted', -100, null, null, '2024-01-05 10:00'),         (900024006, 'ES', 900024002, 'reversed', 'posted', -75, null, null, '2024-01-05 10:00'),
 (900024007, 'ID', 900024003, 'earned',   'posted',  900, null, '2025-01-01', '2024-01-01 10:00');
