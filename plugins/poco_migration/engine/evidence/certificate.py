"""The certificate of a stage: canonical JSON, signed, chained by hash to the one before, and a page for people.

A stage is certified when every gate of the run is green, or yellow and accepted by a person, when what it has measured
agrees, and when two people have signed its draft where the stage cannot be undone. The ledger comes first, the bucket is
filled from it; the head there, rewritten with each certificate, vouches for every file of every certificate.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from poco_migration import settings
from poco_migration.adapters import postgres, rendering, signing
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import canonical_json, certificate_content, evidence_files, facts, lateness, tries
from poco_migration.errors import StageRefused
from poco_migration.model import Run

SQL = Path(__file__).parent / "sql"
ONE_AT_A_TIME = "lock table migration.certificate in share row exclusive mode"  # or the chain has a fork
# 2: every gate of the stage and every try of it, with the facts that it judged. 3: the approvers' own signatures, and what was rejected.
# verify.py knows all three.
SCHEMA = 3
HEAD = f"{evidence_files.CERTIFICATES}head.json"


@dataclass(frozen=True)
class Certificate:
    sequence: int
    stage: str
    run: str
    sha256: str
    report: str
    issued_at: datetime
    document: str


def issue(place: Workplace, stage: str, run: Run) -> Certificate:
    """Certify a stage by what this run has proven. Rerun: the same proof gives the same certificate back.

    Raises StageRefused when a gate of the stage (settings.GATES) is missing in this run, was judged before its facts, is red, or
    yellow without an acceptance, when a measurement does not agree, when signatures are missing, or when there is no key.
    """
    key = signing_key_name(place, stage)
    with postgres.connect(place.target, "target", name=f"certify {run.id}") as target, target.transaction():
        target.execute(ONE_AT_A_TIME)
        found = certificate_content.content(place, target, stage, run) | {"draft": _draft(target, stage, run)}
        _refuse(target, stage, run, found)
        last = newest_certificate(target)
        known = newest_certificate(target, stage, run.id)
        if known is None or canonical_json.encode(json.loads(known.document)["proof"]) != canonical_json.encode(found):
            now, others = datetime.now(UTC).replace(microsecond=0), evidence_files.others(place, target, run)
            _keep(place, target, {
                "kind": "certificate", "schema": SCHEMA, "sequence": (last.sequence if last else 0) + 1, "stage": stage, "run": run.id,
                "previous": last.sha256 if last else None, "issued_at": now.isoformat(), "key": key,
                # Of the instant, not of the proof: a rerun behind the deadline makes nothing late that was in time.
                "late_seconds": lateness.seconds(place.settings.calendar, stage, now),
                "proof": found, "others": others, "lost": tries.results_lost(place, target, run, others),
                # Not of the proof: it moves on while nothing else does, and would make each rerun another certificate.
                "log": postgres.run(target, SQL / "certificate_log.sql"),
            })  # fmt: skip
            known = newest_certificate(target, stage, run.id)
    publish_certificates(place)
    assert known is not None
    return known


def newest_certificate(target: postgres.Connection, stage: str | None = None, run: str | None = None) -> Certificate | None:
    """The newest certificate; of a stage and of a run where they are given."""
    found = postgres.run(target, SQL / "certificate_newest.sql", stage, run)
    return Certificate(**found[0]) if found else None


def publish_certificates(place: Workplace) -> None:
    """Put into the bucket what the ledger has and the bucket has not, and sign the head anew. Rerun: safe, the same bytes."""
    bucket = place.settings.objects.evidence
    with postgres.connect(place.target, "target", name="publish certificates") as target, target.transaction():
        target.execute(ONE_AT_A_TIME)  # or the head of a moment ago is written over the newest
        there = set(place.objects.keys(bucket, evidence_files.CERTIFICATES))
        files, chain = [], postgres.run(target, SQL / "certificates.sql")
        for row in chain:
            at = _folder(row["sequence"], row["stage"], row["sha256"])
            told = {
                "certificate.json": (row["document_bytes"], row["sha256"]),
                "certificate.sig": (row["signature_bytes"], row["signature_sha256"]),
                "certificate.html": (row["page_bytes"], row["page_sha256"]),
            }
            if not {f"{at}/{name}" for name in told} <= there:
                _put(place, target, row["sequence"], at)
            files += [{"key": f"{at}/{name}", "bytes": size, "sha256": digest} for name, (size, digest) in sorted(told.items())]
        if chain:
            place.objects.put(bucket, HEAD, _head(place, chain, files))


def signing_key_name(place: Workplace, stage: str) -> str:
    """The name of the key that signs here. Raises StageRefused where there is none."""
    if not place.signing_key:
        raise StageRefused(
            f"{stage} cannot be certified: there is no key to sign with. Put one into the connection signing_key "
            "(docs/runbook.md, 'The key that signs'), then clear this task."
        )
    return signing.key_id(place.signing_key)


def page_content(document: dict[str, Any], digest: str) -> dict[str, Any]:
    """What the page needs besides the document itself."""
    late = document["late_seconds"]
    return {"sequence": None, "issued_at": None, "made_at": None, "happens": [], "others": [], "lost": [], "log": []} | document | {
        "sha256": digest, "late": lateness.span(timedelta(seconds=late)) if late else "",
        "figures": certificate_content.figures(document["proof"]),
        "signed": [a for a in document["proof"].get("approvals", []) if a["subject"] == document["stage"]],
    }  # fmt: skip


def _mending(stage: str) -> str:
    """Who makes rows agree that this stage has measured, while it may still be done by a copy."""
    if stage == "backfill":
        return "Clear the copy task of the named entity in poco_backfill, which copies it again."
    if stage == "reconcile":
        return "Clear the task repair of this run, which copies what differs."
    return "Call the data team's lead: what mi.com owns is copied no more and is mended there."


def _refuse(target: postgres.Connection, stage: str, run: Run, found: certificate_content.Proof) -> None:
    accepted = certificate_content.accepted(found["gates"], found["approvals"])
    if not found["gates"]:
        raise StageRefused(f"{stage}: no gate has been judged in run {run.id}, so there is nothing to certify. Run the whole DAG.")
    if wrong := unjudged(stage, settings.GATES.get(stage, {}), found):
        raise StageRefused(f"{stage}: {wrong} Run {run.id} is not certified before that; then clear this task.")
    for gate in found["gates"]:
        if gate["verdict"] == "fail":
            raise StageRefused(
                f"{stage}: gate {gate['gate']} is red. Mend it, clear its task, and let the DAG go on. Report: {gate['report']}"
            )
        if gate["verdict"] == "warn" and gate["gate"] not in accepted:
            raise StageRefused(
                f"{stage}: gate {gate['gate']} has warnings nobody has accepted. "
                f"Clear its acceptance task and answer it. Report: {gate['report']}"
            )
    if differences := certificate_content.open_differences(target, run):
        first = differences[0]
        raise StageRefused(
            f"{stage}: {len(differences)} equations or totals of run {run.id} do not agree (first: {first['kind']} {first['name']}, "
            f"{first['region']}). {_mending(stage)} Then clear the measuring task."
        )
    signed = {a["approver"] for a in found["approvals"] if a["subject"] == stage and a["draft"] and a["draft"] == found["draft"]}
    if stage in settings.SIGNED and len(signed) < 2:
        raise StageRefused(
            f"{stage}: {len(signed)} of 2 people have signed the newest draft of run {run.id}. Run the whole DAG; its certificate "
            "names who let it happen."
        )


def unjudged(stage: str, gates: Iterable[str], found: certificate_content.Proof) -> str:
    """Which of these gates was not judged in this run, or not on the newest facts of it, and what to do; empty where all were.

    A task of a gate that somebody has marked as success has judged nothing, and leaves nothing here.
    """
    judged = {gate["gate"]: gate for gate in found["gates"]}
    newest = {row["what"]: (row["number"], row["ended"]) for row in found["measured"]}
    for name in gates:
        if name not in judged:
            return f"gate {name} has not been judged in this run. Clear its task gate_{name}; marking it as success judges nothing."
        for what in facts.needed(stage, name):
            if newest.get(what) != (judged[name]["measured"].get(what), True):
                return (
                    f"gate {name} was judged on other facts than the newest ones of this run ('{what}'; "
                    f"docs/runbook.md, 'A gate and its facts'). Clear the task that measures them, then gate_{name}."
                )
    return ""


def _draft(target: postgres.Connection, stage: str, run: Run) -> str | None:
    """The digest of the run's newest draft."""
    found = postgres.run(target, SQL / "draft_newest.sql", stage, run.id)
    return str(found[0]["sha256"]) if found else None


