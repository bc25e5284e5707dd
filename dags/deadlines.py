"""poco_deadlines: warn people a week, a day and four hours before every milestone and deadline of the calendar."""

from poco_migration.orchestration.dag_parts import door, step, until_the_next_look, warnings
from poco_migration.stages import personal_data

ABOUT = """Tell by mail or webhook how long it is until a date, which certificates are missing for it, and what to do first.

Unpause it when the calendar is fixed. Each run lasts some hours, holds no slot, and the next one begins by itself, so that a
moved calendar is taken up; each warning is told once. Whom it tells is the Airflow connection `poco_alerts` (runbook,
"Deadlines"); without it the warnings are in the callbacks' log only. Each run also deletes the copies of persons' data whose link
is over.
"""

with door("deadlines", ABOUT, endless=True, deadline=warnings()):
    # Beside the warnings, and not before them: a store of objects that does not answer keeps nobody from being warned.
    step(personal_data.expire)()
    until_the_next_look()
