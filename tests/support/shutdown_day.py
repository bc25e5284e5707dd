"""What every test of the shutdown starts from: everything handed over and certified, and a workplace on the last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from support.certificates import certified, signed
from support.workplaces import Servers, copy_all, install, rehearsed

from local_stack.answering import service
from poco_migration import settings
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.coupons import reissue
from poco_migration.engine.cutover import fence, handover
from poco_migration.engine.follow import replication_slot
from poco_migration.engine.shutdown import write_watch
from poco_migration.model import Run
from poco_migration.stages import coupon_reissue, final_shutdown, reconcile, redirects

RUN = Run("poco_final_shutdown/test")
LAST_DAY = settings.load().calendar.final_shutdown + timedelta(hours=1)


@dataclass(frozen=True)
class FileKeyring:
    """Secrets as files of a folder, deleted one by one; Airflow's own are deleted in tests/scenarios."""

    folder: Path
    order: tuple[str, ...] = (
        "poco_source",
        "poco_source_owner",
        "poco_source_auditor",
        "poco_source_follower",
        "voucher_key",
        "airflow_api",
    )

    def fill(self) -> FileKeyring:
        self.folder.mkdir(exist_ok=True)
        for name in self.order:
            self.folder.joinpath(name).write_text("secret")
        return self

    def left(self) -> Sequence[str]:
        return [name for name in self.order if self.folder.joinpath(name).exists()]

    def forget(self, name: str) -> None:
        self.folder.joinpath(name).unlink(missing_ok=True)


def on(place: Workplace, day: datetime) -> Workplace:
    """The same workplace where this instant of the migration's calendar is now."""
    return replace(place, settings=rehearsed(place.settings, datetime.now(UTC) - day))


def answered(place: Workplace, cache: Path) -> None:
    """Redirects that are built, staged and asked of a running service, as poco_redirects leaves them."""
    run = Run("poco_redirects/test")
    published = redirects.build(place, run)
    with service(place.objects, place.settings.objects.redirects, cache) as running:
        running.until(staged=published["version"])
        redirects.verify(replace(place, redirects=running.url), run)


def hand_over(place: Workplace, cache: Path) -> None:
    """Everything copied, owned by mi.com, closed at POCO for good, and certified; looked at on 12 December."""
    install(place)
    replication_slot.create_publication(place)
    copy_all(place)
    names = write_watch.watched()
    fence.raise_(place, names, place.settings.moving(), for_good=True)
    with psycopg.connect(place.target, autocommit=True) as target:
        cuts = reissue.plan_batches(target, 1)
    for lo, hi in cuts:
        reissue.move(place, lo, hi, RUN)
    coupon_reissue.settle(place, RUN)
    handover.to_xiaomi(place, names, place.settings.moving(), RUN)
    answered(place, cache)
    for stage in settings.STAGES[: settings.STAGES.index(final_shutdown.STAGE)]:
        certified(place, stage, Run(f"poco_{stage}/test"))
    write_watch.fingerprint_tables(on(place, place.settings.calendar.deadline.history), RUN)


def measured(place: Workplace) -> Workplace:
    """With the equations and totals of the shutdown's own run."""
    reconcile.measure(place, RUN, "cutover", "history", "reissue", "never")
    return place


def close(place: Workplace) -> dict[str, Any]:
    """One try of the shutdown, signed by two people."""
    return final_shutdown.close(place, RUN, signed(place, final_shutdown.STAGE, RUN))


def let_in_again(servers: Servers) -> None:
    """The logins that a shutdown has disabled, for the next test on the same server."""
    with psycopg.connect(servers.source.dsn(), autocommit=True) as connection:
        for role in ("poco_migrator", "poco_auditor", "poco_archivist", "poco_follower"):
            connection.execute(f"alter role {role} login")
        connection.execute("alter role poco_follower replication")
