"""The last day: thirteen conditions, the logins and roles that end, and the look every day after.

Called by stages/final_shutdown.py, after.py, history.py and reconcile.py. Refuses: a shutdown while one condition is not met, by name.

Read first: preconditions.py. decommission.py ends logins and retires roles; write_watch.py sees whether closed tables were written;
aftercare.py tries redirects, downloads and archive every day.
"""
