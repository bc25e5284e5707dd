-- Purpose: tell the checks of this session what the configuration and the cards say; writes nothing.
-- $1 JSON object of texts: each becomes the setting migration.<key>
select set_config('migration.' || key, value, false) from json_each_text($1::json)
