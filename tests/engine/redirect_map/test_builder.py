"""The redirects as the stage makes them: built from what mi.com has, verified by asking, judged, switched on, and nothing shadowed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from support.certificates import certified
from support.workplaces import RUN, prepared

from legacy_store import site as poco_site
from local_stack import stores
from local_stack.answering import nginx, service
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import gate
from poco_migration.engine.redirect_map import builder, known_addresses, publication, server_files, verifier
from poco_migration.errors import GateStopped, OperatorNeeded, ServiceError, StageRefused
from poco_migration.model import Run
from poco_migration.redirects import rules, versions
from poco_migration.stages import redirects

MI = Run("poco_redirects/manual 1", "gate_answers")


@pytest.fixture(scope="module")
def copied(servers, objects: ObjectStore) -> Workplace:
    """Everything copied; POCO's files in the bucket; buckets of this module's own."""
    place = prepared(servers, "cutover")
    stores.put_site(objects)
    own = {"evidence": "evidence-redirecting", "redirects": "redirects-redirecting"}
    for bucket in own.values():
        objects.ensure_bucket(bucket)
    return replace(
        place, objects=objects, settings=place.settings.model_copy(update={"objects": place.settings.objects.model_copy(update=own)})
    )


@pytest.fixture
def target(copied: Workplace) -> Iterator[psycopg.Connection]:
    with psycopg.connect(copied.target, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def asked(copied: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Built and staged, and a service that answers with it."""
    published = redirects.build(copied, MI)
    with service(copied.objects, copied.settings.objects.redirects, tmp_path_factory.mktemp("redirecting") / "cache") as running:
        running.until(staged=published["version"])
        yield replace(copied, redirects=running.url)


def test_every_article_leads_to_its_listing_in_its_own_market(copied: Workplace) -> None:
    pages = builder.build(copied).version.pages
    assert pages["DE"]["product/poco-x6-3"] == "https://www.mi.com/de/product/PC-X6-0"
    assert pages["ID"]["product/poco-x6-3"] == "https://www.mi.co.id/id/product/PC-X6-0"
    # Two numbers that differ by case share a listing, and an address made of the number means it too.
    assert (
        {pages["UK"][f"product/trap-90002000{n}"] for n in (1, 2)}
        == {"https://www.mi.com/uk/product/TRAP-TWENTY"}
        == {pages["UK"]["product/trap-twenty"]}
    )
    assert (
        pages["FR"]["account/orders"] == "https://www.mi.com/fr/user/orders"
        and pages["FR"]["category/phones"] == "https://www.mi.com/fr/category/phones"
    )
    assert pages.keys() == set(copied.settings.moving())


def test_the_same_catalogue_is_the_same_version_and_publishing_again_writes_nothing(copied: Workplace) -> None:
    first, again = builder.build(copied), builder.build(copied)
    assert first.files == again.files and first.version.name == again.version.name == versions.name_of(first.manifest)
    told = json.loads(first.manifest)["files"]
    assert told.keys() == {versions.MAP, server_files.NGINX, server_files.NGINX_MAP, server_files.S3}
    assert all(told[name]["sha256"] == versions.digest(first.files[name]) for name in told)
    assert publication.publish_map(copied, MI, first) == publication.publish_map(copied, MI, again)


def test_hidden_listings_lead_to_their_category_and_ambiguous_addresses_are_counted(copied: Workplace, target: psycopg.Connection) -> None:
    hide = "update mi.listings set status = %s where market = 'it' and sku_key = 'PC-F6-1'"
    slug = "update mi.brand_items set slug = %s where market = 'it' and sku = 'PC-F6-2'"
    [(known,)] = target.execute("select slug from mi.brand_items where market = 'it' and sku = 'PC-F6-2'").fetchall()
    target.execute(hide, ("hidden",))
    target.execute(slug, ("poco-x6-3",))
    try:
        built = builder.build(copied)
        assert built.version.pages["IT"]["product/poco-f6-10"] == "https://www.mi.com/it/category/phones"
        assert json.loads(built.manifest)["counts"]["IT"]["ambiguous"] == 1
    finally:
        target.execute(hide, ("on_sale",))
        target.execute(slug, (known,))


