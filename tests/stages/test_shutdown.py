"""The shutdown refuses by name while anything is missing; behind it nobody gets into the store, and India goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from faults import database_pairs, report
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from support import shutdown_day
from support.certificates import certified, signed
from support.mail_and_web_receivers import webhook
from support.shutdown_day import LAST_DAY, RUN, close, on
from support.workplaces import Servers, clone

from local_stack import databases
from poco_migration import settings
from poco_migration.adapters.notifying import Channel
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards
from poco_migration.engine.copying import media
from poco_migration.engine.cutover import fence
from poco_migration.engine.evidence import gate
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.ledger import step_log
from poco_migration.engine.shutdown import decommission, preconditions, write_watch
from poco_migration.errors import ApprovalMissing, GateStopped, NothingToDo, StageRefused
from poco_migration.model import Run
from poco_migration.stages import final_shutdown, follow, reconcile


@pytest.fixture(scope="module")
def handed_over(servers: Servers, objects: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A pair to clone: all of it is mi.com's, and the last day has come."""
    own = {"evidence": "shutdown", "redirects": "shutdown-redirects"}
    for bucket in own.values():
        objects.ensure_bucket(bucket)
    place = clone(servers)
    databases.grant_source(servers.source, servers.passwords, database_pairs.names(place)[0])
    kept = place.settings.objects.model_copy(update=own)
    place = replace(place, objects=objects, settings=place.settings.model_copy(update={"objects": kept}))
    shutdown_day.hand_over(place, tmp_path_factory.mktemp("redirects") / "cache")
    return shutdown_day.measured(place)


@pytest.fixture
def last_day(handed_over: Workplace, servers: Servers, tmp_path: Path) -> Iterator[Workplace]:
    """A fresh pair on 31 December, with a slot and secrets to delete."""
    with database_pairs.following_pair(handed_over, servers, "shutdown") as fresh:
        follow = handed_over.settings.follow.model_copy(update={"slot": "shutdown", "idle_s": 0.05})
        told = handed_over.settings.model_copy(update={"follow": follow})
        keyring = shutdown_day.FileKeyring(tmp_path / "secrets").fill()
        yield on(replace(fresh, objects=handed_over.objects, settings=told, keyring=keyring), LAST_DAY)
        shutdown_day.let_in_again(servers)


def as_app(place: Workplace) -> psycopg.Connection:
    return psycopg.connect(
        make_conninfo(**{**conninfo_to_dict(place.source), "user": "poco_app", "password": "test-poco_app"}), autocommit=True
    )


def owner(place: Workplace, statement: str) -> None:
    with psycopg.connect(place.source_owner, autocommit=True) as connection:
        connection.execute(statement)


def ledger(place: Workplace, statement: str) -> None:
    with psycopg.connect(place.ledger, autocommit=True) as connection:
        connection.execute(statement)


def as_migrator(place: Workplace, statement: str) -> None:
    """A write that the fence lets pass, as one of the migration's own would be."""
    ways = "grant update on poco.orders to poco_migrator; grant usage on schema poco to poco_migrator; grant select on poco.orders to poco_migrator"
    owner(place, ways)
    with psycopg.connect(place.source, autocommit=True) as connection:
        connection.execute(statement)


