-- Purpose: what each holder has on either side, while they are compared.
drop table if exists pg_temp.balance_source, pg_temp.balance_target;
create temp table balance_source (region text not null, holder bigint not null, balance text not null, place text not null, amount numeric not null);
create temp table balance_target (like pg_temp.balance_source);
