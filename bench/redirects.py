"""The redirect service beside nginx, both with the same map of 100,000 pages and the same requests, in turn on one machine.

wrk loads them where it is installed (Debian: apt-get install wrk); else plain sockets, which are slower than either server,
so that the rates are a floor. A third of the requests are spellings that have to be worked out, and pages that nobody knows.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.report import Measure, median
from local_stack.answering import nginx, service
from poco_migration.adapters import probing
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.probing import Question
from poco_migration.engine.redirect_map import builder, publication
from poco_migration.engine.redirect_map.builder import Built
from poco_migration.redirects import rules as rulebook
from poco_migration.redirects import versions

RULES = rulebook.load()
CONNECTIONS = 32
# Per second; on one core, without TLS. What POCO's stores were asked at their busiest is not known; a large store's front
# page is asked some hundred times a second.
ENOUGH = 2_000
SCRIPT = """
local requests, at = {}, 0
for line in io.lines("%s") do
  local host, path = line:match("^(%%S+) (%%S+)$")
  requests[#requests + 1] = wrk.format("GET", path, {Host = host})
end
request = function() at = at %% #requests + 1; return requests[at] end
done = function(summary, latency, _)
  local e = summary.errors
  io.write(string.format('RESULT {"rate": %%f, "p99_ms": %%f, "errors": %%d}\\n', summary.requests / summary.duration * 1e6,
                         latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def measure(folder: Path, objects: ObjectStore, pages: int, requests: int, seconds: int, rounds: int) -> list[Measure]:
    """Load both in turn, `rounds` times; prints each round."""
    built = _version(pages)
    objects.ensure_bucket("bench-redirects")
    name = built.version.name
    for file in (versions.MANIFEST, versions.MAP):
        objects.put("bench-redirects", f"versions/{name}/{file}", built.files[file])
    objects.put("bench-redirects", versions.CURRENT, publication.pointer(name, versions.digest(built.manifest)))
    asked = list(_requests(built, requests))
    taken: dict[str, list[dict[str, float]]] = {"service": [], "nginx": []}
    with service(objects, "bench-redirects", folder / "cache") as running, nginx(built.files) as other:
        running.until(30, current=name)
        urls = {"service": running.url, "nginx": other}
        for turn in range(rounds + 1):  # the first one warms both
            for server, url in urls.items():
                found = _load(folder, url, asked, seconds)
                assert not found["errors"], (server, found)
                if turn:
                    taken[server].append(found)
                    print(f"{server:8} {found['rate']:>10,.0f}/s   p99 {found['p99_ms']:6.2f} ms", flush=True)
    rate, p99 = ({server: median([one[what] for one in found]) for server, found in taken.items()} for what in ("rate", "p99_ms"))
    loaded_by = "wrk" if shutil.which("wrk") else "sockets"
    raw = {"pages": pages, "requests": len(asked), "connections": CONNECTIONS, "loaded_by": loaded_by, "rounds": taken}
    of = f"of the service, one process, {CONNECTIONS} connections; nginx, one worker,"
    return [
        Measure(f"redirects: rate {of} {rate['nginx']:,.0f} (1/s)", rate["service"], f">= {ENOUGH}", rate["service"] >= ENOUGH, raw),
        Measure(f"redirects: p99 {of} {p99['nginx']:.1f} (ms)", p99["service"], "<= 50", p99["service"] <= 50, {}),
    ]


def _version(pages: int) -> Built:
    names = [f"article-{number}" for number in range(pages // len(RULES.fronts))]
    pages_of = {region: {f"product/{name}": f"{front}/product/{name.upper()}" for name in names} for region, front in RULES.fronts.items()}
    return builder.packed(RULES, pages_of, {})


def _requests(built: Built, count: int) -> Iterator[Question]:
    rng = random.Random(1)
    for _ in range(count):
        region = rng.choice(list(RULES.fronts))
        host, _, prefix = RULES.addresses[region].partition("/")
        path = f"/{prefix}/product/article-{rng.randrange(len(built.version.pages[region]))}"
        odd = rng.random()
        path = path.upper() if odd < 0.1 else f"{path}.html" if odd < 0.2 else f"/{prefix}/never/{rng.random()}" if odd < 0.33 else path
        yield Question(host, f"{path}?utm_source=mail".encode())


def _load(folder: Path, url: str, asked: list[Question], seconds: int) -> dict[str, float]:
    if wrk := shutil.which("wrk"):
        lines, script = folder / "requests.txt", folder / "load.lua"
        if not script.exists():
            lines.write_text("".join(f"{question.host} {question.target.decode()}\n" for question in asked), "utf-8")
            script.write_text(SCRIPT % lines, "utf-8")
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return dict(json.loads(done.stdout.rpartition("RESULT ")[2]))
    return _sockets(url, asked)


def _sockets(url: str, asked: list[Question]) -> dict[str, float]:
    """Each connection one request after the other; the time of each is taken by its client."""
    times: list[float] = []

    def client(some: list[Question]) -> int:
        wrong = 0
        for question in some:
            began = time.perf_counter()
            [answer] = probing.ask(url, [question], connections=1)
            times.append(time.perf_counter() - began)
            wrong += answer.status != 301
        return wrong

    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        wrong = sum(pool.map(client, (asked[number:4_000:CONNECTIONS] for number in range(CONNECTIONS))))
    return {"rate": len(times) / (time.perf_counter() - began), "p99_ms": sorted(times)[int(len(times) * 0.99)] * 1e3, "errors": wrong}