PARKED = (
    "insert into migration.quarantine (entity, source_key, region, reason, next_action) values ('orders', 1, 'DE', 'from_nowhere', 'Ask.')"
)
MISSING: dict[str, Callable[[Workplace], object]] = {
    "certificates": lambda place: certified(place, "rollback", Run("poco_rollback/late")),
    "handed over": lambda place: ledger(place, "update migration.system_of_record set owner = 'POCO' where entity = 'returns' and region = 'DE'"),
    "equations": lambda place: ledger(place, "update migration.recon set source = source + 1, missing = 1 where entity = 'orders' and region = 'DE'"),
    "quarantine": lambda place: ledger(place, PARKED),
    "erasures": lambda place: ledger(place, "insert into migration.erasure (customer, run) values (1, 'poco_personal_data/x')"),
    "drill": lambda place: ledger(place, "update migration.certificate set issued_at = issued_at - interval '20 days' where stage = 'archive'"),
    "redirects": lambda place: ledger(place, "update migration.certificate set stage = 'gone' where stage = 'redirects'"),
    "quiet": lambda place: as_migrator(place, "update poco.orders set note = 'late' where id = (select min(id) from poco.orders where region = 'DE')"),
    "drained": lambda place: ledger(place, "update migration.stream set lost = 'it was dropped by hand'"),
    "witness": lambda place: owner(place, "revoke execute on function poco_export.remains(text[], text) from poco_witness"),
    "retirement": lambda place: None,
}  # fmt: skip


def test_the_shutdown_names_each_condition_that_is_missing(handed_over: Workplace, servers: Servers, last_day: Workplace) -> None:
    """Each in turn, on a pair of its own; nothing is taken at POCO, whatever the gate said."""
    for name, spoil in MISSING.items():
        with database_pairs.following_pair(handed_over, servers, "missing") as fresh:
            told = last_day.settings.model_copy(update={"follow": fresh.settings.follow})
            place = replace(fresh, objects=last_day.objects, settings=told)
            if name == "retirement":
                with psycopg.connect(servers.source.dsn(database_pairs.names(place)[0]), autocommit=True) as dba:
                    dba.execute("drop schema poco_dba cascade")
            spoil(place)
            with pytest.raises(StageRefused, match="conditions are not met, and nothing was shut down") as refused:
                close(place)
            said = str(refused.value)
            assert f"[{name}]" in said and "Next: " in said
            assert step_log.ended(place, final_shutdown.STAGE) == set() and not replication_slot.require_slot(place).ended
            report.cell("shutdown", f"missing: {name}", said.split(f"[{name}] ")[1].split(". Next", maxsplit=1)[0][:110], True)


def test_every_condition_has_its_fault_here() -> None:
    assert {c.name for c in preconditions.CONDITIONS} == MISSING.keys() | {"date", "transactions"}
    assert all(c.demanded and c.next_action for c in preconditions.CONDITIONS)


def test_the_certificate_of_every_stage_before_is_asked_for(last_day: Workplace) -> None:
    asked = next(c for c in preconditions.CONDITIONS if c.name == "certificates")
    for stage in settings.STAGES[: settings.STAGES.index(final_shutdown.STAGE)]:
        ledger(last_day, f"update migration.certificate set stage = 'gone' where stage = '{stage}'")
        assert asked.lacking(last_day, RUN) == f"{stage} is not certified"
        ledger(last_day, f"update migration.certificate set stage = '{stage}' where stage = 'gone'")
        report.cell("shutdown", f"missing: certificate of {stage}", "refused by name", True)


def test_before_its_date_it_refuses(last_day: Workplace) -> None:
    early = on(last_day, LAST_DAY - timedelta(days=1))
    with pytest.raises(StageRefused, match=r"\[date\] final_shutdown is not due before 2024-12-31"):
        close(early)
    report.cell("shutdown", "missing: date", "refused by name", True)


def test_a_prepared_transaction_refuses_it(last_day: Workplace, servers: Servers) -> None:
    with psycopg.connect(servers.source.dsn(database_pairs.names(last_day)[0]), autocommit=True) as dba:
        dba.execute("begin")
        dba.execute("create table public.pending ()")
        dba.execute("prepare transaction 'pending'")
        try:
            with pytest.raises(StageRefused, match=r"\[transactions\] prepared_transactions: 1 prepared"):
                close(last_day)
            report.cell("shutdown", "missing: transactions", "1 prepared", True)
        finally:
            dba.execute("rollback prepared 'pending'")


