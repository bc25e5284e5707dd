"""Captures once in a process of its own, and says how many keys there were and the most memory it ever held, in KiB."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from poco_migration.adapters import postgres
from poco_migration.engine.follow import change_capture


def peak_kib() -> int:
    """Not ru_maxrss: what the process that started this one ever held counts there too."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    assert found
    return int(found[1])


if __name__ == "__main__":
    told = json.load(sys.stdin)
    keys = 0
    with (
        postgres.connect(told["source"], "source", name="capture") as source,
        postgres.connect(told["target"], "target", name="capture") as target,
    ):
        while True:
            captured = change_capture.capture(source, target, told["slot"])
            keys += captured.keys
            if not captured.keys:
                break
    print(json.dumps({"keys": keys, "peak_kib": peak_kib()}))
