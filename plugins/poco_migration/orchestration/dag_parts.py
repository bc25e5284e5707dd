"""What every front door is made of: a DAG with the house's habits, gates with an acceptance behind them, signatures.

Called by dags/ only. Nothing here runs a stage; it says in which order Airflow may.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.sdk import DAG, Param, TaskGroup, task
from airflow.sdk.bases.operator import chain
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from poco_migration import settings
from poco_migration.adapters import connections
from poco_migration.adapters.timetable import MilestoneTimetable, every_night
from poco_migration.engine import cards
from poco_migration.engine.evidence import approvals
from poco_migration.engine.milestones import countdown
from poco_migration.orchestration import deadline_alerts
from poco_migration.orchestration.human_approval import Acceptance, Question
from poco_migration.stages import backfill, certification, reconcile

# Every task can lose its worker or a connection; a rerun is always safe, so two retries cost nothing but time.
HABITS = {"retries": 2, "retry_delay": timedelta(seconds=10), "retry_exponential_backoff": True, "owner": "data team"}
POOL = "poco_copy"
# The tasks of the two signatures under a draft certificate.
SIGNATURES = ("approval_1", "approval_2")

# What somebody sees who is asked to sign, in Markdown.
DRAFT = """\
{% set d = ti.xcom_pull(task_ids='draft') %}{% set f = d.figures %}
You sign draft **`{{ d.sha256[:16] }}`**. Read it before you sign: `{{ d.report }}`
{% if d.late %}
**{{ d.late }}**
{% endif %}
**What will happen**
{% for line in d.happens %}
- {{ line.replace('. ', '\\. ', 1) }}{% endfor %}

**What is proven so far**
{% if f.equations %}
- Equations that close: **{{ f.equations_closed }} of {{ f.equations }}**, over {{ f.rows }} rows; {{ f.quarantined }} are in quarantine
{% for b in f.behind_rows if b.rows %}- Stay behind in {{ b.region }}: **{{ b.rows }} of {{ b.of_rows }} rows**, {{ b.share }} %
{% endfor %}{% for b in f.behind %}- On them hang in {{ b.region }}: {{ b.what }}: {{ b.amount }}
{% endfor %}- Control totals equal on both sides: **{{ f.totals_equal }} of {{ f.totals }}**
- Expectations that hold: **{{ f.expectations_hold }} of {{ f.expectations }}**{% else %}
- Nothing in this run: it measures after this step. The stages before it are certified.{% endif %}
{% for g in d.gates %}
- Gate {{ g.gate }}: **{{ g.verdict }}**, {{ g.failed }} expectations failed. Report: `{{ g.report }}`{% endfor %}

Two different people sign. If a gate is judged or its facts are measured again before the step runs, it refuses, and you are asked again.
{{ d.again }}
"""

CONFIRM = """\
{% set p = ti.xcom_pull(task_ids='identify') %}
POCO's customers **{{ p.customers | join(', ') }}**, profiles {{ p.profiles | join(', ') or 'none' }}, account {{ p.account or 'none' }}.

Confirm that you have made sure that the request is this person's own, and that no court and no open case keeps the data.
Nothing brings back what is erased. The sale stays as the law wants it, without the person.
"""


def door(stage: str, about: str, *, nightly: bool = False, daily: bool = False, endless: bool = False, **options: Any) -> DAG:
    """The DAG of a stage: on its milestone's date where it has one, every night or day, without end, or by hand; one run at a time."""
    configuration = connections.configuration()
    calendar = configuration.calendar
    milestone = getattr(calendar, stage, None)
    dated = MilestoneTimetable(stage, calendar.scheduled(stage), calendar.shift) if milestone else None
    cron = configuration.reconcile.nightly if nightly else configuration.after.daily if daily else None
    schedule = every_night(cron) if cron else "@continuous" if endless else dated
    return DAG(
        dag_id=f"poco_{stage}",
        description=about.strip().splitlines()[0],
        doc_md=about,
        schedule=schedule,
        # Before every date there is, so that a milestone in the past still runs once when its DAG is unpaused. A night
        # that has passed is not made up for: with a start date, unpausing would start last night's run.
        start_date=None if cron else datetime(2020, 1, 1),
        catchup=bool(milestone),
        max_active_runs=1,
        default_args=HABITS,
        tags=["poco", stage],
        **options,
    )


def step(function: Callable[..., Any], **options: Any) -> Any:
    """A task out of a stage function."""
    return task(connections.at_work(function), **options)


def regions(*, dry_run: bool = False) -> dict[str, Param]:
    """What whoever starts a run may ask for: some regions only, and where it makes sense to be told and not to act."""
    moving = list(settings.load().moving())
    asked = {"regions": Param([], type="array", items={"enum": moving}, description="Which regions; none means all that move.")}
    return asked | dry("Print the plan and how long the store would be closed; then end.") if dry_run else asked


def dry(about: str) -> dict[str, Param]:
    """What whoever starts a run may ask for: to be told, and nothing done."""
    return {"dry_run": Param(False, type="boolean", description=about)}


def person() -> dict[str, Param]:
    """Whom a run is about, and what is asked for. Everybody who sees the run sees this: keys only."""
    key = {"type": ["null", "integer"], "minimum": 1}
    return {
        "what": Param("export", enum=["export", "erase"], description="A copy for the person, or their erasure."),
        "account_id": Param(None, **key, description="mi.com's account, with all its POCO profiles; or"),
        "customer_id": Param(None, **key, description="one customer of POCO's, alone."),
    }