def test_an_address_that_was_seen_is_learned_only_when_the_rules_know_it(copied: Workplace) -> None:
    bucket, key = copied.settings.objects.media_source, copied.settings.redirects.access_log
    kept = copied.objects.get(bucket, key)
    line = 'po.co 203.0.113.7 - - [20/Oct/2024:10:00:00 +0000] "GET {} HTTP/1.1" 200 1 "-" "-"\n'
    seen = ["/de/p/poco-x6-3", "/de/products/poco-x6-3/reviews?mail=jane@example.com", "/de/product/poco-x6-3/jane@example.com", "/de/reset/9f8e7d6c",
            "/de/c/phones", "/in/p/poco-x6-3", "http://po.co/de/p/poco-f6-9"]  # fmt: skip
    copied.objects.put(bucket, key, "".join(map(line.format, seen)).encode() + b'po.co 1 - - [x] "\\x16\\x03" 400 1 "-"\ncut off')
    try:
        built = builder.build(copied)
    finally:
        copied.objects.put(bucket, key, kept)
    learned = built.version.pages["DE"].keys() - builder.build(copied).version.pages["DE"].keys()
    assert learned == {"p/poco-x6-3", "products/poco-x6-3/reviews", "c/phones"}
    assert not any(secret in body for body in built.files.values() for secret in (b"jane", b"9f8e7d6c", b"203.0.113"))


def test_a_front_that_mi_com_knows_otherwise_stops_the_build(copied: Workplace, target: psycopg.Connection) -> None:
    with psycopg.connect(copied.target_auditor) as reading:
        assert reading.execute("select store_front from mi.markets where market = 'de'").fetchone() == ("www.mi.com/de",)
    other = replace(rules.load(), fronts={**rules.load().fronts, "DE": "https://www.mi.com/deutschland"})
    with pytest.raises(OperatorNeeded, match=r"store of DE is https://www.mi.com/de, and redirects/rules.toml says .*/deutschland"):
        builder.catalogue(target, other)


def counts(place: Workplace, run: Run) -> dict[str, int]:
    columns = ", ".join(f"sum({name})::int as {name}" for name in verifier.COUNTED)
    with psycopg.connect(place.target, row_factory=psycopg.rows.dict_row) as target:
        return dict(target.execute(f"select {columns} from migration.redirect_check where run = %s", (run.id,)).fetchone() or {})


def test_every_known_address_is_asked_of_the_service_and_the_gate_is_green(asked: Workplace) -> None:
    found = redirects.verify(asked, MI)
    assert found.keys() == {"to_page", "to_front", "refused"} and found["to_page"] > 5_000 and found["refused"] > 100, found
    told = counts(asked, MI)
    assert told["asked"] == sum(found.values()) and not any(told[problem] for problem in verifier.PROBLEMS)
    assert redirects.verify(asked, MI) == found, "a rerun asks again"
    assert counts(asked, MI) == told
    assert gate.judge(asked, "redirects", "answers", MI).verdict == "pass"


# The map is right, and another server answers than it says: nginx with changed lines. Each fault in a region of its own.
TARGETS = {
    "open_redirect": ("https://www.mi.com/de/product/PC-X6-0", "https://evil.example/de/product/PC-X6-0"),
    "other_region": ("https://www.mi.com/uk/product/PC-X6-0", "https://www.mi.com/fr/product/PC-X6-0"),
    "not_one_hop": ("https://www.mi.com/it/product/PC-X6-0", "https://po.co/it/product/poco-x6-3"),
    "missing_page": ("https://www.mi.com/es/product/PC-X6-0", "https://www.mi.com/es/product/PC-X6-9"),
    "wrong_page": ("https://www.mi.co.id/id/product/PC-X6-0", "https://www.mi.co.id/id/product/PC-X6-1"),
}
SERVERS = {
    "touched": ('if ($poco_front = "") { return 404; }', 'if ($poco_front = "") { return 301 https://www.mi.com/in; }'),
    "query_lost": ("    return 301 ", "    if ($host = fr.po.co) { return 301 $poco_to; }\n    return 301 "),
    "unanswered": ("    return 301 ", "    if ($host = po.co.id) { return 500; }\n    return 301 "),
    "not_one_hop": ("    return 301 ", "    if ($host = uk.po.co) { return 302 $poco_to$is_args$args; }\n    return 301 "),
}
FOUND_IN = {
    ("open_redirect", "DE"), ("other_region", "UK"), ("not_one_hop", "IT"), ("missing_page", "ES"), ("wrong_page", "ID"), ("touched", "NONE"),
    ("query_lost", "FR"), ("unanswered", "ID"), ("not_one_hop", "UK"),
}  # fmt: skip


