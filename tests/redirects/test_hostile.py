"""What a stranger may send: the service and nginx read every form of a request alike, at a cost that does not depend on what is asked."""

from __future__ import annotations

import random
import re
import socket
import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit

import pytest

from legacy_store import site
from local_stack.answering import nginx_process, service
from poco_migration.adapters.objects import ObjectStore
from poco_migration.engine.redirect_map import builder, publication
from poco_migration.redirects import rules as rulebook
from poco_migration.redirects import versions
from poco_migration.redirects.clients import CONNECTIONS, HEAD_S
from poco_migration.redirects.heads import BUFFER, HEAD, LINE, LINES, PAGE, PATH

RULES = rulebook.load()
X6 = "product/poco-x6-3"
UMLAUT = "product/Prüfung-ÉTÉ"


@dataclass(frozen=True)
class Server:
    url: str
    pid: int
    cache: Path | None = None

    def connect(self) -> socket.socket:
        address = urlsplit(self.url)
        return socket.create_connection((address.hostname or "", address.port or 0), timeout=10)

    def raw(self, sent: bytes) -> tuple[int, str]:
        """Status and Location of the answer to these bytes; 0 when the connection ends without one."""
        with closing(self.connect()) as client:
            with suppress(OSError):
                client.sendall(sent)
            return answer_of(client)

    def cpu_ns(self) -> int:
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0])

    def memory(self) -> int:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) << 10 if found else 0


def answer_of(client: socket.socket) -> tuple[int, str]:
    got = b""
    with suppress(OSError):
        while b"\r\n\r\n" not in got and (more := client.recv(65_536)):
            got += more
    if not got.startswith(b"HTTP/1.1 "):
        return 0, ""
    place = re.search(rb"\r\nlocation: ([^\r]*)", got, re.IGNORECASE)
    return int(got[9:12]), place[1].decode("latin-1") if place else ""