def test_one_signature_is_not_enough(last_day: Workplace) -> None:
    with pytest.raises(ApprovalMissing, match="1 of 2 people have signed"):
        final_shutdown.close(last_day, RUN, signed(last_day, final_shutdown.STAGE, RUN, ("alice", "alice")))
    assert step_log.ended(last_day, final_shutdown.STAGE) == set()
    report.cell("shutdown", "missing: approvals", "1 of 2 people have signed", True)


@pytest.mark.parametrize("stage", [preconditions.ARCHIVE, preconditions.REDIRECTS])
def test_the_drill_and_the_redirects_are_asked_for_where_their_stages_are(last_day: Workplace, stage: str) -> None:
    asked = next(c for c in preconditions.CONDITIONS if c.of == stage)
    with psycopg.connect(last_day.ledger, autocommit=True) as target:
        target.execute("delete from migration.certificate c where stage = %s and not exists (select from migration.certificate n"
                       " where n.previous = c.sha256)", (stage,))  # fmt: skip
        known = target.execute("select count(*) from migration.certificate where stage = %s", (stage,)).fetchone()
    if known == (0,):
        assert "was ever" in asked.lacking(last_day, RUN) or "was never" in asked.lacking(last_day, RUN)
    certified(last_day, stage, Run(f"poco_{stage}/again"))
    assert asked.lacking(last_day, RUN) == ""


def test_the_gate_before_the_signatures_is_red_by_the_name_of_what_is_missing(last_day: Workplace) -> None:
    ledger(last_day, PARKED)
    final_shutdown.ask(last_day, RUN)
    with pytest.raises(GateStopped, match="Every condition of the shutdown is met: not so for quarantine"):
        gate.judge(last_day, final_shutdown.STAGE, "entry", RUN)
    ledger(last_day, "update migration.quarantine set owner = 'mila' where reason = 'from_nowhere'")
    assert final_shutdown.ask(last_day, RUN) == {}


def test_a_dry_run_prints_the_plan_of_the_run_and_takes_no_step(last_day: Workplace) -> None:
    lines = final_shutdown.plan(last_day, replace(RUN, asked={"dry_run": True}))
    assert [line.split(":")[0] for line in lines[1 : 1 + len(final_shutdown.PLAN)]] == [
        f"{n}. {s.name}" for n, s in enumerate(final_shutdown.PLAN, start=1)
    ]
    assert all(("Point of no return" in line) == step.irreversible for line, step in zip(lines[1:], final_shutdown.PLAN, strict=False))
    assert any(line == "condition drained: is so (the log of POCO is read to its end)" for line in lines)
    assert step_log.ended(last_day, final_shutdown.STAGE) == set()
    close(last_day)
    with psycopg.connect(last_day.target) as target:
        taken = target.execute("select step from migration.switch_step where stage = 'final_shutdown' order by step_id").fetchall()
    assert [step for (step,) in taken] == [step.name for step in final_shutdown.PLAN]


def test_behind_it_nobody_gets_in_and_india_goes_on(last_day: Workplace) -> None:
    with as_app(last_day) as app:
        token = app.execute("select id from poco.app_tokens where region = 'DE' and revoked_at is null").fetchone()
        india = app.execute("select count(*) from poco.app_tokens where region = 'IN' and revoked_at is null").fetchone()
    assert token and india and india[0] > 0
    assert close(last_day)["left"] == 0
    for dsn in (last_day.source, last_day.source_auditor, last_day.source_follower):
        with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
            psycopg.connect(dsn)
    with as_app(last_day) as app:
        for statement in (
            "update poco.orders set note = 'x' where id = (select min(id) from poco.orders where region = '{}')",
            "insert into poco.app_tokens (id, region, customer_id, token, created_at) values (777777777777, '{}', 1, 'a login', now())",
            "update poco.coupons set uses_left = 0 where id = (select min(id) from poco.coupons where region = '{}')",
        ):
            for region in last_day.settings.moving():
                with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                    app.execute(statement.format(region))
            assert app.execute(statement.format("IN")).rowcount == 1
        live = "select count(*) from poco.app_tokens where revoked_at is null and region {} 'IN'"
        assert app.execute(live.format("<>")).fetchone() == (_never_opened(app),)
        assert app.execute(live.format("=")).fetchone() == (india[0] + 1,)
    assert last_day.keyring is not None and last_day.keyring.left() == []
    with psycopg.connect(last_day.source_witness, autocommit=True) as witness:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            witness.execute("select * from poco.orders")
        assert witness.execute("select count(*) from poco_export.remains(array['IN'], 'x') where region = 'IN'").fetchone() == (0,)


