"""Which DAG each message names as a next action, and in which states of the calendar the message can arise.

Data of tests/house/test_next_actions.py, which holds it complete. A message is named by its beginning; `…` stands for what is filled in.
"""

from __future__ import annotations

import re

from poco_migration import settings

# The states of the calendar, in their order. What a state has behind it is certified; where two stages may come in any order, both are.
CALENDAR = (
    "before prepare", "after prepare", "after the backfill", "after the reconciliation", "between waves", "after the cutover",
    "after history and the reissue", "after the archive", "before the shutdown", "after the shutdown",
)  # fmt: skip
BACK = ("on the way back", "rolled back", "compared after the rollback")
STATES = (*CALENDAR, *BACK)


def span(first: str, last: str) -> tuple[str, ...]:
    """The states from one to another, both with them."""
    return CALENDAR[CALENDAR.index(first) : CALENDAR.index(last) + 1]


SWITCHES = ("after the reconciliation", "between waves", "compared after the rollback")
COPIES = span("after prepare", "after history and the reissue")

# The errors that name a DAG: (states in which they arise). The stage's own name before a colon would do, where there is one.
ARISES = {
    "cutover: not switched, and open": SWITCHES,
    "cutover: … keys that were written before the store closed": SWITCHES,
    "cutover: parts have been copied and not compared": SWITCHES,
    "cutover: the way back was never rehearsed": SWITCHES,
    "cutover: POCO's list of currencies has changed": SWITCHES,
    "cutover: a person is being erased": SWITCHES,
    "cutover: poco_follow …": SWITCHES,
    "personal_data: the cutover is switching": SWITCHES,
    "history is closed at POCO, but what was written": ("after the cutover",),
    "nothing is followed any more": ("after the shutdown",),
    "poco_follow goes on by itself": (*COPIES, *BACK),
    "poco_after has looked every day": ("after the shutdown",),
    "POCO's server is not the one that was followed": (*COPIES, "after the archive", "before the shutdown", *BACK),
    "replication slot …": (*COPIES, "after the archive", "before the shutdown", *BACK),
    "coupons and points are closed at POCO": ("after the cutover",),
    "what has changed at POCO could not be copied": (*COPIES, *BACK),
    "final_shutdown: no version of the redirects": ("before the shutdown",),
    "final_shutdown: nobody can look at POCO's database": ("before the shutdown",),
    "nothing follows the store yet": ("before prepare",),
    "personal_data: … entities and regions are on their way back": ("on the way back",),
    "there is no archive to restore": ("after history and the reissue", "after the archive"),
    "… entities and regions are on their way back": ("on the way back",),
    "backfill would write over what customers have done at mi.com since": span("after the cutover", "before the shutdown"),
    "backfill would write over what customers have done at mi.com before": BACK[1:],
    "…: …. Nothing was copied": (*COPIES, *BACK),
    "…: the shape of its tables was never pinned": (*COPIES, *BACK),
    "prepare: … findings are red": (*COPIES, *BACK),
    "the slot was lost and is made anew": ("after prepare",),
    "the slot is good again. The backfill": ("after prepare",),
    # What a stage is refused with at its begin: played for every stage in every state.
    "… needs a certificate of": (),
    "… needs the certificate of …, and nothing": (),
    "… needs the certificate of …, which is not": (),
    "… needs the cutover of every region": (),
}
# DAGs that have no entry to be refused at, and why they may be named.
NO_ENTRY = {
    "follow": "begins by itself from the prepare stage to the shutdown",
    "personal_data": "may begin at any time",
    "rollback": "may begin at any time; what cannot return is said by its plan",
    "after": "begins by itself behind the shutdown",
    "deadlines": "begins by itself",
}
# A connection may have the name of a DAG.
DAG = re.compile(r"(?<!connection )\bpoco_(" + "|".join((*settings.STAGES, *NO_ENTRY)) + r")\b")
# What a text that names no DAG tells somebody to do; each such text does at least one of these.
OTHERWISE = {
    "a task of the same run": re.compile(r"\b[Cc]lear|rerun|[Rr]un the task|[Tt]ry again|tried again|draft again|answer it|goes on\b"),
    "the named DAG": re.compile(r"[Rr]un the (whole )?DAG"),
    "a person": re.compile(
        r"administrator|auditor|lead\b|approver|\bowner|steward|finance|\bask\b|\bAsk|\b[Hh]ave |[Cc]all |[Tt]ell|whoever|somebody|Somebody|person"
    ),
    "a file or a setting": re.compile(r"migration\.toml|extract\.sql|load\.sql|inverse\.sql|redirects/|entities/|expectations|[Mm]end|[Cc]orrect|connection"),
    "the rows": re.compile(r"[Cc]ompare|[Ff]ind |[Ll]ook|set resolved_at|[Ss]top\.|[Ss]ettle|[Gg]ive the|[Rr]estore|[Nn]ame "),
    "nothing": re.compile(r"\bNone\b|\b[Ww]ait|[Nn]othing|Pause|Accept|accept|too small"),
}  # fmt: skip