@pytest.fixture(scope="session")
def servers(objects: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    pages = {
        region: {page: f"{front}/{page.upper()}" for page in (*site.SHOWN[region], "cart", "p/poco-x6-3/specs")}
        | dict.fromkeys((builder.map_key(UMLAUT), *builder.spellings(UMLAUT)), f"{front}/product/UMLAUT")
        for region, front in RULES.fronts.items()
    }
    built = builder.packed(RULES, pages, {})
    objects.ensure_bucket("hostile")
    for file in (versions.MANIFEST, versions.MAP):
        objects.put("hostile", f"versions/{built.version.name}/{file}", built.files[file])
    objects.put("hostile", versions.CURRENT, publication.pointer(built.version.name, versions.digest(built.manifest)))
    folder = tmp_path_factory.mktemp("hostile")
    with service(objects, "hostile", folder / "cache") as running, nginx_process(built.files) as (url, process):
        running.until(current=built.version.name)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield {"service": Server(running.url, running.process.pid, folder / "cache"), "nginx": Server(url, int(children[0]))}


def alike(servers: dict[str, Server], sent: bytes) -> tuple[int, str]:
    here, there = servers["service"].raw(sent), servers["nginx"].raw(sent)
    assert here == there, (sent[:300], len(sent), here, there)
    return here


def get(target: str, host: str = "po.co", *, method: str = "GET", version: str = "HTTP/1.1") -> bytes:
    return f"{method} {target} {version}\r\nHost: {host}\r\n\r\n".encode("latin-1")


LINES_AND_ANSWERS = [
    # An absolute form decides; India's host, wherever it stands, is never led away.
    (get(f"http://po.co/de/{X6}", "fr.po.co"), 301), (get("http://fr.po.co/cart", "de.po.co"), 301), (get("HTTPS://PO.CO:443/de/cart?a=b"), 301),
    (get("http://poco.in/de/cart", "po.co"), 421), (get("http://po.co/de/cart", "poco.in"), 421), (get("http://po.co/de/cart", "WWW.POCO.IN.:80"), 421),
    (get("http://evil.example/de", "po.co"), 421), (get("http://po.co/de", "evil.example"), 301), (get("http://po.co"), 301), (get("http://po.co:80"), 301),
    (get("http://po.co:/de"), 301), (get("http://poco.in@po.co/"), 400), (get("http://po.co@poco.in/"), 400), (get("ftp://po.co/de"), 400),
    (get("http:///de"), 400), (get("http://po.co?x=1"), 400), (get("http://po..co/"), 400), (get("http://./"), 400), (get("http://po.co./de"), 301),
    (get("http://po.co:x/de"), 400), (get("http://po_co/de"), 400), (get("http://[::1]/de"), 400), (get("http:/po.co/de"), 400), (get("po.co/de"), 400),
    (get("http://po.co/de", ""), 400), (b"GET http://po.co/de HTTP/1.1\r\n\r\n", 400), (b"GET http://po.co/de HTTP/1.0\r\n\r\n", 301),
    (get("http://" + "a" * 249 + "/"), 421), (get("http://" + "a" * 250 + "/"), 400),
    # Hosts: two or none are refused.
    (b"GET /de HTTP/1.1\r\nHost: po.co\r\nHost: poco.in\r\n\r\n", 400), (b"GET /de HTTP/1.1\r\nHost: poco.in\r\nHost: po.co\r\n\r\n", 400),
    (b"GET /de HTTP/1.1\r\nHost: po.co\r\nHost: po.co\r\n\r\n", 400), (b"GET /de HTTP/1.1\r\n\r\n", 400), (b"GET /de HTTP/1.0\r\n\r\n", 421),
    (get("/de", version="HTTP/1.0"), 301), *((get("/de", host), status) for host, status in (
        ("", 400), (".", 400), (":80", 400), ("po..co", 400), ("po.co/", 400), ("po.co:evil", 421), ("po.co:" + "0" * 900, 421), ("po.co:443", 301), ("po.co.", 301),
        ("po.co.:80", 301), (".po.co", 421), ("po.co@poco.in", 421), ("p\xf6.co", 421), ("[::1]", 421), ("po.co:80:80", 421), ("a" * 8_000, 421), ("po_co", 421),
        ("  po.co  ", 301), ("po.co\t", 400), ("po.co,poco.in", 421), ("*", 421))),
    # Methods and versions.
    (get("*", method="OPTIONS"), 400), (get("/de", method="OPTIONS"), 410), (get("/de", method="TRACE"), 405), (get("/de", method="CONNECT"), 405),
    (get("po.co:443", method="CONNECT"), 400), (get("/de", method="get"), 400), (get("/de", method="FOO"), 410), (get("/de", method="M-SEARCH"), 400),
    (get("/de", method="A" * 21), 400), (get("/de", "evil.example", method="FOO"), 421), (get("/de", version="HTTP/2.0"), 505), (get("/de", version="HTTP/1.2"), 400),
    (get("/de", version="HTTP/0.9"), 400), (get("/de", version="HTTP/1.01"), 400), (get("/de", version="HTTP/11.1"), 505), (get("/de", version="http/1.1"), 400),
    (get("/de", version="HTTP/1"), 400), (get("/de", version="HTTPS/1.1"), 400), (b"GET /de\r\n", 0), (b"GET /de\r\n\r\n", 0), (b"POST /de\r\n\r\n", 0), (b"GET /de \r\n\r\n", 0), (b"GET http://po.co/de\r\n\r\n", 0), (get("/de?" + "x" * 5_000, version="HTTP/2.0"), 505),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400), (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
    # Blanks, ends of lines, and what no target holds.
    (b"GET  /de HTTP/1.1\r\nHost: po.co\r\n\r\n", 400), (b"GET /de  HTTP/1.1\r\nHost: po.co\r\n\r\n", 400), (b"GET /de HTTP/1.1 \r\nHost: po.co\r\n\r\n", 400),
    (b" GET /de HTTP/1.1\r\nHost: po.co\r\n\r\n", 400), (b"GET\t/de HTTP/1.1\r\nHost: po.co\r\n\r\n", 400), (b"GET /d e HTTP/1.1\r\nHost: po.co\r\n\r\n", 400),
    (b"\r\n\r\nGET /de HTTP/1.1\r\nHost: po.co\r\n\r\n", 301), (b"\nGET /de HTTP/1.1\r\nHost: po.co\r\n\r\n", 301), (b"GET /de HTTP/1.1\nHost: po.co\n\n", 301),
    (b"GET /de HTTP/1.1\r\nHost: po.co\n\r\n", 301), (b"GET /de HTTP/1.1\r\n Host: po.co\r\n\r\n", 400), (b"GET /de HTTP/1.1\r\nHost : po.co\r\n\r\n", 400),
    (get("/de#x"), 400), (get("/de?a#x"), 400), (get("/d\xe9"), 400), (get("/de?\xe9"), 400), (get("/de\x7f"), 400), (get("/de\x01"), 400), (get("/de\x00"), 400),
    (get("/de?"), 301), (get("/de??a=b?c"), 301), (get('/de/cart?q="<x>"{}|\\^`'), 301), (get("/de/cart?%0d%0aSet-Cookie:a=b&%zz"), 301),
    # Paths.
    *((get(path), status) for path, status in (
        ("/", 301), ("//po.co/de", 301), ("/../de", 400), ("/de/../..", 400), ("/de/..", 301), ("/de/%2e%2E/uk/cart", 301), ("/%2e%2e/", 400), ("/de/%zz", 400),
        ("/de/%", 400), ("/de/%4", 400), ("/de/%00", 400), ("/de/%%41", 400), ("/de/%2500", 301), ("/de\\..\\uk\\cart", 400), ("/de\\.", 400), ("/de/%5c..html", 400),
        ("/de/..html", 400), ("/de/.html", 301), ("/de/index.html/index.htm", 301), ("/index", 301), ("/index/index.html\\", 301), ("/indexes", 301), ("/index.foo", 301),
        ("/de/cart.html.html", 301), ("/de/cart.htmlx", 301), ("/de/cart/index.html.", 301), ("/de/cartindex", 301), ("/DE\\\\Product//%50oco-X6-3.HTML", 301),
        ("/%44E/p/poco-x6-3/\\specs", 301), ("/in%2fx", 404), ("/%69N.html", 404), ("/in\\", 404), ("/de/api/v1", 410), ("/API", 410), ("/apiary", 301), ("/de/po%E2%84%AAo", 301),
        ("/de/caf%C3%A9", 301), ("/de/e%CC%81", 301), ("/de/%ff", 301), ("/healthz/", 301), ("/...", 301), ("/de/....html", 301), ("/de/ca%72t", 301))),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "status"), LINES_AND_ANSWERS, ids=lambda sent: repr(sent[:70]) if isinstance(sent, bytes) else "")
