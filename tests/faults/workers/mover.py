"""One process that copies objects, told on standard input; says what it wrote and the most memory it ever held, in KiB."""

from __future__ import annotations

import json
import sys
from typing import Any

from faults.workers.capture_once import peak_kib

from poco_migration import settings
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.copying import media
from poco_migration.limits import Objects
from poco_migration.model import Run

RUN = Run("faults/objects")


def orders(place: Workplace) -> str:
    """What a mover is told."""
    names = ("source", "source_owner", "source_auditor", "target", "target_auditor", "source_follower")
    return json.dumps({
        "dsn": {name: getattr(place, name) for name in names}, "buckets": place.settings.objects.model_dump(), "endpoint": place.objects.endpoint,
    })  # fmt: skip


def main() -> None:
    told = json.load(sys.stdin)
    configured = settings.load()
    objects = Objects(**told["buckets"])
    place = Workplace(
        configured.model_copy(update={"objects": objects}), **told["dsn"], objects=ObjectStore(told["endpoint"], "key", "secret"), voucher_key=b"",
    )  # fmt: skip
    total: dict[str, Any] = {"written": 0, "found": 0, "parked": 0}
    for part in media.plan_objects(place, RUN):
        for name, number in media.copy_objects(place, RUN, part).items():
            total[name] += number
    print(json.dumps(total | {"peak_kib": peak_kib()}))


if __name__ == "__main__":
    main()