def test_every_planted_fault_is_found_by_asking_turns_the_gate_red_and_is_named_by_key_and_line(asked: Workplace) -> None:
    files = dict(builder.build(asked).files)
    for file, changes in ((server_files.NGINX_MAP, TARGETS), (server_files.NGINX, SERVERS)):
        for old, new in changes.values():
            assert old.encode() in files[file]
            files[file] = files[file].replace(old.encode(), new.encode())
    run = Run("poco_redirects/red", "gate_answers")
    with nginx(files) as url:
        verifier.verify(asked, run, url=url)
    with psycopg.connect(asked.target) as target:
        failed = target.execute("select distinct problem, region from migration.redirect_failure where run = %s", (run.id,)).fetchall()
    assert set(failed) == FOUND_IN
    with pytest.raises(GateStopped) as stopped:
        gate.judge(asked, "redirects", "answers", run)
    said = str(stopped.value)
    for region, about in (("DE", "No redirect leads to a host that is not allowed"), ("UK", "Every redirect stays in the region of its address"),
                          ("IT", "Every redirect is one permanent hop"), ("ES", "Every redirect leads to a page that mi.com's catalogue has"),
                          ("ID", "Every article's page leads to the article"), ("NONE", "India, the app's interface, writes and other hosts are not"),
                          ("FR", "Every redirect keeps the query"), ("ID", "Every address is answered")):  # fmt: skip
        assert re.search(f"{about}[^\n]*: not so for [^\n]*{region}/", said), said
    assert "No address failed: not so for " in said


def test_a_service_that_is_not_there_is_a_reason_to_try_again(copied: Workplace) -> None:
    redirects.build(copied, MI)
    with pytest.raises(ServiceError, match="nobody answers at 127.0.0.1:9"):
        redirects.verify(replace(copied, redirects="http://127.0.0.1:9"), MI)


@pytest.mark.copied("cutover")
def test_nothing_is_switched_on_before_a_version_is_certified_and_then_the_verified_one(site: Workplace, servers, tmp_path: Path) -> None:
    with pytest.raises(StageRefused, match="no version of the redirects is certified"):
        publication.switch_on(site, RUN)
    with pytest.raises(StageRefused, match="nothing is published as staged.json"):
        verifier.verify(site, MI)
    assert publication.pointed(site) is None and publication.counts(site) == {} and publication.shadowed(site) == []
    verified = redirects.build(site, MI)
    with service(site.objects, site.settings.objects.redirects, tmp_path / "cache") as running:
        running.until(staged=verified["version"], current=None)
        site = replace(site, redirects=running.url)
        redirects.verify(site, MI)
        certified(site, "redirects", MI)
        # Somebody stages another one that nobody has verified.
        built = builder.build(site)
        other = builder.packed(built.version.rules, {**built.version.pages, "DE": {}}, {})  # type: ignore[dict-item]
        publication.publish_map(site, replace(MI, id="poco_redirects/other"), other)
        running.until(staged=other.version.name, current=None)
        first = publication.switch_on(site, RUN)
        assert first == publication.switch_on(site, RUN) and first["version"] == verified["version"]
        running.until(staged=other.version.name, current=verified["version"])
        assert publication.counts(site).keys() == set(site.settings.moving()) and min(publication.counts(site).values()) > 50
        live = verifier.verify(site, replace(MI, id="after"), pointer=versions.CURRENT)
        assert live.keys() == {"to_page", "to_front", "refused"}
    with psycopg.connect(site.target) as target:
        assert target.execute("select count(*) from migration.redirect_version where switched_on_at is not null").fetchone() == (1,)


