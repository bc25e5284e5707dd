"""What an address means: one pure function that nothing can lead astray. Stories by hand, and whatever Hypothesis thinks of."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legacy_store import site
from poco_migration.errors import ConfigurationError
from poco_migration.redirects import rules as rulebook
from poco_migration.redirects import versions
from poco_migration.redirects.addresses import Meant, Reader, address, decoded, sendable
from poco_migration.redirects.heads import PAGE, PATH
from poco_migration.redirects.versions import Version, VersionRefused

RULES = rulebook.load()
READER = Reader(RULES)
PAGES = {region: dict.fromkeys(site.SHOWN[region], f"{front}/product/X") for region, front in RULES.fronts.items()}
VERSION = Version("test", RULES, PAGES)
X6 = "product/poco-x6-3"


@pytest.mark.parametrize(
    ("host", "path", "region", "page"),
    [
        ("po.co", "/", "GLOBAL", ""),
        ("www.po.co", "/de/" + X6, "DE", X6),
        ("PO.CO:443", "//DE///Product/./x/../POCO-X6-3.HTML/", "DE", X6),
        ("po.co.", "/de%2Fproduct%2fpoco%2dx6-3", "DE", X6),
        ("po.co", "/de\\product\\poco-x6-3", "DE", X6),
        ("po.co", "/de.html", "DE", ""),
        ("po.co", "/index.html", "GLOBAL", ""),
        ("po.co", "/de/index.html/index.htm", "DE", ""),
        ("po.co", "/design", "GLOBAL", "design"),
        ("po.co", "/ru/" + X6, "GLOBAL", X6),
        ("po.co", "/de/%2e%2e/uk/cart", "UK", "cart"),
        ("po.co", "/%64%65/cart", "DE", "cart"),
        ("po.co", "/de/%2564", "DE", "%64"),
        ("po.co", "/de/%ff", "DE", "�"),
        ("po.co", "//evil.example/de", "GLOBAL", "evil.example/de"),
        ("de.po.co", "/uk/cart", "DE", "uk/cart"),
        ("po.co.id", "/cart", "ID", "cart"),
        ("www.po.co.id", "/id/cart", "ID", "cart"),
        ("app.po.co", "/it/account/orders", "IT", "account/orders"),
    ],
)
def test_an_address_means_a_page_of_a_region(host: str, path: str, region: str, page: str) -> None:
    assert READER.read(host, path.encode()) == Meant("page", region, page)


@pytest.mark.parametrize(
    ("host", "path", "kind"),
    [
        ("poco.in", "/", "unknown"), ("po.co", "/in", "stays"), ("po.co", "/IN/product/x", "stays"), ("po.co", "/in.html", "stays"),
        ("api.po.co", "/v1", "gone"), ("po.co", "/de/api/v1", "gone"), ("po.co", "/apiary", "page"), ("evil.example", "/de", "unknown"),
        ("po.co.evil.example", "/de", "unknown"), ("po.co@evil.example", "/", "unknown"), ("pо.co", "/", "unknown"), ("", "/", "unknown"),
        ("po.co:evil", "/", "unknown"), ("www.mi.com", "/de", "unknown"), ("xn--p-cmc.co", "/", "unknown"),
    ],
)  # fmt: skip
def test_what_is_not_poco_s_or_stays_is_told_apart(host: str, path: str, kind: str) -> None:
    assert READER.read(host, path.encode()).kind == kind


@pytest.mark.parametrize(
    "path",
    [
        "/de/%zz", "/de/%", "/de/%4", "/de/%00", "/de/%%41", "/de/%0", "/de/%=", "/de/%3", "/../de", "/de/../..", "/de/%2e%2e/%2E%2e/", "/de\\..\\uk", "/de\\./x",
        "/de/%5c..html", "/" + "x" * PATH,
    ],
)  # fmt: skip
def test_what_is_no_path_is_refused_on_every_host(path: str) -> None:
    assert {READER.read(host, path.encode()).kind for host in ("po.co", "de.po.co", "evil.example")} == {"refused"}


@given(st.binary(max_size=60).map(lambda text: text.translate(None, b"\r\n\0")))
def test_a_path_is_decoded_as_the_standard_library_decodes_it(path: bytes) -> None:
    found = decoded(path)
    assert found == (unquote_to_bytes(path) if re.fullmatch(rb"(?s)(?:[^%]|%(?!00)[0-9A-Fa-f]{2})*", path) else None)


def test_a_path_longer_than_anybody_s_page_is_nobody_s_and_keeps_its_region() -> None:
    for path, region in (("/de/cart", "DE"), ("/cart", "GLOBAL"), ("/UK.html/cart", "UK")):
        meant = READER.read("po.co", (path + "\\" * PAGE).encode())
        assert (meant.kind, meant.region, VERSION.lead(meant)) == ("page", region, (RULES.fronts[region], False))
    assert READER.read("po.co", b"/in/" + b"x" * PAGE).kind == "stays" and READER.read("po.co", b"/api/" + b"x" * PAGE).kind == "gone"


@pytest.mark.parametrize(
    ("text", "host", "target"),
    [
        ("https://po.co/de/x?a=1#part", "po.co", b"/de/x?a=1"),
        ("//po.co/de", "po.co", b"/de"),
        ("po.co", "po.co", b"/"),
        ("HTTP://WWW.PO.CO:80/DE", "www.po.co", b"/DE"),
        ("pocostore://de/product/x?from=push", "app.po.co", b"/de/product/x?from=push"),
        ("PocoStore:///de", "app.po.co", b"/de"),
        ("https://po.co\\@evil.example/", "po.co", b"/@evil.example/"),
        ("https://po.co@evil.example/", "evil.example", b"/"),
        ("https://po.co/de/ü\r\n x", "po.co", b"/de/%C3%BC%20x"),
    ],
)
def test_an_address_as_people_write_it_becomes_what_a_client_sends(text: str, host: str, target: bytes) -> None:
    request = READER.request(text)
    assert request and (request.host, request.target) == (host, target)


@pytest.mark.parametrize("text", ["market://details?id=com.poco", "javascript://po.co/%0aalert(1)", "", "ftp://po.co/", "http://[po.co/"])
def test_what_is_no_address_of_the_web_or_the_app_is_left_out(text: str) -> None:
    assert READER.request(text) is None


HOSTS = st.sampled_from([host for one in RULES.sites.values() for host in one.hosts])
PATHS = st.one_of(st.binary(max_size=80), st.text(max_size=60).map(lambda text: quote(text).encode()),
                  st.lists(st.sampled_from([b"/", b"\\", b"%2f", b"%2F", b"..", b".", b"%2e", b"index", b".html", b".HTM", b"de", b"in", b"uk", b"product",
                                            b"poco-x6-3", b"api", b"%", b"%25", b"%0d%0a", b"\xc4\xb0", b"%C4%B0", b"e\xcc\x81"]), max_size=14).map(b"".join))  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(HOSTS, PATHS)
def test_an_address_that_is_read_and_written_again_means_the_same(host: str, path: bytes) -> None:
    meant = READER.read(host, path)
    if meant.kind == "page":
        request = READER.request(address(RULES, meant))
        assert request and READER.read(request.host, request.path) == meant


@settings(max_examples=600, deadline=None)
@given(st.one_of(HOSTS, st.text(max_size=30)), PATHS, st.binary(max_size=60))
def test_no_address_leads_to_a_host_that_is_not_allowed(host: str, path: bytes, query: bytes) -> None:
    meant = READER.read(host, path)
    if meant.kind != "page":
        return
    target, _ = VERSION.lead(meant)
    location = f"{target}?{sendable(query).decode()}"
    assert all(0x21 <= ord(letter) <= 0x7E for letter in location)
    split = urlsplit(location)
    assert (
        split.scheme == "https" and split.netloc in RULES.target_hosts and READER.read(split.netloc, split.path.encode()).kind == "unknown"
    )
    assert target == RULES.fronts[meant.region] or target.startswith(RULES.fronts[meant.region] + "/")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_what_is_sent_is_encoded_once(text: bytes) -> None:
    assert sendable(sendable(text)) == sendable(text)
    assert not set(sendable(text)) - set(range(0x21, 0x7F))


# -- Rules and maps that mislead ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('hosts = ["www.mi.com", "www.mi.co.id"]', 'hosts = ["www.mi.com", "www.mi.co.id", "po.co"]', "po.co stands there twice"),
        ('hosts   = ["uk.po.co"]', 'hosts   = ["uk.po.co", "poco.in"]', "poco.in stands there twice"),
        ('front   = "https://www.mi.com/de"', 'front   = "https://evil.example/de"', "front of DE"),
        ('front   = "https://www.mi.com/de"', 'front   = "http://www.mi.com/de"', "front of DE"),
        ('front   = "https://www.mi.com/de"', 'front   = "https://www.mi.com/fr"', "the same front"),
        ('de     = "DE"', 'de     = "DEE"', "region DEE, which has no front"),
        ('"cart"             = "cart"', '"cart"             = "//evil.example"', "no path of lower-case words"),
        ('hosts   = ["fr.po.co"]', 'hosts   = ["FR.po.co"]', "no host name in lower case"),
        ('host   = "app.po.co"', 'host   = "links.example"', "none of the sites"),
        ("[pages]", "[page]", "KeyError"),
    ],
)
def test_rules_that_could_mislead_are_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = rulebook.RULES.read_text("utf-8")
    assert old in text
    (tmp_path / "rules.toml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConfigurationError, match=said):
        rulebook.load(tmp_path / "rules.toml")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/de/product/X", "https://www.mi.com/fr/product/X", "https://www.mi.com/de.evil.example/x", "https://www.mi.com/dessert",
        "https://www.mi.com/de/../fr", "https://www.mi.com/de/%2e%2e/fr", "https://www.mi.com/de/%252e%252e/fr", "https://www.mi.com/de//evil.example",
        "https://www.mi.com/de/x?y", "https://www.mi.com/de/x#y", "https://www.mi.com/de/x\r\nSet-Cookie:a=b", "https://www.mi.com/de\\x", "", "/de/x",
        "https://www.mi.com/de/", "https://po.co/de",
    ],
)  # fmt: skip
def test_a_map_that_leads_out_of_the_region_s_store_is_refused(target: str) -> None:
    body = versions.encode_map(RULES, {"DE": {X6: target}})
    manifest = versions.encode({"files": {versions.MAP: {"sha256": versions.digest(body), "bytes": len(body)}}, "counts": {}})
    with pytest.raises(VersionRefused, match="leads out of the region's store"):
        versions.decode(manifest, body)


def test_the_hosts_of_a_map_cannot_be_widened_by_the_map() -> None:
    """A map carries its rules. Tampered so that they allow another host, its bytes have another hash than the pointer's."""
    body = versions.encode_map(RULES, {"DE": {X6: "https://www.mi.com/de/product/X"}})
    manifest = versions.encode({"files": {versions.MAP: {"sha256": versions.digest(body), "bytes": len(body)}}, "counts": {}})
    assert versions.decode(manifest, body).lead(Meant("page", "DE", X6)) == ("https://www.mi.com/de/product/X", True)
    with pytest.raises(VersionRefused, match="has not the SHA-256"):
        versions.decode(manifest, body.replace(b"www.mi.com", b"evil.examp"))
