"""Have the facts changed since they were signed? What is measured now is held against the draft that two people have read.

The store goes on selling, so rows that have come and moved are no change. A change is what does not move any more, what is gone, and
what does not agree; by more than single rows, so that nobody is asked again for one customer's typing error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import certificate_content, draft
from poco_migration.errors import FenceFailed, StageRefused
from poco_migration.limits import Quarantine
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
TOLD = 5
Rows = Iterable[Mapping[str, Any]]
Parked = Counter[tuple[str, str, str]]  # rows in quarantine by entity, region and reason


def require_as_signed(place: Workplace, stage: str, run: Run, now: Run, regions: Collection[str]) -> None:
    """Hold what was measured under `now` against the newest draft of `run`. Raises StageRefused naming what has changed. Reads only."""
    with postgres.connect(place.target, "target", name=f"since signed {run.id}") as target:
        signed = draft.newest_draft(target, stage, run.id)
        found = {name: certificate_content.facts(target, f"proof_{name}", now) for name in ("equations", "excused")}
        open_ = certificate_content.open_differences(target, now)
    assert signed is not None  # approvals.require has read it
    others = set(place.settings.moving()) - set(regions)  # moved before, or moves later
    changed = [f"{row['kind']} {row['name']}, {row['region']}: {row['difference']}" for row in open_ if row["region"] not in others]
    changed += changes(signed.proof, found, regions, place.settings.quarantine)
    if changed:
        more = f", and {len(changed) - TOLD} more" if len(changed) > TOLD else ""
        raise StageRefused(
            f"{stage}: the facts have changed since draft {signed.sha256[:16]} was signed: {'; '.join(changed[:TOLD])}{more}. The store is "
            "open. Mend what is named (docs/runbook.md, 'The facts have changed since they were signed'), then clear the task "
            "measure_before: gate and draft follow, and both people are asked again."
        )


def changes(signed: Mapping[str, Any], now: Mapping[str, Rows], regions: Collection[str], limits: Quarantine) -> list[str]:
    """What is another thing now than it was signed for, one sentence each.

    Single rows, and rows that came and moved, are none. Customers delete rows between signature and switch: rows that are gone count
    above the share of the entity's rows that single rows are in a large store.
    """
    found, single_rows = [], limits.single_rows
    before = {(e["entity"], e["region"]): e for e in signed.get("equations", ()) if e["region"] in regions}
    after = {(e["entity"], e["region"]): e for e in now["equations"] if e["region"] in regions}
    if not before:
        found.append("the draft shows no figures of these regions")
    had, have = (
        Counter({(x["entity"], x["region"], x["outcome"], x["reason"]): x["rows"] for x in rows if x["region"] in {*regions, "UNKNOWN"}})
        for rows in (signed.get("excused", ()), now["excused"])
    )
    for (entity, region, outcome, reason), rows in sorted((have - had).items()):
        # An erased person's rows are left out by the person's own wish, and a rule's rows grow with the store.
        allowed = single_rows if outcome == "quarantined" else max(single_rows, had[entity, region, outcome, reason])
        if rows > allowed:
            found.append(f"{entity}, {region}: {rows} more rows {outcome} ({reason})")
    for key in sorted(before.keys() - after.keys()):
        found.append(f"{', '.join(key)} is not measured any more")
    for key in sorted(before.keys() & after.keys()):
        for figure, said in (("source", "at POCO"), ("migrated", "at mi.com")):
            if (fewer := before[key][figure] - after[key][figure]) > max(single_rows, limits.share * before[key][figure]):
                found.append(f"{', '.join(key)}: {fewer} fewer rows {said}")
    return found


def parked_rows(target: postgres.Connection, entities: Sequence[str]) -> Parked:
    """What is in quarantine now. Quick enough for a store that is closed."""
    rows = postgres.run(target, SQL / "parked_now.sql", list(entities))
    return Counter({(row["entity"], row["region"], row["reason"]): row["rows"] for row in rows})


def require_still(target: postgres.Connection, entities: Sequence[str], before: Parked, single_rows: int) -> None:
    """With the store closed: nothing has gone into quarantine since the figures were measured. Raises FenceFailed; the store is opened."""
    grown = {key: rows for key, rows in (parked_rows(target, entities) - before).items() if rows > single_rows}
    if grown:
        (entity, region, reason), rows = max(grown.items(), key=lambda item: item[1])
        raise FenceFailed(
            f"cutover: {sum(grown.values())} rows went into quarantine while the switch was at work (most: {rows} of {entity}, {region}, "
            f"{reason}). Nothing was handed over, the store is open. Do what their next_action says "
            "(docs/runbook.md, 'The facts have changed since they were signed'), then clear the task measure_before."
        )
