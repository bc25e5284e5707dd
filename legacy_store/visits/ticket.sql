-- Purpose: somebody asks for help.
-- $1 a fresh key, $2 a random number, $3 now in the store. Returns the written rows: entity, source_key, region.
with person as (
    select id, region from poco.customers
     where status = 1 and id >= $2 % (select max(id) from poco.customers where id < 900000000) order by id limit 1),
opened as (
    insert into poco.tickets (id, region, customer_id, subject, status, opened_at)
    select $1, region, id, 'Where is my parcel?', 1, $3 from person
    returning id, region),
said as (
    insert into poco.ticket_messages (id, region, ticket_id, author, body, sent_at)
    select $1, region, $1, 'customer', 'It has not come yet.', $3 from person
    returning id, region)
select 'tickets' as entity, id as source_key, region from opened
 union all select 'ticket_messages', id, region from said