def _never_opened(app: psycopg.Connection) -> int:
    row = app.execute("select count(*) from poco.app_tokens where revoked_at is null and region = 'XX'").fetchone()
    return int(row[0]) if row else 0


def test_a_rerun_changes_nothing_and_needs_no_way_to_poco(last_day: Workplace) -> None:
    first = close(last_day)
    again = close(replace(last_day, source="", source_owner="", source_auditor="", source_follower="", voucher_key=b""))
    assert again == first
    with pytest.raises(NothingToDo, match="nothing is followed any more"):
        follow.follow(_hasty(last_day), RUN)
    with pytest.raises(StageRefused, match="there is no connection to the source any more"):
        write_watch.fingerprint_tables(replace(last_day, source_owner=""), RUN)


def _hasty(place: Workplace) -> Workplace:
    quick = place.settings.follow.model_copy(update={"run_seconds": 1})
    return replace(place, settings=place.settings.model_copy(update={"follow": quick}))


def test_a_night_behind_the_cutover_is_skipped_and_says_why(last_day: Workplace) -> None:
    with pytest.raises(NothingToDo, match="mi.com owns every region since the cutover"):
        reconcile.anything_left(last_day, RUN)
    ledger(last_day, "update migration.system_of_record set owner = 'POCO' where entity = 'orders' and region = 'DE'")
    assert reconcile.anything_left(last_day, RUN) == ["orders"]


def test_a_step_that_somebody_undoes_stops_it_by_name(last_day: Workplace) -> None:
    owner(last_day, "create function public.planted() returns trigger language plpgsql as $$ begin new.revoked_at := null; return new; end $$;"
                    " create trigger planted before update on poco.app_tokens for each row execute function public.planted()")  # fmt: skip
    with pytest.raises(StageRefused, match="step 'end logins' was taken, and still it is not so"):
        close(last_day)
    owner(last_day, "drop function public.planted() cascade")
    assert close(last_day)["left"] == 0


def test_a_late_shutdown_is_told_and_says_so(last_day: Workplace) -> None:
    late = on(last_day, LAST_DAY + timedelta(days=3))
    assert "It is late" in final_shutdown.plan(late, RUN)[0]
    with webhook() as hook:
        close(replace(late, alerts=Channel("webhook", url=hook.url)))
    assert "the final shutdown is late" in hook.posts[0]["text"]
    assert json.loads(certified(late, "final_shutdown", Run("poco_final_shutdown/late")).document)["late_seconds"] >= 24 * 3600


