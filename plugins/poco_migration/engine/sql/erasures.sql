-- Purpose: everybody whom the store must not hand out, by POCO's key.
select customer from migration.erasure order by customer
