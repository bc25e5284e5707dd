-- Purpose: a review of an article never bought, the same review twice, and a rating that does not exist.
-- Plants:  4 reviews

select pg_temp.customer(900019001, 'FR'), pg_temp.product(900019001, 'FR');
select pg_temp.review(900019001 + n, 'FR', 900019001, 900019001) from generate_series(0, 3) n;
update poco.reviews set body = 'Never had one' where id = 900019001;
update poco.reviews set rating = 11 where id = 900019004;