def test_every_form_of_a_request_is_read_alike(servers: dict[str, Server], sent: bytes, status: int) -> None:
    assert alike(servers, sent)[0] == status


@pytest.mark.parametrize("name", [UMLAUT, UMLAUT.upper(), UMLAUT.lower()])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_with_other_letters_is_found_however_it_is_written(
    servers: dict[str, Server], name: str, form: Literal["NFC", "NFD"]
) -> None:
    assert alike(servers, get("/de/" + quote(unicodedata.normalize(form, name)))) == (301, "https://www.mi.com/de/product/UMLAUT")


def test_what_a_random_request_means_is_no_matter_of_who_reads_it(servers: dict[str, Server]) -> None:
    rng = random.Random(7)
    parts = ["/", "//", "\\", "%2f", "%5C", "..", ".", "%2e", "index", ".html", ".HTM", ".htm", "de", "in", "uk", "cart", "product", "poco-x6-3", "api", "%", "%25", "%0d%0a",
             "%C4%B0", "é", " ", "?", "#", "&a=b", "http://", "po.co", "poco.in", ":80", "@", "\t", "x"]  # fmt: skip
    hosts = ["po.co", "de.po.co", "PO.CO:80", "poco.in", "api.po.co", "evil.example", "www.po.co.id", "po.co."]
    for _ in range(1_500):
        target = rng.choice(("/", "/", "/de/", "http://po.co/", "")) + "".join(rng.choice(parts) for _ in range(rng.randrange(9)))
        line = f"{rng.choice(('GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT'))} {target} HTTP/1.1\r\nHost: {rng.choice(hosts)}\r\n"
        alike(servers, (line + "Content-Length: 0\r\n\r\n").encode("latin-1"))


