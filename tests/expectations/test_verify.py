"""The standalone verifier: real evidence holds; one changed byte anywhere, anything removed, added, swapped or forged fails by name."""

from __future__ import annotations

import ast
import importlib.util
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from support.certificates import accepted, certified, judged, signed
from support.workplaces import APPROVERS, SIGNING_KEY, Servers, prepared

from local_stack import approver_keys
from poco_migration import settings
from poco_migration.adapters import signing
from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.evidence import approvals, canonical_json, certificate, draft
from poco_migration.model import Run

SCRIPT = settings.EXPECTATIONS / "verify.py"
OLD_KEY = signing.from_seed(b"the key before".ljust(32))
THIEF = signing.from_seed(b"nobody trusts this".ljust(32))


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify"] = module
    spec.loader.exec_module(module)
    return module


verifier = _load()


# -- The signature, by the reference algorithm ---------------------------------------------------------------------------

# RFC 8032, section 7.1: secret key, public key, message, signature.
VECTORS = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_hold_and_the_other_library_agrees(secret: str, public: str, message: str, signature: str) -> None:
    made = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert made.public_key().public_bytes_raw().hex() == public and made.sign(bytes.fromhex(message)).hex() == signature
    assert verifier.signature_holds(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


def accepted_by_cryptography(public: bytes, body: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, body)
    except (InvalidSignature, ValueError):
        return False
    return True


def test_it_decides_as_cryptography_does_on_good_and_on_spoilt_signatures() -> None:
    dice = random.Random(8032)
    for _ in range(60):
        key = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        public, body = key.public_key().public_bytes_raw(), dice.randbytes(dice.randrange(200))
        signature = key.sign(body)
        assert verifier.signature_holds(public, body, signature)
        spoilt = bytearray(signature)
        spoilt[dice.randrange(64)] ^= 1 << dice.randrange(8)
        assert verifier.signature_holds(public, body, bytes(spoilt)) is accepted_by_cryptography(public, body, bytes(spoilt)) is False
        assert not verifier.signature_holds(public, body + b"x", signature)
        assert not verifier.signature_holds(dice.randbytes(32), body, signature)


def test_a_signature_that_is_moved_by_the_order_of_the_group_is_refused() -> None:
    """The same point, another scalar: without this check anybody can make a second signature out of a first."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"body")
    moved = signature[:32] + (int.from_bytes(signature[32:], "little") + verifier.ORDER).to_bytes(32, "little")
    assert verifier.signature_holds(public, b"body", signature)
    assert not verifier.signature_holds(public, b"body", moved) and not accepted_by_cryptography(public, b"body", moved)
    for wrong in (b"", signature[:63], signature + b"\0"):
        assert not verifier.signature_holds(public, b"body", wrong)
    assert verifier.decoded((verifier.P + 1).to_bytes(32, "little")) is None, "a second way to write a number"


# -- Evidence ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(servers: Servers, objects: ObjectStore) -> Workplace:
    """A chain of five certificates by two keys, with a run that was given up, and a draft that was signed and replaced."""
    place = prepared(servers)
    objects.ensure_bucket("evidence-verify")
    kept = place.settings.objects.model_copy(update={"evidence": "evidence-verify"})
    place = replace(place, objects=objects, settings=place.settings.model_copy(update={"objects": kept}))
    before = replace(place, signing_key=OLD_KEY)
    certified(before, "prepare", Run("poco_prepare/1"))
    judged(place, "fail", "backfill", Run("poco_backfill/given-up"))
    judged(before, "warn", "backfill", Run("poco_backfill/2"))
    approvals.require_signatures(
        before,
        "backfill",
        Run("poco_backfill/2"),
        "warnings of loaded",
        [accepted(before, "backfill", Run("poco_backfill/2"), "loaded", "carol")],
        1,
    )
    certificate.issue(before, "backfill", Run("poco_backfill/2"))
    run = Run("poco_reconcile/3")
    with psycopg.connect(place.target, autocommit=True) as target:
        target.execute(
            "insert into migration.recon select %s, 'things', r, 'move', 10, 7, 1, 1, 1, 0, 0 from unnest(array['DE', 'UK']) r", (run.id,)
        )
        target.execute(
            "insert into migration.excused select %s, 'things', r, 'quarantined', 'odd', 1, 10, 10, 10, 'single rows', null"
            " from unnest(array['DE', 'UK']) r",
            (run.id,),
        )
        target.execute("insert into migration.control_total values (%s, 'money', 'DE', 'EUR', 12.50, 12.5)", (run.id,))
        target.execute("update migration.scope set points_new = 3, points_old = 10 where region = 'DE'")
        for bucket, amount in (("points of POCO", 107), ("points credited", 31), ("remainders", 11)):
            target.execute(
                "insert into migration.control_total values (%s, 'points', 'DE', %s, %s, %s)", (run.id, f"posted {bucket}", amount, amount)
            )
        target.execute("insert into migration.control_total values (%s, 'points_by_customer', 'DE', 'customers: posted', 4, 4)", (run.id,))
        target.execute("insert into migration.object_recon values (%s, 'DE', 9, 1, 0, 0, 8, 7, 1, 0, 512)", (run.id,))
        target.execute("insert into migration.difference_part values (%s, 'things', 1, null, null, 9, 1, 10, 9, 9, 0, 0.1)", (run.id,))
        for line, coupons, uses, worth in (("freeze", 3, 12, 60), ("issued", 2, 10, 50), ("spent", 0, 1, 5), ("revoked", 1, 1, 5)):
            told = (run.id, "DE", "EUR", "fixed", "personal", line, coupons, uses, worth)
            target.execute("insert into migration.liability values (%s, %s, %s, %s, %s, %s, %s, %s, %s)", told)
    certified(place, "reconcile", run)
    run = Run("poco_cutover/4")
    judged(place, "pass", "cutover", run, "entry")
    draft.make_draft(place, "cutover", run, ["It happens."])
    approvals.require_signatures(place, "cutover", run, "cutover", signed(place, "cutover", run, ("alice", "carol")), 2)
    judged(place, "pass", "cutover", replace(run, try_number=2), "entry")
    draft.make_draft(place, "cutover", run, ["It happens."])
    approvals.require_signatures(place, "cutover", run, "cutover", signed(place, "cutover", run), 2)
    judged(place, "fail", "cutover", run, "switched")
    judged(place, "pass", "cutover", replace(run, try_number=2), "switched")
    certificate.issue(place, "cutover", run)
    objects.put_once("evidence-verify", "redirects/0123456789abcdef/map.json", b"[]\n", "application/json")
    certified(place, "history", Run("poco_history/5"))
    return place


@pytest.fixture(scope="module")
def pristine(real: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify") / "evidence"
    for key in real.objects.keys("evidence-verify"):
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(real.objects.get("evidence-verify", key))
    return folder


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "evidence"))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    path = tmp_path_factory.mktemp("keys") / "both.pub"
    path.write_text(signing.public_pem(OLD_KEY) + signing.public_pem(SIGNING_KEY))
    found: dict[str, bytes] = verifier.trusted([path])
    return found


def problems(folder: Path, keys: dict[str, bytes]) -> list[Any]:
    return list(verifier.verify(folder, keys).problems)


def fails(folder: Path, keys: dict[str, bytes], check: str, file: str) -> None:
    found = problems(folder, keys)
    assert (check, file) in {(p.check, p.file) for p in found}, "\n".join(map(str, found)) or "everything holds"


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def numbered(folder: Path, sequence: int) -> Path:
    return next(folder.glob(f"certificates/{sequence:04d}-*"))


def resigned(folder: Path, key: str, change: Callable[[int, dict[str, Any]], None] = lambda sequence, document: None) -> None:
    """Write the whole chain anew as somebody would who has a key: consistent in itself, with this change in it."""
    previous, told = None, []
    for sequence in range(1, len(list(folder.glob("certificates/0*"))) + 1):
        old = numbered(folder, sequence)
        document = json.loads((old / "certificate.json").read_bytes()) | {"previous": previous, "key": signing.key_id(key)}
        change(sequence, document)
        body = canonical_json.encode(document)
        previous = canonical_json.digest(body)
        new = old.with_name(f"{sequence:04d}-{document['stage']}-{previous[:12]}")
        old.rename(new)
        (new / "certificate.json").write_bytes(body)
        (new / "certificate.sig").write_bytes(canonical_json.encode(signing.sign(key, body)))
        for path in files(new):
            told.append(
                {"key": str(path.relative_to(folder)), "sha256": canonical_json.digest(path.read_bytes()), "bytes": path.stat().st_size}
            )
    head = {"certificates": sequence, "newest": previous, "files": told}
    (folder / verifier.HEAD).write_bytes(canonical_json.encode({"head": head, "signature": signing.sign(key, canonical_json.encode(head))}))


def test_evidence_as_it_was_written_holds(pristine: Path, keys: dict[str, bytes]) -> None:
    found = verifier.verify(pristine, keys)
    assert found.problems == [] and [entry[1]["stage"] for entry in found.chain] == [
        "prepare",
        "backfill",
        "reconcile",
        "cutover",
        "history",
    ]
    assert len(files(pristine)) == len(found.files) > 25


def test_one_changed_byte_in_any_file_fails_by_its_name(folder: Path, keys: dict[str, bytes]) -> None:
    dice = random.Random(4)
    for path in files(folder):
        body, name = path.read_bytes(), str(path.relative_to(folder))
        for position in {0, len(body) // 2, len(body) - 1, *(dice.randrange(len(body)) for _ in range(2))}:
            spoilt = bytearray(body)
            spoilt[position] ^= 1 << dice.randrange(8)
            path.write_bytes(bytes(spoilt))
            assert name in {p.file for p in problems(folder, keys)}, f"byte {position} of {name}"
        path.write_bytes(body)
    assert problems(folder, keys) == []


def test_a_file_that_is_cut_short_empty_or_longer_fails_by_its_name(folder: Path, keys: dict[str, bytes]) -> None:
    for path in files(folder):
        body = path.read_bytes()
        for spoilt in (body[:-1], b"", body + b"\n"):
            path.write_bytes(spoilt)
            assert str(path.relative_to(folder)) in {p.file for p in problems(folder, keys)}
        path.write_bytes(body)


def test_any_file_that_is_removed_fails_by_its_name(folder: Path, keys: dict[str, bytes]) -> None:
    for path in files(folder):
        body = path.read_bytes()
        path.unlink()
        assert str(path.relative_to(folder)) in {p.file for p in problems(folder, keys)}
        path.write_bytes(body)


@pytest.mark.parametrize("sequence", [1, 2, 3, 4, 5])
def test_a_certificate_that_is_removed_is_missed(folder: Path, keys: dict[str, bytes], sequence: int) -> None:
    gone = numbered(folder, sequence)
    shutil.rmtree(gone)
    fails(folder, keys, "removed", f"certificates/{gone.name}/certificate.json")
    if sequence == 5:
        fails(folder, keys, "chain", verifier.HEAD)
    else:
        fails(folder, keys, "chain", f"certificates/{numbered(folder, sequence + 1).name}/certificate.json")


def test_the_end_of_the_chain_cannot_be_cut_off_with_the_head(folder: Path, keys: dict[str, bytes]) -> None:
    shutil.rmtree(numbered(folder, 5))
    (folder / verifier.HEAD).unlink()
    fails(folder, keys, "missing", verifier.HEAD)


def test_two_certificates_that_are_swapped_are_seen(folder: Path, keys: dict[str, bytes]) -> None:
    second, third = numbered(folder, 2), numbered(folder, 3)
    for name in ("certificate.json", "certificate.sig", "certificate.html"):
        a, b = (second / name).read_bytes(), (third / name).read_bytes()
        (second / name).write_bytes(b)
        (third / name).write_bytes(a)
    for swapped in (second, third):
        fails(folder, keys, "hash", f"certificates/{swapped.name}/certificate.json")
    fails(folder, keys, "changed", f"certificates/{second.name}/certificate.html")


def test_a_fork_of_the_chain_is_seen(folder: Path, keys: dict[str, bytes]) -> None:
    document = json.loads((numbered(folder, 3) / "certificate.json").read_bytes()) | {"run": "poco_reconcile/other"}
    body = canonical_json.encode(document)
    fork = folder / "certificates" / f"0003-reconcile-{canonical_json.digest(body)[:12]}"
    fork.mkdir()
    (fork / "certificate.json").write_bytes(body)
    (fork / "certificate.sig").write_bytes(canonical_json.encode(signing.sign(SIGNING_KEY, body)))
    found = {(p.check, p.file) for p in problems(folder, keys)}
    assert ("unnamed", f"certificates/{fork.name}/certificate.json") in found
    assert any(check == "chain" and file.startswith("certificates/0003-") for check, file in found)


@pytest.mark.parametrize("sequence", [1, 3, 5])
def test_a_forged_signature_fails_by_its_name(folder: Path, keys: dict[str, bytes], sequence: int) -> None:
    at = numbered(folder, sequence)
    name, body = f"certificates/{at.name}/certificate.sig", (at / "certificate.json").read_bytes()
    forged = signing.sign(THIEF, body)
    (at / "certificate.sig").write_bytes(canonical_json.encode(forged))
    fails(folder, keys, "signature", name)
    named = json.loads(body)["key"]
    (at / "certificate.sig").write_bytes(canonical_json.encode(forged | {"key": named}))
    fails(folder, keys, "signature", name)
    other = OLD_KEY if named == signing.key_id(SIGNING_KEY) else SIGNING_KEY
    (at / "certificate.sig").write_bytes(canonical_json.encode(signing.sign(other, body)))
    fails(folder, keys, "signature", name)


def test_a_chain_that_is_written_anew_by_somebody_else_is_not_trusted(folder: Path, keys: dict[str, bytes]) -> None:
    resigned(folder, THIEF)
    found = problems(folder, keys)
    assert {p.check for p in found} == {"signature"} and len(found) == 6, "everything else of it is right"
    assert problems(folder, verifier.trusted([_pem(folder, THIEF)])) == []


def _pem(folder: Path, key: str) -> Path:
    path = folder.parent / "one.pub"
    path.write_text(signing.public_pem(key))
    return path


def test_a_key_that_was_retired_must_stay_trusted(folder: Path) -> None:
    fails(folder, verifier.trusted([_pem(folder, SIGNING_KEY)]), "signature", f"certificates/{numbered(folder, 1).name}/certificate.sig")


def test_what_nobody_names_fails_wherever_it_lies(folder: Path, keys: dict[str, bytes]) -> None:
    extra = (
        "note.txt",
        "reports/cutover/extra.html",
        "certificates/readme.txt",
        f"certificates/{numbered(folder, 2).name}/more.json",
        ".hidden",
    )
    for name in extra:
        (folder / name).write_text("x")
    (folder / "link.json").symlink_to(numbered(folder, 1) / "certificate.json")
    (folder / "linked").symlink_to(folder / "reports")
    for name in (*extra, "link.json", "linked"):
        fails(folder, keys, "unnamed", name)


MOVED = {"entity": "coupons", "region": "DE", "decision": "move", "source": 3, "migrated": 3, "merged": 0, "excluded": 0, "quarantined": 0,
         "missing": 0, "extra": 0}  # fmt: skip
CLAIMS: list[tuple[str, int, str, Callable[[dict[str, Any]], object]]] = [
    ("equations", 3, "certificate.json", lambda p: p["equations"][0].update(migrated=8)),
    ("equations", 3, "certificate.json", lambda p: p["equations"][1].update(source=11, missing=1)),
    ("equations", 3, "certificate.json", lambda p: p["equations"][0].update(decision="stay")),
    ("totals", 3, "certificate.json", lambda p: p["control_totals"][0].update(target="12.51")),
    ("points", 3, "certificate.json", lambda p: p["points"][0].update(credited="32")),
    ("points", 3, "certificate.json", lambda p: p["points"][0].update(credited="33", remainder="-9")),
    ("points", 3, "certificate.json", lambda p: p["points"][0].update(rate="1/1")),
    ("points", 3, "certificate.json", lambda p: p["points"][0].update(customers_equal=3)),
    ("objects", 3, "certificate.json", lambda p: p["objects"][0].update(copied=6)),
    ("objects", 3, "certificate.json", lambda p: p["objects"][0].update(named=9, copied=8)),
    ("objects", 3, "certificate.json", lambda p: p["objects"][0].update(copied=6, missing=1)),
    ("liability", 3, "certificate.json", lambda p: p["liability"][0].update(coupons=4)),
    ("liability", 3, "certificate.json", lambda p: p["liability"][1].update(uses=11)),
    ("liability", 3, "certificate.json", lambda p: p["liability"][1].update(worth="49.99")),
    ("liability", 3, "certificate.json", lambda p: p["liability"].pop()),
    ("liability", 3, "certificate.json", lambda p: p["liability"].append(p["liability"][1])),
    ("liability", 3, "certificate.json", lambda p: p["equations"].append(MOVED)),
    ("form", 3, "certificate.json", lambda p: p.pop("liability")),
    ("coverage", 3, "certificate.json", lambda p: p["coverage"][0].update(counted_target=10)),
    ("coverage", 3, "certificate.json", lambda p: p["coverage"][0].update(keys_open=1)),
    ("gates", 3, "certificate.json", lambda p: p.update(gates=[])),
    ("gates", 2, "result.json", lambda p: p["gates"][0].update(verdict="pass")),
    ("gates", 2, "certificate.json", lambda p: p.update(approvals=[])),
    ("gates", 3, "result.json", lambda p: p["gates"][0]["suites"][0]["expectations"][0].update(severity="info")),
    ("gates", 3, "certificate.json", lambda p: p["gates"][0].update(sha256="0" * 64)),
    ("approvals", 4, "certificate.json", lambda p: p["approvals"][0].update(approver="bob")),
    ("approvals", 4, "certificate.json", lambda p: p.update(approvals=[a for a in p["approvals"] if a["approver"] != "bob"])),
    ("approvals", 4, "certificate.json", lambda p: p["approvals"][0].update(draft="0" * 64)),
    ("approvals", 5, "certificate.json", lambda p: p.update(draft=None)),
    ("approvals", 4, "certificate.json", lambda p: p["approvals"][0].update(signature=p["approvals"][1]["signature"])),
    ("approvals", 4, "certificate.json", lambda p: p["approvals"][0].update(signature="")),
    ("approvals", 4, "certificate.json", lambda p: p["approvals"][0].update(public_key=p["approvers"]["carol"])),
    ("approvals", 4, "certificate.json", lambda p: p["approvers"].update(alice=p["approvers"]["bob"])),
    ("approvals", 2, "certificate.json", lambda p: p["approvals"][0].update(signature="x")),
    ("gates", 2, "certificate.json", lambda p: p["approvals"][0].update(shown="0" * 64)),
    ("form", 3, "certificate.json", lambda p: p.pop("equations")),
    ("gates", 3, "certificate.json", lambda p: p["gates"].pop()),
    ("gates", 4, "certificate.json", lambda p: p["gates"].pop()),
    ("gates", 3, "result.json", lambda p: p["measured"][0].update(number=10**6)),
    ("gates", 3, "result.json", lambda p: p["measured"][0].update(ended=False)),
    ("tries", 4, "result.json", lambda p: p["tries"].pop(0)),
    ("tries", 4, "certificate.json", lambda p: p.update(tries=list(reversed(p["tries"])))),
    ("tries", 4, "result.json", lambda p: next(t for t in p["tries"] if t["verdict"] == "fail").update(verdict="pass")),
    ("excused", 3, "certificate.json", lambda p: p["excused"][0].update(rows=0)),
    ("excused", 3, "certificate.json", lambda p: p["excused"][0].update(limit_rows=0)),
    ("form", 3, "certificate.json", lambda p: p.pop("tries")),
    ("removed", 3, "../secret", lambda p: p["evidence"].append({"key": "../secret", "sha256": "0", "bytes": 1})),
]


@pytest.mark.parametrize(("check", "sequence", "file", "change"), CLAIMS)
def test_a_false_claim_fails_even_when_it_is_well_signed(
    folder: Path, keys: dict[str, bytes], check: str, sequence: int, file: str, change: Callable[[dict[str, Any]], object]
) -> None:
    def lie(number: int, document: dict[str, Any]) -> None:
        if number == sequence:
            change(document["proof"])

    resigned(folder, SIGNING_KEY, lambda number, document: None)
    assert problems(folder, keys) == [], "without the lie it holds"
    resigned(folder, SIGNING_KEY, lie)
    found = problems(folder, keys)
    assert any(p.check == check and p.file.endswith(file) for p in found), "\n".join(map(str, found)) or "everything holds"


LATENESS: list[tuple[int, str, Callable[[dict[str, Any]], object]]] = [
    (5, "it says 0", lambda d: d.update(late_seconds=0)),
    (5, "it says None", lambda d: d.update(late_seconds=None)),
    (5, "seconds late, and it says", lambda d: d.update(late_seconds=d["late_seconds"] - 1)),
    (5, "seconds late, and it says", lambda d: d["proof"].update(rehearsal_shift_seconds=86400)),
    (5, "has a deadline, and this certificate names none", lambda d: (d["proof"].update(deadline=None), d.update(late_seconds=0))),
    (5, "issued before gate rows, which it stands on", lambda d: d.update(late_seconds=0, issued_at="2024-12-11T23:59:59+00:00")),
    (5, "issued before a signature, which it stands on", lambda d: d.update(late_seconds=0, issued_at="2024-12-11T23:59:59+00:00")),
    (3, "0 seconds late, and it says 60", lambda d: d.update(late_seconds=60)),
]  # fmt: skip


@pytest.mark.parametrize(("sequence", "meaning", "lie"), LATENESS)
def test_a_certificate_that_lies_about_its_deadline_fails_even_when_it_is_well_signed(
    folder: Path, keys: dict[str, bytes], sequence: int, meaning: str, lie: Callable[[dict[str, Any]], object]
) -> None:
    def told(number: int, document: dict[str, Any]) -> None:
        if number == sequence:
            lie(document)

    resigned(folder, SIGNING_KEY, told)
    found = problems(folder, keys)
    assert {p.check for p in found} == {"late"} and any(meaning in p.meaning for p in found), "\n".join(map(str, found))
    assert {p.file for p in found} == {f"certificates/{numbered(folder, sequence).name}/certificate.json"}


def test_a_late_certificate_holds_and_the_report_says_that_it_is_late(
    folder: Path, keys: dict[str, bytes], capsys: pytest.CaptureFixture
) -> None:
    """The fifth is of 12 December 2024 and was made today; on a calendar that was moved far enough it is in time."""
    verifier.report(verifier.verify(folder, keys))
    said = capsys.readouterr().out
    assert "LATE: certificate 5 (history) was issued " in said and "after its deadline, 2024-12-12" in said and "HOLDS" in said

    def in_time(number: int, document: dict[str, Any]) -> None:
        if number == 5:
            document["proof"]["rehearsal_shift_seconds"] = document["late_seconds"] + 60
            document["late_seconds"] = 0

    resigned(folder, SIGNING_KEY, in_time)
    verifier.report(verifier.verify(folder, keys))
    said = capsys.readouterr().out
    assert "LATE" not in said and "HOLDS" in said


def test_garbage_is_a_failure_and_not_a_crash(folder: Path, keys: dict[str, bytes]) -> None:
    dice = random.Random(5)
    junk = [b"[]\n", b"{}\n", b"null\n", b"\xff\xfe", b"[" * 100_000, b'"x"\n', b'{"sequence":[]}\n', b"1e999\n"]
    for path in [folder / verifier.HEAD, *files(numbered(folder, 2)), *files(numbered(folder, 4))]:
        body = path.read_bytes()
        for text in [*junk, dice.randbytes(300)]:
            path.write_bytes(text)
            assert str(path.relative_to(folder)) in {p.file for p in problems(folder, keys)}, text[:40]
        path.write_bytes(body)
    (folder / verifier.HEAD).write_bytes(canonical_json.encode(json.loads((folder / verifier.HEAD).read_bytes()) | {"signature": None}))
    fails(folder, keys, "form", verifier.HEAD)


def mutated(dice: random.Random, document: Any) -> None:
    """Exchange one value somewhere in the document for one of another kind."""
    while True:
        inner = [
            key
            for key in (document if isinstance(document, dict) else range(len(document)))
            if isinstance(document[key], dict | list) and document[key]
        ]
        if not inner or dice.random() < 0.4:
            break
        document = document[dice.choice(inner)]
    key = dice.choice(list(document)) if isinstance(document, dict) else dice.randrange(len(document))
    now = document[key]
    document[key] = dice.choice(
        [v for v in (None, 0, -1, 1.5, True, "", "\x1b[2J", [], {}, [[]], {"key": "x"}, [None]) if v != now or type(v) is not type(now)]
    )


def test_any_value_of_another_kind_is_a_failure_and_not_a_crash(
    folder: Path, keys: dict[str, bytes], capsys: pytest.CaptureFixture
) -> None:
    dice = random.Random(6)
    chosen = [folder / verifier.HEAD, *(numbered(folder, n) / name for n in (2, 3, 4) for name in ("certificate.json", "certificate.sig"))]
    for path in [*chosen, *folder.rglob("result.json"), *folder.rglob("draft.json")]:
        body = path.read_bytes()
        for _ in range(8):
            document = json.loads(body)
            mutated(dice, document)
            path.write_bytes(canonical_json.encode(document))
            found = verifier.verify(folder, keys)
            assert str(path.relative_to(folder)) in {p.file for p in found.problems}, document
            verifier.report(found)
            assert "\x1b" not in capsys.readouterr().out
        path.write_bytes(body)


def test_any_value_of_another_kind_is_no_crash_even_when_it_is_well_signed(folder: Path, keys: dict[str, bytes], tmp_path: Path) -> None:
    dice = random.Random(7)
    for number in range(40):
        copy = Path(shutil.copytree(folder, tmp_path / str(number)))

        def lie(sequence: int, document: dict[str, Any]) -> None:
            if sequence == 4:
                mutated(dice, document["proof"])

        resigned(copy, SIGNING_KEY, lie)
        verifier.report(verifier.verify(copy, keys))


def test_a_file_cannot_write_lines_into_the_report(folder: Path, keys: dict[str, bytes], capsys: pytest.CaptureFixture) -> None:
    (folder / "x\nHOLDS: all of it").write_text("x")
    verifier.report(verifier.verify(folder, keys))
    assert not [line for line in capsys.readouterr().out.splitlines() if line.startswith("HOLDS")]


# -- As a stranger runs it -----------------------------------------------------------------------------------------------


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """In a process that has no package and nothing of this project on its path."""
    return subprocess.run([sys.executable, "-I", "-S", *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Path]:
    yield Path(shutil.copy(SCRIPT, tmp_path / "check_it.py"))


def test_copied_away_it_runs_alone_and_says_what_it_trusted(folder: Path, copied: Path, keys: dict[str, bytes]) -> None:
    one, two = folder.parent / "a.pub", folder.parent / "b.pub"
    one.write_text(signing.public_pem(OLD_KEY))
    two.write_text(signing.public_pem(SIGNING_KEY))
    done = run(copied, folder, "--key", one, "--key", two)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(key in done.stdout for key in keys) and "HOLDS: 5 certificates" in done.stdout
    newest = canonical_json.digest((numbered(folder, 5) / "certificate.json").read_bytes())
    assert f"certificate 5 (history), sha256 {newest}" in done.stdout
    path = numbered(folder, 3) / "certificate.html"
    path.write_bytes(path.read_bytes().replace(b"Certificate 3", b"Certificate 4", 1))
    done = run(copied, folder, "--key", one, "--key", two)
    assert done.returncode == 1
    assert f"FAILED changed    certificates/{path.parent.name}/certificate.html: is " in done.stdout
    assert [line.split()[-1] for line in done.stdout.splitlines() if line.strip()[:1].isdigit()] == [
        "holds",
        "holds",
        "FAILED",
        "holds",
        "holds",
    ]


def test_a_key_from_the_evidence_no_key_and_no_folder_are_refused(folder: Path, copied: Path) -> None:
    inside = folder / "evidence.pub"
    inside.write_text(signing.public_pem(SIGNING_KEY))
    assert "lies in the evidence that it should vouch for" in run(copied, folder, "--key", inside).stderr
    secret = folder.parent / "secret.pem"
    secret.write_text(f"-----BEGIN PRIVATE KEY-----\n{SIGNING_KEY}\n-----END PRIVATE KEY-----\n")
    for arguments in ((folder,), (folder, "--key", secret), (folder, "--key", "nowhere"), (folder.parent / "none", "--key", secret)):
        done = run(copied, *arguments)
        assert done.returncode == 2 and done.stdout == "" and SIGNING_KEY not in done.stderr


def test_an_empty_folder_proves_nothing(tmp_path: Path, copied: Path) -> None:
    (tmp_path / "empty").mkdir()
    key = tmp_path / "a.pub"
    key.write_text(signing.public_pem(SIGNING_KEY))
    done = run(copied, tmp_path / "empty", "--key", key)
    assert done.returncode == 1 and "nothing is proven" in done.stdout


def test_it_is_one_file_of_the_standard_library_and_knows_who_must_sign() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert found <= sys.stdlib_module_names and not found & {"socket", "urllib", "http", "ssl", "subprocess"}
    assert verifier.SIGNED_BY_TWO == settings.SIGNED and set(verifier.DATED) == settings.Deadlines.model_fields.keys()


@pytest.mark.parametrize(
    ("number", "stage", "says"),
    [
        (4, "coupon_reissue", "needs a certificate of cutover"),
        (1, "history", "needs a certificate of cutover"),
        (2, "holiday", "there is no stage"),
    ],
)
def test_a_stage_that_stands_on_nothing_is_seen(folder: Path, keys: dict[str, bytes], number: int, stage: str, says: str) -> None:
    resigned(folder, SIGNING_KEY, lambda sequence, document: document.update(stage=stage) if sequence == number else None)
    assert any(p.check == "order" and says in p.meaning for p in problems(folder, keys))


def first_form(sequence: int, document: dict[str, Any]) -> None:
    """As certificates were before they said which form they are."""
    for name in ("schema", "lost"):
        document.pop(name)
    for name in ("tries", "measured", "excused", "behind", "uncounted"):
        document["proof"].pop(name)


def test_certificates_of_the_first_form_still_hold_and_are_told_and_none_may_follow_a_newer_one(
    folder: Path, keys: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    resigned(folder, SIGNING_KEY, first_form)
    found = verifier.verify(folder, keys)
    assert found.problems == []
    verifier.report(found)
    assert "FORM 1: certificates 1 to 5 are of the first form" in capsys.readouterr().out


def test_the_signers_own_keys_are_compared_with_those_that_they_gave(folder: Path, keys: dict[str, bytes]) -> None:
    """Somebody with the signing key writes the whole chain anew, with approvers of their own making."""
    assert verifier.verify(folder, keys, APPROVERS).problems == []

    def mallory_signs(_: int, document: dict[str, Any]) -> None:
        mallory = approver_keys.from_secret("mallory")
        for approval in document["proof"]["approvals"]:
            line = approvals.statement(document["stage"], document["run"], approval["subject"], approval["shown"])
            approval |= {"public_key": approver_keys.public(mallory), "signature": approver_keys.sign(mallory, line)}
            document["proof"]["approvers"][approval["approver"]] = approver_keys.public(mallory)

    resigned(folder, SIGNING_KEY, mallory_signs)
    said = [str(p) for p in verifier.verify(folder, keys, APPROVERS).problems]
    assert any("the key of bob is not the one of the list of approvers" in line for line in said)
    assert any("needs the signatures of two different people under its draft, and 0 signed" in line for line in said)
    assert any("and 1 signed" in str(p) for p in problems(folder, keys)), "one key is one person, whatever it calls itself"
    resigned(folder, SIGNING_KEY, lambda _, document: document.update(schema=2))
    assert any("without the signers' own signatures" in p.meaning for p in verifier.verify(folder, keys, APPROVERS).problems)


def test_an_older_form_behind_a_newer_one_is_no_way_around_what_is_checked(folder: Path, keys: dict[str, bytes]) -> None:
    resigned(folder, SIGNING_KEY, lambda sequence, document: first_form(sequence, document) if sequence == 5 else None)
    assert any(p.check == "form" and "is of form 1" in p.meaning for p in problems(folder, keys))


def test_evidence_of_a_rehearsal_needs_somebody_who_says_so(
    folder: Path, keys: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    resigned(
        folder, SIGNING_KEY, lambda sequence, document: document["proof"].update(rehearsal_shift_seconds=60) if sequence == 1 else None
    )
    found = verifier.verify(folder, keys)
    assert found.problems == []
    verifier._check_calendar(found, rehearsal=True)
    assert found.problems == [] and "REHEARSAL: certificate 1 (prepare)" in capsys.readouterr().out
    verifier._check_calendar(found, rehearsal=False)
    assert [p.check for p in found.problems] == ["rehearsal"]


def test_evidence_of_a_place_whose_calendar_could_be_moved_is_a_rehearsal_s(
    folder: Path, keys: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """Moved for one stage and back for the next, the other certificates would else look like real ones."""
    resigned(folder, SIGNING_KEY, lambda sequence, document: document["proof"].update(calendar_movable=True) if sequence == 2 else None)
    found = verifier.verify(folder, keys)
    verifier._check_calendar(found, rehearsal=False)
    assert [p.check for p in found.problems] == ["rehearsal"]
    assert "REHEARSAL: certificate 2 (backfill) was issued on a calendar that could be moved" in capsys.readouterr().out


def test_evidence_of_an_earlier_version_still_holds() -> None:
    """The certificates of version 0.1 (commit 7f0c2ea): no later rule makes them untrue, and one changed byte still fails them."""
    earlier = Path(__file__).parent / "earlier"
    trusted = verifier.trusted([earlier / "evidence.pub"])
    found = verifier.verify(earlier / "evidence", trusted)
    assert list(found.problems) == []


def test_a_changed_byte_in_evidence_of_an_earlier_version_fails(tmp_path: Path) -> None:
    earlier = Path(__file__).parent / "earlier"
    folder = Path(shutil.copytree(earlier / "evidence", tmp_path / "evidence"))
    path = next(iter(sorted(folder.rglob("certificate.json"))))
    path.write_bytes(path.read_bytes().replace(b'"alice"', b'"carol"', 1) + b" ")
    assert list(verifier.verify(folder, verifier.trusted([earlier / "evidence.pub"])).problems)
