"""One person's data out of the archive: of every file only the row groups that can hold the person, found by their statistics."""

from __future__ import annotations

import json
from typing import Any

from poco_migration.adapters import postgres, uploading
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import person_keys, restoring
from poco_migration.engine.archive_sealing import Sealer


def of_person(place: Workplace, person: int) -> dict[str, list[dict[str, Any]]]:
    """{table: rows} of this person in the newest archive; plain columns as Parquet has them, personal ones as PostgreSQL's texts.

    Personal columns are None where nothing was there, and everywhere when the person's key is forgotten. Raises StageRefused
    without an archive, DataRefused when something does not open with the person's key.
    """
    from poco_migration.adapters import parquet  # 0.4 s that a DAG file must not pay

    told = restoring.manifest(place)
    found: dict[str, list[dict[str, Any]]] = {}
    with postgres.connect(place.target, "target", name="archive") as target:
        keys = person_keys.read(place, target, [person])
    for file in told["files"]:
        shape = restoring.shape_of(told, file["entity"])
        sealer = Sealer(shape.entity, lambda _: keys)
        with uploading.reading(place.objects, place.settings.objects.archive, file["key"]) as source:
            for batch in parquet.Reader(source).of(person):
                for row, opened in zip(parquet.rows(batch), parquet.opened(batch, sealer.open), strict=True):
                    texts = json.loads(opened) if opened else [None] * len(shape.sealed)
                    row |= {name: text for (name, _), text in zip(shape.sealed, texts, strict=True)}
                    found.setdefault(shape.entity, []).append({name: row[name] for name, _ in shape.columns})
    return found
