"""What the mailing system is to tell customers about their vouchers: one file per region, with each code sealed for it.

Nothing is sent from here. The files lie in a bucket of their own, because accounts are named in them, and no code can be
read by who reads the bucket, the logs or this program's reports. A manifest beside them says which files count.
"""

from __future__ import annotations

import hashlib
import hmac
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from poco_migration.adapters import postgres, sealed_codes, secret_keys
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import canonical_json, evidence_files
from poco_migration.errors import StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
PAGE = 5_000


@dataclass(frozen=True)
class NoticeFile:
    region: str
    object: str
    sha256: str
    bytes: int
    notices: int


def require_keys(place: Workplace) -> str:
    """The mailing system's public key. Raises StageRefused where there is none, OperatorNeeded where it is none.

    Raises OperatorNeeded too where our own secret, out of which the codes and what seals them are made, could be guessed.
    """
    secret_keys.voucher_key(place.voucher_key)
    if not place.mailing_key:
        raise StageRefused(
            "coupon_reissue: there is no key of the mailing system, and a code that nobody can be told is lost. Put its public key into "
            "the connection mailing_key (docs/runbook.md, 'The notices'), then clear this task."
        )
    sealed_codes.raw(place.mailing_key)
    return place.mailing_key


def write_notices(place: Workplace, run: Run) -> list[NoticeFile]:
    """Write the notices of the vouchers that no run has told of; returns the files, by region. Memory is flat.

    Rerun: the same vouchers give the same bytes under the same key. A notice keeps its id in whichever file it stands, so
    that the mailing system sends it once.
    """
    recipient = require_keys(place)
    prefix = f"coupon_reissue/{evidence_files.slug(run.id)}"
    with (
        postgres.connect(place.target, "target", name=f"notices {run.id}") as target,
        postgres.translated_errors("target", "notices"),
    ):
        postgres.run(target, SQL / "notices_claim.sql", run.id)
        regions = [row["region"] for row in postgres.run(target, SQL / "notices_regions.sql", run.id)]
        files = [_write_region(place, target, run, region, prefix, recipient) for region in regions]
        sealed_for = hashlib.sha256(sealed_codes.raw(recipient)).hexdigest()
        manifest = {"run": run.id, "sealed_for": sealed_for, "files": [asdict(file) for file in files]}
        place.objects.put(place.settings.objects.notices, f"{prefix}/manifest.json", canonical_json.encode(manifest))
        with target.transaction():
            target.execute("delete from migration.notice where run = %s", (run.id,))
            postgres.run_many(
                target, SQL / "notices_store.sql", [(run.id, f.region, f.object, f.sha256, f.bytes, f.notices) for f in files]
            )
    return files


def _write_region(place: Workplace, target: postgres.Connection, run: Run, region: str, prefix: str, recipient: str) -> NoticeFile:
    # Of this region and recipient alone: one shared secret never seals for two.
    seed = hmac.digest(place.voucher_key, b"notices\0" + region.encode() + b"\0" + sealed_codes.raw(recipient), "sha256")
    sealer, digest, notices = sealed_codes.sealer(recipient, seed), hashlib.sha256(), 0
    with tempfile.TemporaryFile() as body:
        for row in _vouchers(target, run, region):
            line = _notice(row, sealer)
            digest.update(line)
            body.write(line)
            notices += 1
        bucket, key = place.settings.objects.notices, f"{prefix}/{region}.{digest.hexdigest()[:12]}.jsonl"
        size = body.tell()
        body.seek(0)
        place.objects.put_stream(bucket, key, body, digest.hexdigest())
    return NoticeFile(region, f"{bucket}/{key}", digest.hexdigest(), size, notices)


def _vouchers(target: postgres.Connection, run: Run, region: str) -> Iterator[dict[str, Any]]:
    for page in postgres.pages(target, SQL / "notices_next.sql", run.id, region, key="coupon_id", size=PAGE):
        yield from page


def _notice(row: dict[str, Any], sealer: sealed_codes.Sealer) -> bytes:
    """One line of JSON. The code of the row leaves this function sealed."""
    notice: uuid.UUID = row["notice"]
    told = {name: value for name, value in row.items() if name != "coupon_id"}
    return canonical_json.encode(told | {"code": sealer.seal(row["code"], notice.bytes)})