def test_what_is_too_long_is_refused_alike(servers: dict[str, Server]) -> None:
    for length in (PATH - 1, PATH, PATH + 1, 2 * PATH, 7_000):
        assert alike(servers, get("/" + "x" * (length - 1)))[0] == (301 if length <= PATH else 400)
        assert alike(servers, get("/%zz" + "x" * (length - 4)))[0] == 400
    for length in range(PAGE - 4, PAGE + 5):  # where a page becomes longer than anybody's
        for start in ("/cart", "/de/cart", "/DE.html/cart", "/cart.htm/", "/in/", "/api/", "/\\uk\\cart", "/%69n\\", "/" + "p" * 40, "/."):
            for part, end in (("x", ""), ("\\", ""), ("\\", "x"), ("/", ""), (".html", ""), ("%5c", "/"), ("a/../", "x"), ("/index", "//")):
                sent = start + part * ((length - len(start) - len(end)) // len(part)) + end
                alike(servers, get(sent))
    for length in (LINE - 1, LINE, LINE + 1, LINE + 500, *range(BUFFER - 3, BUFFER + 4), BUFFER + 500, 3 * BUFFER):
        for start in ("/?", "/de/x?%zz", "/%zz?", "http://po.co/?", "http://evil.example/?"):
            sent = get(start + "x" * (length - len(f"GET {start} HTTP/1.1")), "evil.example")
            assert alike(servers, sent)[0] == (
                414 if length > BUFFER else 400 if "/%zz" in start or length > LINE else 301 if "http://po.co" in start else 421
            )
    assert alike(servers, b"GET / HTTP/1.1\r\nHost: po.co\r\nCookie: " + b"x" * (4 * HEAD) + b"\r\n\r\n")[0] == 400
    assert alike(servers, b"GET / HTTP/1.1\r\nHost: po.co\r\nCookie: " + b"x" * 8_000 + b"\r\n\r\n")[0] == 301
    assert servers["service"].raw(b"GET / HTTP/1.1\r\nHost: po.co\r\n" + b"a:\r\n" * LINES + b"\r\n")[0] == 400


def fill(part: str, end: str = "", start: str = "/de/", length: int = PATH) -> str:
    """A path of that length, or as near as whole parts come."""
    return start + part * ((length - len(start) - len(end)) // len(part)) + end


COSTLY = {
    **{f"{name}, read whole": fill(part, end, length=PAGE) for name, part, end in (("x", "x", ""), ("dots", ".", ""), ("a.", "a.", ""), (".h", ".h", ""),
       ("endings", ".html", "x"), ("backslashes", "\\", "x"), ("mixed", "\\.html", "x"), ("index", "\\index", "x"), ("parts", "a\\", ""), ("endings, whole", ".htm", ""))},
    "long": fill("x"), "dots": fill("."), "a.": fill("a."), ".h": fill(".h"), "endings": fill(".html"), "endings, cut": fill(".html", "x"), "htm": fill(".htm", ".x"),
    "backslashes": fill("%5c", "x"), "raw backslashes": fill("\\", "x"), "backslashes, ends": fill("\\"), "mixed": fill("%5c.html", "x"), "index": fill("\\index", "x"),
    "index.html": fill("/index.html"), "i": fill("i"), "encoded": fill("%78"), "encoded endings": fill("%2e%68%74ml", "x"), "parts": fill("a/"), "here": fill("./"),
    "up": fill("a/../"), "up, encoded": fill("a%2f%2e%2e%2f"), "marks": fill("%CC%A7%CC%81"), "slashes": fill("/"), "utf-8": fill("%f0%9f%98%80"), "bad": fill("x", "%zz"),
    "bad dots": fill("../"), "query": "/de/?" + fill("%zz", start="", length=LINE - 40), "absolute": "http://po.co" + fill("\\x.htm"), "too long": fill("../", length=BUFFER - 40), "too long a query": "/de/?" + fill("%zz", start="", length=BUFFER - 40),
}  # fmt: skip
NORMAL = f"/de/{X6}"


@pytest.mark.parametrize("name", ["service", "nginx"])
def test_no_path_costs_much_more_than_a_customer_s(servers: dict[str, Server], name: str) -> None:
    """The server's own time on the processor: it does not depend on what else the machine does. In turns; the least of each counts."""
    server, spent = servers[name], dict[str, list[float]]()
    # What is longer than a head may be ends the connection: it is compared with a customer's that ends as well.
    ended = get(NORMAL).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    asked = {"normal": get(NORMAL), "ended": ended} | {kind: get(target) for kind, target in COSTLY.items()}
    for _ in range(7):
        for kind, sent in asked.items():
            spent.setdefault(kind, []).append(cost(server, sent, 40))
    least = {kind: min(found) for kind, found in spent.items()}
    ratio = {kind: found / least["ended" if kind.startswith("too long") else "normal"] for kind, found in least.items() if kind != "ended"}
    assert {kind: f"{found:.1f}" for kind, found in ratio.items() if found > 3} == {}, least["normal"]


def cost(server: Server, sent: bytes, times: int) -> float:
    """What one request costs of the processor, in nanoseconds; on one connection as long as it lasts."""
    client = server.connect()
    before = server.cpu_ns()
    for _ in range(times):
        try:
            client.sendall(sent)
            assert answer_of(client)[0]
        except (AssertionError, OSError):
            client.close()
            client = server.connect()
    spent = (server.cpu_ns() - before) / times
    client.close()
    return spent


def test_strangers_leave_nothing_in_memory(servers: dict[str, Server]) -> None:
    """As the attack was played: hosts and paths that nobody has, each another, and heads without an end."""
    server = servers["service"]

    def wave(number: int) -> None:
        for one in range(300):
            server.raw(get("/", f"{number}-{one}" + "x" * 60_000))
            server.raw(get(f"/de/{number}-{one}-" + "x" * 200, f"po.co:{one:05}"))
        server.raw(b"GET / HTTP/1.1\r\nHost: po.co\r\nX: " + b"x" * 20_000_000)

    wave(0)
    before = server.memory()
    wave(1)
    wave(2)
    assert server.memory() - before < 3 << 20


def test_who_says_nothing_or_never_ends_makes_room(servers: dict[str, Server]) -> None:
    """More connections than there is room for, none of which ends its request: customers are answered all the while."""
    server = servers["service"]
    idle = [server.connect() for _ in range(CONNECTIONS + 100)]
    try:
        for client in idle:
            with suppress(OSError):
                client.sendall(b"GET / HTTP/1.1\r\nHost: po.co\r\nX: ")
        assert server.raw(get(NORMAL))[0] == 301
        files = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
        assert files < CONNECTIONS + 50
        began = time.monotonic()
        while len(list(Path(f"/proc/{server.pid}/fd").iterdir())) > 50:
            assert time.monotonic() - began < 3 * HEAD_S, "who does not end a request is not ended"
            for client in idle[-20:]:  # a byte now and then is no end
                with suppress(OSError):
                    client.sendall(b"x")
            time.sleep(0.5)
    finally:
        for client in idle:
            client.close()


def test_who_asks_and_never_reads_is_asked_for_no_more(servers: dict[str, Server]) -> None:
    server = servers["service"]
    before = server.memory()
    clients = [server.connect() for _ in range(30)]
    sent = get("/de/?" + "x" * 1_000) * 2_000
    for client in clients:
        client.settimeout(0.2)
        with suppress(OSError):
            while True:
                client.sendall(sent)
    assert server.raw(get(NORMAL))[0] == 301
    assert server.memory() - before < 8 << 20
    for client in clients:
        client.close()


def test_many_requests_in_one_packet_are_all_answered_and_nobody_waits_for_them(servers: dict[str, Server]) -> None:
    server = servers["service"]
    with closing(server.connect()) as client:
        client.sendall(get(NORMAL) * 500)
        got = b""
        while got.count(b"\r\n\r\n") < 500:
            got += client.recv(1 << 20)
        assert got.count(b"HTTP/1.1 301 ") == 500


@pytest.mark.parametrize("body", [b"Content-Length: 35\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_what_follows_a_body_is_never_taken_for_a_request(servers: dict[str, Server], body: bytes) -> None:
    with closing(servers["service"].connect()) as client:
        client.sendall(b"GET /de HTTP/1.1\r\nHost: po.co\r\n" + body + get("/uk/cart") * 2)
        got = b""
        while more := client.recv(65_536):
            got += more
    assert got.count(b"HTTP/1.1 ") == 1 and b"connection: close" in got


def test_strangers_are_told_nothing_of_the_service(servers: dict[str, Server]) -> None:
    """/healthz says that the process answers; what it refused, and of which bucket, stands in its log and its folder."""
    server = servers["service"]
    for host in ("127.0.0.1", "localhost", "evil.example"):
        with closing(server.connect()) as client:
            client.sendall(get("/healthz", host))
            got = client.recv(65_536)
        assert got.startswith(b"HTTP/1.1 200 ") and got.endswith(b'\r\n\r\n{"status":"ok"}'), got
    assert server.cache and (server.cache / "state.json").exists()
    assert alike(servers, get("/healthz", "poco.in"))[0] == 421
