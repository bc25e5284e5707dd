-- Purpose: everybody whom the store must not hand out, by POCO's key, and whether the erasure has ended.
select customer, erased_at is not null as done from migration.erasure order by customer
