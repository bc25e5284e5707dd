"""Between backfill and handover the store goes on selling: the log says which keys changed, and they are copied again.

Called by stages/follow.py, cutover.py, reconcile.py and coupon_reissue.py. Refuses: a slot that may have lost changes.

Read first: follower.py (one pass: capture, then apply). replication_slot.py makes, finds and drops the slot; loss.py says whether
it is lost, and where something can be missing then; published_tables.py takes tables out of the log's publication.
change_capture.py reads the log and notes dirty keys; applier.py copies them;
consistent_point.py brings both sides to one instant, and a closed store to the end of its log; source_log.py writes into that log and
knows whose it is; heartbeat.py says whether poco_follow is at work; backlog.py forecasts the log's growth;
departures.py tells when rows leave mi.com for the quarantine.
"""
