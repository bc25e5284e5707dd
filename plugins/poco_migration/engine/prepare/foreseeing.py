"""How many rows will not move by themselves, foreseen before the first copy: what later stays behind is held against it.

The extracts on the source can say most of it. What only a copy can tell (a parent that is missing, an account that is in doubt) is
taken as a share from the newest certificate of a rehearsal in the evidence bucket. Once rows have been copied nothing is foreseen any
more: a limit that came out of the quarantine itself would grow with the damage.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import evidence_files
from poco_migration.engine.prepare import constraint_conflicts
from poco_migration.engine.prepare.forecast import Forecast
from poco_migration.errors import ObjectStoreError
from poco_migration.model import Run

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
EXTRACTS = "the extracts on the source"
CERTIFIED = re.compile(rf"{evidence_files.CERTIFICATES}\d+-(backfill|reconcile|cutover|history)-[0-9a-f]+/certificate\.json")


def keep_foreseen(place: Workplace, run: Run, expected: Forecast) -> int:
    """Note what is foreseen, under this run; returns how many lines. Rerun: replaces the run's own; nothing behind the first copy."""
    with postgres.connect(place.target, "target", name=f"foresee {run.id}") as target:
        if postgres.value(target, "select exists (select from migration.receipt)"):
            log.info("rows have been copied already, so what was foreseen of rows that stay behind is left as it was")
            return 0
    rows_of = {(entity.entity, region): rows for entity in expected.entities for region, rows in entity.regions.items()}
    rejects = constraint_conflicts.rejects(place, run) or []
    foreseen = {(r.entity, r.region, r.reason): (r.rows, rows_of.get((r.entity, r.region), r.rows), EXTRACTS) for r in rejects}
    for x in _rehearsed(place):
        key, now = (x["entity"], x["region"], x["reason"]), rows_of.get((x["entity"], x["region"]), 0)
        if key not in foreseen and now and x["of_rows"]:
            foreseen[key] = (math.ceil(x["rows"] / x["of_rows"] * now), now, "a rehearsal")
    with postgres.connect(place.target, "target", name=f"foresee {run.id}") as target, target.transaction():
        target.execute("delete from migration.foreseen where run = %s", (run.id,))
        postgres.run_many(target, SQL / "foreseen_store.sql", [(run.id, *key, *found) for key, found in sorted(foreseen.items())])
    return len(foreseen)


def _rehearsed(place: Workplace) -> Iterator[dict[str, Any]]:
    """What did not move in the newest rehearsals, as their certificates say it: of each entity, the newest that speaks of it."""
    bucket, told = place.settings.objects.evidence, set[str]()
    try:
        keys = [key for key in place.objects.keys(bucket, evidence_files.CERTIFICATES) if CERTIFIED.fullmatch(key)]
        certificates = [json.loads(place.objects.get(bucket, key)) for key in keys]
    except ObjectStoreError as error:  # a readiness check of its own tells it
        log.warning("no rehearsal's certificates: %s", error)
        return
    for certificate in sorted(certificates, key=lambda certificate: str(certificate["issued_at"]), reverse=True):
        proof = certificate["proof"]
        entities = {e["entity"] for e in proof["equations"]} - told
        yield from (x for x in proof.get("excused", []) if x["entity"] in entities and x["outcome"] != "not returned")
        told |= entities if "excused" in proof else set()
