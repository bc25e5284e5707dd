-- Purpose: forget what was compared before: an entity may have several balances. (Not truncate: the session only reads.)
with forgotten as (delete from balance_source)
delete from balance_target
