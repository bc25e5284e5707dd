"""Objects arrive byte for byte, once; a missing one is named and holds up nobody; India's are never asked for."""

from __future__ import annotations

import hashlib

import psycopg
import pytest
from workplaces import RUN, copy_all

from legacy_store import generator, purchases
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import media


@pytest.fixture
def photos(site: Workplace) -> dict[str, bytes]:
    """POCO's bucket as the generator fills it, with a few photos more, one of them in India."""
    with psycopg.connect(site.source_owner, autocommit=True) as store:
        store.execute(
            "update poco.reviews set photo_keys = array['reviews/de/ä ü/1.jpg', 'reviews/de/gone.jpg', 'reviews/de/empty.jpg'] where id = 900017002 or id = 900019001"
        )
        store.execute("update poco.reviews set photo_keys = array['reviews/in/CANARY-IN.jpg'] where region = 'IN'")
        kept = purchases.media([key for key in generator.media_keys(store) if "gone" not in key])
    kept["reviews/de/empty.jpg"] = b""
    for key, body in kept.items():
        site.objects.put("poco-media", key, body)
    return kept


def test_what_rows_name_is_copied_and_verified_and_the_missing_one_is_named(site: Workplace, photos: dict[str, bytes]) -> None:
    copy_all(site, "cutover", "history")
    counts = media.copy(site, RUN)
    arrived = {key: site.objects.get("mi-media", key) for key in site.objects.keys("mi-media")}
    with psycopg.connect(site.target) as target:
        ledger = {
            row[0]: row[1:] for row in target.execute("select target_object, source_object, sha256, problem from migration.object_copy")
        }
    copied = {name: at for name, (at, digest, problem) in ledger.items() if not problem}
    assert counts == {"copied": len(copied), "problems": 1}
    assert ledger["poco/fr/reviews/de/gone.jpg"][2] == "missing in POCO's bucket"
    for name, at in copied.items():
        assert arrived[name] == photos[at] and hashlib.sha256(photos[at]).hexdigest() == ledger[name][1]
    assert "poco/fr/reviews/de/ä ü/1.jpg" in arrived and arrived["poco/fr/reviews/de/empty.jpg"] == b""
    assert not [key for key in arrived if "CANARY-IN" in key or "/in/" in key]

    site.objects.put("poco-media", "reviews/de/gone.jpg", b"found again")
    assert media.copy(site, RUN) == {"copied": 1, "problems": 0}, "only what is not there yet is copied"
    assert media.copy(site, RUN) == {"copied": 0, "problems": 0}