def _keep(place: Workplace, target: postgres.Connection, document: dict[str, Any]) -> None:
    body = canonical_json.encode(document)
    digest = canonical_json.digest(body)
    page = rendering.page("certificate.html", page_content(json.loads(body), digest))
    signature = canonical_json.encode(signing.sign(place.signing_key, body)).decode()
    report = f"{place.settings.objects.evidence}/{_folder(document['sequence'], document['stage'], digest)}/certificate.html"
    postgres.run(target, SQL / "certificate_store.sql", document["sequence"], document["stage"], document["run"], body.decode(), digest,
                 document["previous"], report, signature, page)  # fmt: skip


def _folder(sequence: int, stage: str, digest: str) -> str:
    return f"{evidence_files.CERTIFICATES}{sequence:04d}-{stage}-{digest[:12]}"


def _put(place: Workplace, target: postgres.Connection, sequence: int, at: str) -> None:
    bucket, row = place.settings.objects.evidence, postgres.run(target, SQL / "certificate_files.sql", sequence)[0]
    place.objects.put_once(bucket, f"{at}/certificate.json", row["document"].encode(), "application/json")
    place.objects.put_once(bucket, f"{at}/certificate.sig", row["signature"].encode(), "application/json")
    place.objects.put_once(bucket, f"{at}/certificate.html", row["page"].encode(), "text/html; charset=utf-8")


def _head(place: Workplace, chain: list[dict[str, Any]], files: list[dict[str, Any]]) -> bytes:
    """One object, so that it is never seen half written; the same chain gives the same bytes."""
    head = {"certificates": len(chain), "newest": chain[-1]["sha256"], "files": files}
    return canonical_json.encode({"head": head, "signature": signing.sign(place.signing_key, canonical_json.encode(head))})


def certified(target: postgres.Connection) -> dict[str, dict[str, Any]]:
    """The newest certificate of each stage that has one; nothing before the ledger is there."""
    if not postgres.value(target, "select to_regclass('migration.certificate') is not null"):
        return {}
    return {row["stage"]: row for row in postgres.run(target, SQL / "certified.sql")}