def asked_for(what: str) -> Any:
    """Goes on here only where this was asked for."""
    return task.short_circuit(task_id=f"asked_to_{what}")(_is_what)(what)


def _is_what(what: str, params: Any = None) -> bool:
    return bool(params["what"] == what)


def confirmation(subject: str) -> Any:
    """Asks one approver: behind it lies one person's data, not a store. The step reads the answer itself."""
    return Question(
        task_id="confirm", subject=subject, body=CONFIRM, about="personal_data", asks=approvals.ERASE,
        digest="{{ ti.xcom_pull(task_ids='identify').sha256 }}",
    )  # fmt: skip


def for_real() -> Any:
    """Ends a dry run here."""
    return task.short_circuit(task_id="for_real")(_not_dry)()


def _not_dry(params: Any = None) -> bool:
    return not params["dry_run"]


def copied(milestone: str, after: Any) -> list[Any]:
    """One group per entity that moves at this milestone: its plan, then its parts, each entity after its parents."""
    groups: dict[str, Any] = {}
    for entity in cards.moving_at(milestone):
        with TaskGroup(entity.name, tooltip=entity.about) as groups[entity.name]:
            parts = step(backfill.plan)(entity.name)
            step(backfill.copy_part, pool=POOL, map_index_template="{{ part_name }}").expand(part=parts)
        chain([groups[parent.entity] for parent in entity.parents if parent.entity in groups] or [after], groups[entity.name])
    return list(groups.values())


def compared(parts: Any) -> Any:
    """Every row of these parts compared, what differs repaired and looked at again: what comes after points to the last."""
    compared_ = step(reconcile.compare_part, pool=POOL, map_index_template="{{ part_name }}").expand(part=parts)
    repaired = step(reconcile.repair, trigger_rule="none_failed_min_one_success")()
    verified = step(reconcile.verify)()
    # The parts are asked for too, so that a run in which nothing is left to do is skipped, and one without parts is judged.
    chain([parts, compared_], repaired, verified)
    return verified


def gate(stage: str, name: str) -> tuple[Any, Any]:
    """A gate and the acceptance of its warnings: (what comes before points to the first, the answer is the second)."""
    judged = step(certification.judge, task_id=f"gate_{name}")(stage, name)
    accepted = Acceptance(
        task_id=f"accept_{name}_warnings",
        judged=f"gate_{name}",
        subject=f"Accept the warnings of gate {stage}/{name}?",
        body=f"Read the report before you accept.\n\n{shown(name)}",
        about=stage,
        asks=f"warnings of {name}",
        digest=f"{{{{ ti.xcom_pull(task_ids='gate_{name}').sha256 }}}}",
    )
    chain(judged, accepted)
    return judged, accepted


def shown(gate_name: str) -> str:
    """A gate's verdict and report, for the page on which somebody signs."""
    found = f"{{% set g = ti.xcom_pull(task_ids='gate_{gate_name}') %}}"
    late = "{% if g.late %}\n\n**{{ g.late }}**{% endif %}"
    verdict = f"Gate **{gate_name}**: **{{{{ g.verdict }}}}**, {{{{ g.failed }}}} expectations failed."
    return f"{found}{verdict}{late}\n\nReport: `{{{{ g.report }}}}`"


def signatures(stage: str, subject: str, happens: Any, accepted: dict[str, Any] | None = None) -> tuple[Any, list[Any]]:
    """A draft certificate and two approvals of it by two different people: (what comes before points to the first).

    `happens` is a list of lines that say what the signatures let happen; `accepted` holds, by gate, the answer to its warnings. The
    step that cannot be undone reads both answers itself, and asks for signatures of the newest draft.
    """
    drafted = step(certification.draft)(stage, happens, accepted or {})
    digest = "{{ ti.xcom_pull(task_ids='draft').sha256 }}"
    asked = [
        Question(task_id=name, subject=f"{subject} ({number} of 2)", body=DRAFT, about=stage, asks=stage, digest=digest)
        for number, name in enumerate(SIGNATURES, start=1)
    ]
    chain(drafted, asked)
    return drafted, asked


def warnings() -> list[DeadlineAlert]:
    """An alert of Airflow's before every date of the calendar; one that has passed fires when a run begins."""
    configuration = connections.configuration()
    return [
        DeadlineAlert(
            name=f"{moment.stage} {moment.kind}, {hours} hours before",
            reference=DeadlineReference.FIXED_DATETIME(moment.at),
            interval=timedelta(hours=-hours),
            callback=AsyncCallback(deadline_alerts.due, kwargs={"stage": moment.stage, "kind": moment.kind, "before_hours": hours}),
        )
        for moment in countdown.moments(configuration.calendar)
        for hours in configuration.alerts.before_hours
    ]


def until_the_next_look() -> Any:
    """Keeps a run open, in the triggerer and without a slot: Airflow watches the deadlines of runs that are open."""
    hours = settings.load().alerts.look_hours
    until = f"{{{{ (dag_run.start_date + macros.timedelta(hours={hours})).isoformat() }}}}"
    return DateTimeSensorAsync(task_id="until_the_next_look", target_time=until)
