-- Purpose: the migrated messages, read back in the shape of extract.sql.
-- One row per message. Order: none.
select t.message_id - mi.poco_key(0) as source_key,
       m.region,
       'migrated'                    as outcome,
       t.message_id, c.market, t.case_id, t.author, t.body, t.attachments, t.sent_at
  from mi.case_messages t
  join mi.service_cases c on c.case_id = t.case_id
  join mi.market_origins m on m.market = c.market
 where t.origin = 'poco'  -- POCO's mark
