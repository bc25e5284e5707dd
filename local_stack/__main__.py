"""python -m local_stack up | down | status | store | demo: the commands behind the Makefile."""

from __future__ import annotations

import argparse
import sys

from local_stack.stack import USERS, Stack
from local_stack.state import State


def main() -> int:
    parser = argparse.ArgumentParser(prog="local_stack")
    parser.add_argument("command", choices=("up", "down", "status", "store", "demo"))
    parser.add_argument("--scale", type=float, default=1.0, help="size of the legacy store; 1 is about 50,000 customers")
    options = parser.parse_args()
    stack = Stack(State.default())
    if options.command == "up":
        stack.up()
        _addresses(stack)
    elif options.command == "down":
        stack.down()
    elif options.command == "status":
        return _status(stack)
    elif options.command == "store":
        from local_stack import stores

        stack.up()
        stores.fill(stack.deployment, options.scale, stack.say)
    else:
        from local_stack import rehearsal

        return rehearsal.play(stack, options.scale)
    return 0


def _status(stack: Stack) -> int:
    """Print every process; 1 when one has died or nothing runs."""
    states = stack.status()
    if not states:
        print("nothing runs; start it with: make up")
        return 1
    for name, state in sorted(states.items()):
        print(f"  {name:20} {state}{'' if state == 'RUNNING' else '   <- not running: see its log, then make up'}")
    _addresses(stack)
    return 0 if set(states.values()) == {"RUNNING"} else 1


def _addresses(stack: Stack) -> None:
    print(f"  Airflow   {stack.url}")
    print(f"  users     {', '.join(USERS)}; their passwords: {stack.state.path('passwords.json')}")
    print(f"  S3        {stack.s3_url}")
    print(f"  redirects {stack.redirects_url}   (alive: /healthz)")


if __name__ == "__main__":
    sys.exit(main())