LAUNCH = """with l as (insert into mi.listings (market, sku_key, brand, status) values ('de', 'PC-X7PRO-0', 'POCO', 'on_sale') returning listing_id)
            insert into mi.brand_items (listing_id, brand, market, sku, slug, title, model, category, status, joined_by, created_at)
            select listing_id, 'POCO', 'de', 'PC-X7PRO-0', %s, 'POCO X7 Pro', 'X7 Pro', 'phones', 'on_sale', 'own', '2025-01-09' from l"""


def test_the_launch_of_9_january_is_hidden_by_no_redirect(asked: Workplace, target: psycopg.Connection) -> None:
    with target.transaction(force_rollback=False):
        target.execute(LAUNCH, ("poco-x7-pro",))
    try:
        assert publication.shadowed(asked) == []
        # A new article that takes the address of one of POCO's: whoever follows an old link to it lands on the old one.
        target.execute("update mi.brand_items set slug = 'poco-x6-3' where sku = 'PC-X7PRO-0'")
        assert publication.shadowed(asked) == ["https://www.mi.com/de/product/PC-X7PRO-0"]
        run = replace(MI, id="poco_redirects/shadow")
        redirects.verify(asked, run)
        with pytest.raises(
            GateStopped, match="No redirect hides an article that only mi.com sells: not so for https://www.mi.com/de/product/PC-X7PRO-0"
        ):
            gate.judge(asked, "redirects", "answers", run)
    finally:
        target.execute("delete from mi.brand_items where sku = 'PC-X7PRO-0'")
        target.execute("delete from mi.listings where sku_key = 'PC-X7PRO-0'")


def test_a_site_map_with_entities_is_not_parsed_and_a_log_line_is_read_as_it_was_sent() -> None:
    assert list(known_addresses._sitemap(b'<!DOCTYPE x [<!ENTITY a "aa">]><urlset/>')) == []
    assert len(list(known_addresses._sitemap(poco_site.sitemap().encode()))) > 400
    line = b'po.co 203.0.113.7 - - [20/Oct/2024:10:00:00 +0000] "GET /de/a\\x22b\\x0d\\x0a?q=\\\\1#f HTTP/1.1" 200 1 "-" "Mozilla"'
    question = known_addresses.logged(line)
    assert question and (question.host, question.target) == ("po.co", b"/de/a%22b%0D%0A?q=\\1")


def test_what_a_map_or_a_rule_would_need_is_in_the_form_for_s3(copied: Workplace) -> None:
    """Within S3's limits, and AWS's own client takes the configuration."""
    from botocore.session import Session
    from botocore.validate import ParamValidator

    built = builder.build(copied)
    document = json.loads(built.files[server_files.S3])
    shape = Session().get_service_model("s3").operation_model("PutBucketWebsite").input_shape
    for site in document["sites"].values():
        report = ParamValidator().validate({"Bucket": "b", "WebsiteConfiguration": site["website"]}, shape)
        assert not report.has_errors(), report.generate_report()
        assert len(site["website"].get("RoutingRules", [])) <= server_files.ROUTING_RULES
        assert all(len(f"{key}{target}") < 2_000 for key, target in site["objects"].items())
    version, main = built.version, document["sites"]["main"]
    for key, to in main["objects"].items():
        meant = version.reader.read("po.co", f"/{key}".encode())
        assert meant.kind == "page" and version.lead(meant)[0] == to, key
    assert not [key for key in main["objects"] if key.startswith("in/")]
    assert all(rule["Condition"].get("KeyPrefixEquals") for rule in main["website"]["RoutingRules"]), (
        "a rule for everything would take India's"
    )


def test_too_many_regions_for_s3_are_an_error_and_no_silent_loss() -> None:
    many = rules.load()
    site = replace(many.sites["main"], prefixes={f"r{n}": "DE" for n in range(26)})
    with pytest.raises(ValueError, match="needs 54 routing rules"):
        server_files.s3(replace(many, sites={"main": site}), {})
