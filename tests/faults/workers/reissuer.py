"""Workers that reissue and die by SIGKILL before a step of it. This process loads everything once and forks for each order.

An order is one line of JSON on standard input; the answer is one line: the signal that ended the worker, or 0.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from typing import Any

from support.workplaces import MAILING_PRIVATE, RUN, VOUCHER_KEY

from poco_migration import settings
from poco_migration.adapters import postgres, sealed_codes
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.coupons import reissue

NAMES = ("source", "source_owner", "source_auditor", "target", "target_auditor", "source_follower")
THE_END = "the end"


def order(place: Workplace, lo: int, hi: int, dies_before: str) -> str:
    return json.dumps({"dsn": {name: getattr(place, name) for name in NAMES}, "lo": lo, "hi": hi, "dies_before": dies_before}) + "\n"


def main() -> None:
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                _work(json.loads(line))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status), flush=True)


def _work(told: dict[str, Any]) -> None:
    whole = postgres.run

    def run(connection: Any, path: Any, *parameters: Any) -> Any:
        if path.stem == told["dies_before"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(connection, path, *parameters)

    postgres.run = run
    place = Workplace(settings.load(), **told["dsn"], objects=ObjectStore(None, "", ""), voucher_key=VOUCHER_KEY,
                      mailing_key=sealed_codes.public_of(MAILING_PRIVATE))  # fmt: skip
    reissue.move(place, told["lo"], told["hi"], RUN)
    if told["dies_before"] == THE_END:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
