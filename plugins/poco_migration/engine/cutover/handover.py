"""The handover: mi.com owns entities and regions, in one transaction, and only for the newest attempt."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.ledger import locks, ownership
from poco_migration.errors import FenceFailed
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"


def begin_attempt(place: Workplace) -> int:
    """A new attempt at the switch; every earlier one can hand nothing over any more.

    Waits for a handover that is under way: after this, who owns what is decided, and `owned` tells it. Rerun: safe.
    """
    options = "-c statement_timeout=30s"
    with postgres.connect(place.target, "target", name="switch", options=options) as target, postgres.translated_errors("target", "switch"):
        return int(postgres.value(target, "update migration.attempt set number = number + 1 returning number"))


def to_xiaomi(
    place: Workplace, entities: Collection[str], regions: Collection[str], run: Run, patience_s: int = 30, attempt: int | None = None,
    still_proven: Callable[[postgres.Connection], None] | None = None,
) -> None:  # fmt: skip
    """Hand all of these over in one transaction. Copies that are in flight end first, and none begins any more; then `still_proven`
    is asked, and raises where one of those copies has written something that nobody has compared.

    Rerun: safe; `since` stays. Raises TargetError when those copies take longer than `patience_s`, FenceFailed when
    another attempt has begun since `attempt` or keys have become dirty since the drain, StageRefused while one of them is
    on its way back; then nothing is handed over.
    """
    ownership.refuse_returning(place, entities, regions)
    with (
        postgres.connect(place.target, "target", name=str(run), options=f"-c statement_timeout={patience_s}s") as target,
        postgres.translated_errors("target", "handover"),
        target.transaction(),
    ):
        if attempt is not None and attempt != postgres.value(target, "select number from migration.attempt for update"):
            raise FenceFailed(
                "cutover: this try was taken for dead and the store has been opened again meanwhile. Nothing was handed over by it. "
                "Clear this task: it begins anew."
            )
        locks.take_ownership(target, entities)
        if attempt is not None and (waiting := postgres.run(target, SQL / "handover_waiting.sql", list(entities))[0]["keys"]):
            raise FenceFailed(
                f"cutover: {waiting} keys are to be copied once more, because somebody signed up or listed an article at mi.com in the "
                "meantime. Nothing was handed over, the store is open. Clear this task: it begins anew."
            )
        if still_proven is not None:
            still_proven(target)
        postgres.run_many(target, SQL / "owner_set.sql", [(entity, region, run.id) for entity in entities for region in regions])