class TestQuiet:
    """Two looks with the same mark have no write between them; a write of any kind changes it."""

    @pytest.mark.parametrize("write", [
        "update poco.reviews set region = region where id = (select min(id) from poco.reviews where region = 'FR')",
        "delete from poco.reviews where id = (select max(id) from poco.reviews where region = 'FR')",
        "insert into poco.reviews select (jsonb_populate_record(r, jsonb_build_object('id', 4242424242))).* from poco.reviews r where region = 'FR' limit 1",
    ])  # fmt: skip
    def test_a_write_is_seen_where_it_was(self, last_day: Workplace, servers: Servers, write: str) -> None:
        assert len(write_watch.written_since(last_day)) == len(write_watch.watched()) * len(
            last_day.settings.moving()
        )  # one look proves nothing
        write_watch.fingerprint_tables(last_day, RUN)
        assert write_watch.written_since(last_day) == []
        with psycopg.connect(servers.source.dsn(database_pairs.names(last_day)[0]), autocommit=True) as dba:
            dba.execute("set session_replication_role = replica")
            dba.execute("alter table poco.reviews disable trigger zz_migration_fence")
            assert dba.execute(write).rowcount == 1
        write_watch.fingerprint_tables(last_day, RUN)
        assert [(entity, region) for entity, region, _ in write_watch.written_since(last_day)] == [("reviews", "FR")]

    def test_india_and_a_vacuum_do_not_disturb_it(self, last_day: Workplace, servers: Servers) -> None:
        with psycopg.connect(servers.source.dsn(database_pairs.names(last_day)[0]), autocommit=True) as dba:
            dba.execute("update poco.orders set note = 'sold' where region = 'IN'")
            dba.execute("vacuum (freeze) poco.orders")
            dba.execute("vacuum full poco.reviews")
        write_watch.fingerprint_tables(last_day, RUN)
        assert write_watch.written_since(last_day) == []


def test_every_reason_to_park_a_row_has_an_owner_but_the_unforeseen() -> None:
    reasons = {r.name for entity in cards.entities().values() for r in entity.reasons.values() if r.outcome == "quarantined"}
    reasons |= media.REASONS.keys()
    assert reasons - cards.reason_owners().keys() == {"refused_by_source", "refused_by_target"}
    assert cards.reason_owners().keys() <= reasons


def test_the_witness_tries_a_write_where_a_region_has_no_row_too(place: Workplace, source: psycopg.Connection) -> None:
    """A table that nobody has closed is not taken for closed because there was nothing to try it on."""
    source.execute("delete from poco.consents where region = 'DE'")
    assert decommission.remains(place)[("writable tables", "DE")] == 21
    assert source.execute("select count(*) from poco.consents where region = 'DE'").fetchone() == (0,)
    fence.raise_(place, [name for name in cards.entities() if name != "consents"], ["DE"], for_good=True)
    assert decommission.remains(place)[("writable tables", "DE")] == 1
    fence.raise_(place, ["consents"], ["DE"], for_good=True)
    assert decommission.remains(place)[("writable tables", "DE")] == 0


def test_a_region_without_rows_is_tried_as_well(place: Workplace, source: psycopg.Connection) -> None:
    fence.raise_(place, list(cards.entities()), ["DE"], for_good=True)
    source.execute("alter table poco.coupon_redemptions disable trigger user")
    source.execute("delete from poco.coupon_redemptions where region = 'DE'")
    assert decommission.remains(place)["writable tables", "DE"] == 1
    source.execute("alter table poco.coupon_redemptions enable always trigger zz_migration_fence")
    assert decommission.remains(place)["writable tables", "DE"] == 0
    assert source.execute("select count(*) from poco.coupon_redemptions where region = 'DE'").fetchone() == (0,)


def test_the_witness_sees_what_is_open_and_changes_nothing(place: Workplace, source: psycopg.Connection) -> None:
    before = source.execute("select sum(hashtextextended(t::text, 0)::numeric) from poco.orders t").fetchone()
    found = decommission.remains(place)
    assert found[("open tables", "DE")] == 21 and found[("writable tables", "DE")] >= 20 and found[("live tokens", "DE")] > 0
    assert (found[("ways to write", "ALL")], found[("logins", "ALL")], found[("rights", "ALL")]) == (9, 4, 4)
    assert source.execute("select sum(hashtextextended(t::text, 0)::numeric) from poco.orders t").fetchone() == before
    # Where every write seems to be refused, it says nothing.
    reading = psycopg.connect(place.source_witness, options="-c default_transaction_read_only=on")
    with reading, pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="may write"):
        reading.execute("select * from poco_export.remains(array['DE'], 'x')")
