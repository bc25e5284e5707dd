"""Versions of the redirect map in the bucket: staged first, checked, then switched on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence.evidence_files import slug
from poco_migration.engine.redirect_map import builder
from poco_migration.errors import StageRefused
from poco_migration.model import Run
from poco_migration.redirects import versions
from poco_migration.redirects.versions import CURRENT, STAGED, Version

SQL = Path(__file__).parent / "sql"


def publish_map(place: Workplace, run: Run, built: builder.Built) -> dict[str, Any]:
    """Put a version into the bucket and point `staged` to it. Rerun: the same version, the same objects.

    The manifest lies in the evidence too, so that the certificate of this run names it.
    """
    objects, name = place.settings.objects, built.version.name
    for file, body in built.files.items():
        place.objects.put_once(objects.redirects, f"versions/{name}/{file}", body, _type(file))
    place.objects.put_once(objects.evidence, f"redirects/{slug(run.id)}/{name}/manifest.json", built.manifest, "application/json")
    with postgres.connect(place.target, "target", name=f"publish redirects {run.id}") as target:
        postgres.run(target, SQL / "redirect_publish.sql", name, versions.digest(built.manifest), built.pages, run.id)
    place.objects.put(objects.redirects, STAGED, pointer(name, versions.digest(built.manifest)))
    return {"version": name, "pages": built.pages, "manifest": f"{objects.redirects}/versions/{name}/{versions.MANIFEST}"}


def switch_on(place: Workplace, run: Run) -> dict[str, Any]:
    """Answer everybody with the version that the newest certificate of the stage has verified. Rerun: safe, true afterwards.

    Shape: {redirects (pages that lead to a page of their own), version, map}. Raises StageRefused when nothing is certified.
    """
    with postgres.connect(place.target, "target", name=f"switch on redirects {run.id}") as target:
        found = postgres.run(target, SQL / "redirect_certified.sql")
        if len(found) != 1:
            raise StageRefused(
                "final_shutdown: no version of the redirects is certified, so nobody knows that they lead to the right pages. Run "
                "poco_redirects to its end, then clear this task."
            )
        [version] = found
        place.objects.put(place.settings.objects.redirects, CURRENT, pointer(version["version"], version["manifest_sha256"]))
        postgres.run(target, SQL / "redirect_switch.sql", version["version"])
    key = f"{place.settings.objects.redirects}/versions/{version['version']}/{versions.MAP}"
    return {"redirects": version["pages"], "version": version["version"], "map": key}


def pointed(place: Workplace, name: str = CURRENT) -> Version | None:
    """The version that a pointer names; None where there is no pointer yet. Raises VersionRefused when it is not what it should be."""
    bucket = place.settings.objects.redirects
    if not place.objects.exists(bucket, name):
        return None
    told = place.objects.get(bucket, name)
    folder = versions.folder(told)
    return versions.pointed(told, *(place.objects.get(bucket, f"{folder}/{part}") for part in (versions.MANIFEST, versions.MAP)))


def counts(place: Workplace) -> dict[str, int]:
    """By region, how many addresses everybody is answered for: its pages and its front. Empty before they are switched on."""
    version = pointed(place)
    return {region: len(pages) + 1 for region, pages in version.pages.items()} if version else {}


def shadowed(place: Workplace) -> list[str]:
    """The pages of mi.com's own articles that a redirect hides, in the order of their addresses; none is how it must be.

    Hidden is a page that would itself be redirected, and one of a POCO article whose address at POCO leads to another article.
    Asked of what everybody is answered with, and before that of what is staged.
    """
    version = pointed(place) or pointed(place, STAGED)
    if version is None:
        return []
    with postgres.connect(place.target_auditor, "target", name="redirects shadowed") as target:
        own = postgres.run(target, SQL / "redirect_own.sql")
    found = set()
    for row in own:
        page = builder.below(f"https://{row['store_front']}", f"product/{row['sku_key']}")
        answered = version.reader.read(page.removeprefix("https://").partition("/")[0], b"/").kind != "unknown"
        address = version.pages.get(row["region"], {}).get(builder.map_key(f"product/{row['slug']}"))
        if answered or (row["brand"] == "POCO" and address not in (None, page)):
            found.add(page)
    return sorted(found)


def pointer(version: str, manifest_sha256: str) -> bytes:
    return versions.encode({"version": version, "manifest_sha256": manifest_sha256})


def _type(file: str) -> str:
    return "application/json" if file.endswith(".json") else "text/plain; charset=utf-8"
