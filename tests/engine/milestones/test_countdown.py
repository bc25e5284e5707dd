"""The calendar warns in time, once, on the calendar of today, of what is missing; and a real server takes the message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from support.mail_and_web_receivers import mail_server, webhook
from support.workplaces import rehearsed

from poco_migration import settings
from poco_migration.adapters.notifying import Channel
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.milestones import countdown
from poco_migration.errors import AlertFailed, ConfigurationError

CALENDAR = settings.load().calendar
LOG = Channel()


def at(place: Workplace, stage: str, kind: str, left: timedelta) -> Workplace:
    """The same place on a calendar that is moved so that this date is so far away now."""
    moment = next(m for m in countdown.moments(CALENDAR) if (m.stage, m.kind) == (stage, kind))
    return replace(place, settings=rehearsed(place.settings, datetime.now(UTC) + left - moment.at))


def certify(place: Workplace, *stages: str) -> None:
    with psycopg.connect(place.target) as target:
        for number, stage in enumerate(stages, start=1):
            target.execute(
                "insert into migration.certificate (sequence, stage, run, document, sha256, report) values (%s, %s, 'r', '{}', %s, '')",
                (number, stage, stage),
            )


def told(place: Workplace) -> list[tuple[str, str, int]]:
    with psycopg.connect(place.target) as target:
        return target.execute("select stage, kind, before_hours from migration.alert order by told_at").fetchall()


def test_every_milestone_and_deadline_is_a_moment_in_order() -> None:
    found = [(m.stage, m.kind, f"{m.at:%d %b}") for m in countdown.moments(CALENDAR)]
    announced = [
        ("cutover", "milestone", "21 Oct"), ("coupon_reissue", "milestone", "02 Dec"), ("history", "milestone", "02 Dec"),
        ("coupon_reissue", "deadline", "12 Dec"), ("history", "deadline", "12 Dec"), ("final_shutdown", "milestone", "31 Dec"),
        ("final_shutdown", "deadline", "02 Jan"),
    ]  # fmt: skip
    assert [moment for moment in found if moment in announced] == announced
    assert {(stage, kind) for stage, kind, _ in found} == (
        {(stage, "milestone") for stage in settings.STAGES if hasattr(CALENDAR, stage)}
        | {(stage, "deadline") for stage in settings.STAGES if hasattr(CALENDAR.deadline, stage)}
    )
    moved = countdown.moments(rehearsed(settings.load(), timedelta(days=700)).calendar)
    assert {(b.at - a.at).days for a, b in zip(countdown.moments(CALENDAR), moved, strict=True)} == {700}


def test_a_moment_needs_what_comes_before_it_and_a_deadline_its_own_stage_too() -> None:
    needed = {(m.stage, m.kind): m.needed() for m in countdown.moments(CALENDAR)}
    assert needed["cutover", "milestone"] == ("prepare", "backfill", "reconcile")
    assert needed["history", "milestone"] == ("prepare", "backfill", "reconcile", "cutover")
    assert needed["history", "deadline"] == ("prepare", "backfill", "reconcile", "cutover", "history")
    assert needed["final_shutdown", "milestone"] == settings.STAGES[:-1]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(7 * 1440 + 90, "in 7 days 1 hour"), (1440, "in 1 day"), (245, "in 4 hours 5 minutes"), (1, "in 1 minute"), (0, "in less than a minute"),
     (-61, "1 hour 1 minute ago"), (-3 * 1440, "3 days ago")],
)  # fmt: skip
def test_what_is_left_is_said_in_words(minutes: int, said: str) -> None:
    now = datetime(2024, 10, 1, tzinfo=UTC)
    assert countdown.left(now + timedelta(minutes=minutes), now) == said


def test_a_warning_goes_by_mail_to_a_real_server_and_names_what_is_missing(place: Workplace) -> None:
    certify(place, "prepare", "backfill")
    with mail_server() as box:
        channel = Channel(
            "smtp",
            host="127.0.0.1",
            port=box.port,
            login="robot",
            password="secret",
            sender="robot@example.com",
            to=("a@example.com", "b@example.com"),
        )
        day_before = at(place, "cutover", "milestone", timedelta(hours=23, minutes=30, seconds=30))
        assert countdown.tell(day_before, channel, "cutover", "milestone", 24)
    [mail] = box.messages
    assert mail["Subject"] == "[rehearsal] POCO to mi.com: cutover begins in 23 hours 30 minutes"
    assert mail["To"] == "a@example.com, b@example.com" and len(box.logins) == 1
    body = mail.get_content()
    assert "Still missing: the certificate of reconcile." in body
    assert "Next: Run poco_reconcile to its end" in body
    assert "secret" not in mail.as_string()


def test_a_warning_goes_to_a_webhook(place: Workplace) -> None:
    certify(place, *settings.STAGES[:4])
    with webhook() as hook:
        soon = at(place, "history", "deadline", timedelta(hours=3, minutes=59, seconds=30))
        assert countdown.tell(soon, Channel("webhook", url=hook.url), "history", "deadline", 4)
    [post] = hook.posts
    assert post["text"].startswith("*[rehearsal] POCO to mi.com: history must be certified in 3 hours 59 minutes*\n")
    assert "the certificate of history." in post["text"] and "poco_history" in post["text"]


def test_each_warning_is_told_once_and_the_next_one_again(place: Workplace) -> None:
    for left, before, said in (
        (160, 168, True),
        (160, 168, False),
        (20, 168, False),
        (20, 24, True),
        (20, 24, False),
        (3, 4, True),
        (-1, 4, False),
    ):
        day = at(place, "cutover", "milestone", timedelta(hours=left))
        # The same date: only the clock goes on, which here is the calendar going back.
        with psycopg.connect(place.target) as target:
            target.execute("update migration.alert set due = %s", (day.settings.calendar.scheduled("cutover"),))
        assert bool(countdown.tell(day, LOG, "cutover", "milestone", before)) is said, (left, before)
    assert told(place) == [("cutover", "milestone", 168), ("cutover", "milestone", 24), ("cutover", "milestone", 4)]


def test_another_calendar_is_warned_of_again(place: Workplace) -> None:
    for left in (timedelta(hours=20), timedelta(hours=19)):
        assert countdown.tell(at(place, "cutover", "milestone", left), LOG, "cutover", "milestone", 24)


def test_of_warnings_that_come_late_together_only_the_last_is_told(place: Workplace) -> None:
    """On the real calendar every date is over, and whoever unpauses the DAG is told once for each."""
    said = [countdown.tell(place, LOG, m.stage, m.kind, hours) for m in countdown.moments(CALENDAR) for hours in (168, 24, 4)]
    assert [bool(text) for text in said] == [False, False, True] * len(countdown.moments(CALENDAR))
    assert all(" ago." in text and "was to be" in text and "rehearsal" not in text for text in said if text)


def test_a_deadline_that_is_met_is_not_warned_of(place: Workplace) -> None:
    certify(place, *settings.STAGES[:-1])
    soon = at(place, "history", "deadline", timedelta(hours=3))
    assert countdown.tell(soon, LOG, "history", "deadline", 4) is None
    assert "Nothing is missing" in str(countdown.tell(soon, LOG, "final_shutdown", "milestone", 168) or "Nothing is missing")


@pytest.mark.parametrize("kind", ["smtp", "webhook", "nobody listens"])
def test_what_was_not_taken_is_told_again_and_no_secret_is_in_the_error(place: Workplace, kind: str) -> None:
    near = at(place, "cutover", "milestone", timedelta(hours=3))
    with mail_server() as box, webhook() as hook:
        box.refusing, hook.status = True, 500
        channel = {
            "smtp": Channel("smtp", host="127.0.0.1", port=box.port, sender="a@example.com", to=("b@example.com",)),
            "webhook": Channel("webhook", url=hook.url),
            "nobody listens": Channel("webhook", url="http://127.0.0.1:1/services/secret-token"),
        }[kind]
        assert "secret-token" not in repr(channel)
        with pytest.raises(AlertFailed, match="poco_alerts did not take a message") as failed:
            countdown.tell(near, channel, "cutover", "milestone", 4)
        assert "secret-token" not in str(failed.value) and failed.value.__cause__ is None
        assert told(place) == []
        box.refusing, hook.status = False, 200
        if kind != "nobody listens":
            assert countdown.tell(near, channel, "cutover", "milestone", 4)
            assert len(box.messages) + len(hook.posts) == 1
            assert told(place) == [("cutover", "milestone", 4)]


def test_without_a_ledger_only_what_is_due_now_is_told(place: Workplace) -> None:
    with psycopg.connect(place.ledger) as target:
        target.execute("drop schema migration cascade")
    assert countdown.tell(at(place, "cutover", "milestone", timedelta(hours=3)), LOG, "cutover", "milestone", 4) is None
    just = at(place, "cutover", "milestone", timedelta(hours=4) - timedelta(minutes=1))
    assert "the certificate of prepare" in str(countdown.tell(just, LOG, "cutover", "milestone", 4))


def test_two_at_once_tell_it_once(place: Workplace) -> None:
    """Whoever comes second waits for the note of the first, and finds it told."""
    near = at(place, "cutover", "milestone", timedelta(hours=3))
    with webhook() as hook:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(4) as pool:
            texts = list(pool.map(lambda _: countdown.tell(near, Channel("webhook", url=hook.url), "cutover", "milestone", 4), range(4)))
    assert len([text for text in texts if text]) == len(hook.posts) == 1


def test_warnings_go_from_the_earliest_to_the_last(tmp_path) -> None:
    path = tmp_path / "migration.toml"
    path.write_text(settings.CONFIGURATION.read_text("utf-8").replace("[168, 24, 4]", "[4, 24]"))
    with pytest.raises(ConfigurationError, match="before_hours"):
        settings.load(path)
