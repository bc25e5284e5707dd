#!/usr/bin/env python3
"""Checks a folder of evidence again, needing nothing but Python 3.11: no package, no network, no database, no Airflow.

    python3 verify.py EVIDENCE --key evidence.pub --signers approvers

EVIDENCE is a copy of the evidence bucket. The key comes from whoever keeps it, never out of the folder: one file or
several, each with one or more Ed25519 public keys as PEM. Old keys stay in the list as long as certificates name them.
The signers are the approvers' public keys, as the approvers gave them, one `name ssh-ed25519 KEY` a line. Without that file the
keys that the certificates name are used, and printed, to be compared with the approvers' own.

Exits with 0 only if everything holds. What fails is named: which check, which file, what it means. Checked are the form,
the signature and the place in the chain of every certificate; that the chain ends where the signed head says; that every
file is named by a certificate, and is there with its hash and size; and, from the numbers and files again, what the
certificates claim: equations, control totals, objects, rows compared, what stays behind, that every gate of the stage was judged
after its facts, with every try of it, in which order the stages came, and, by the approvers' own signatures, who has signed
which draft. A certificate of a rehearsal, whose calendar was moved or could be, fails unless --rehearsal says that it is one.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

HEAD = "certificates/head.json"
FOLDER = re.compile(r"certificates/(?P<name>\d{4,}-[a-z_]+-[0-9a-f]{12})/certificate\.(json|sig|html)")
# The stages that two different people must have signed, whatever a certificate says of itself.
SIGNED_BY_TWO = ("cutover", "rollback", "coupon_reissue", "history", "final_shutdown")
# The gates that each stage must have passed, and the kinds of facts that each has judged, whatever a certificate says of itself.
GATES: dict[str, dict[str, tuple[str, ...]]] = {
    "prepare": {"readiness": ("readiness",)},
    "backfill": {"loaded": ("counts",)},
    "reconcile": {"rows": ("comparison", "counts"), "counts": ("counts",), "control_totals": ("counts",)},
    "cutover": {"entry": ("counts",), "switched": ("recount",)},
    "rollback": {"returned": ("return",)},
    "coupon_reissue": {"rows": ("comparison",), "liability": ("counts",)},
    "history": {"rows": ("comparison", "counts"), "complete": ("counts", "objects")},
    "archive": {"restored": ("drill",)},
    "redirects": {"answers": ("answers",)},
    "final_shutdown": {"entry": ("counts", "conditions"), "closed": ("shutdown",)},
    "after": {"works": ("look",)},
}
# The stages that must be certified before each. A rollback makes what was certified from the comparison on untrue for what follows.
NEEDS: dict[str, tuple[str, ...]] = {
    "prepare": (), "backfill": ("prepare",), "reconcile": ("backfill",), "cutover": ("reconcile",), "coupon_reissue": ("cutover",),
    "history": ("cutover",), "archive": ("coupon_reissue", "history"), "redirects": ("cutover",),
    "final_shutdown": ("prepare", "backfill", "reconcile", "cutover", "coupon_reissue", "history", "archive", "redirects"),
    "after": ("final_shutdown",), "rollback": (),
}  # fmt: skip
BEFORE_ANY_ROLLBACK = ("prepare", "backfill")
# 1 is the form of certificates that say nothing of tries, of measurements, and of their form. Later ones may not be of an earlier form.
# 2 has those; 3 has each approver's own signature as well.
NEWEST_SCHEMA = 3
# The stages that have a deadline, and how far the clocks of two machines may be apart.
DATED = ("coupon_reissue", "history", "final_shutdown")
CLOCKS = timedelta(seconds=60)
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError)


# -- Ed25519, as RFC 8032 section 5.1 has it -----------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
NEUTRAL: Point = (0, 1, 1, 0)


def added(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    total = NEUTRAL
    while scalar:
        if scalar & 1:
            total = added(total, point)
        point = added(point, point)
        scalar >>= 1
    return total


def decoded(text: bytes) -> Point | None:
    """The point of 32 bytes, or None where they are the encoding of none."""
    if len(text) != 32:
        return None
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(public: bytes, body: bytes, signature: bytes) -> bool:
    """Whether these 64 bytes are a signature of the body by the key of these 32 bytes."""
    key, first = decoded(public), decoded(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or first is None or BASE is None or len(signature) != 64 or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + body).digest(), "little") % ORDER
    left, right = times(scalar, BASE), added(first, times(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# -- Keys ----------------------------------------------------------------------------------------------------------------

PEM = re.compile(r"-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", re.DOTALL)
ED25519 = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what stands before the 32 bytes of such a key


def ssh_signature_holds(key: str, message: bytes, armored: str) -> bool:
    """Whether this text is OpenSSH's signature (PROTOCOL.sshsig) of the message by this ssh-ed25519 key, made for this migration."""
    try:
        kind, public = ssh_strings(base64.b64decode(key, validate=True), 2)
        words = armored.split()  # a form may have made blanks of the ends of lines
        if " ".join(words[:3]) != "-----BEGIN SSH SIGNATURE-----" or " ".join(words[-3:]) != "-----END SSH SIGNATURE-----":
            return False
        body = base64.b64decode("".join(words[3:-3]), validate=True)
        named, namespace, reserved, algorithm, signed = ssh_strings(body[10:], 5)
        way, signature = ssh_strings(signed, 2)
    except (ValueError, TypeError, AttributeError):
        return False
    if body[:10] != b"SSHSIG\0\0\0\1" or (kind, way, namespace) != (b"ssh-ed25519", b"ssh-ed25519", b"poco-migration"):
        return False
    if named != base64.b64decode(key) or algorithm not in (b"sha256", b"sha512"):
        return False
    digest = hashlib.new(algorithm.decode(), message).digest()
    told = b"SSHSIG" + b"".join(len(part).to_bytes(4, "big") + part for part in (namespace, reserved, algorithm, digest))
    return signature_holds(public, told, signature)


def ssh_strings(body: bytes, count: int) -> list[bytes]:
    """Exactly so many strings, each behind its length in four bytes. Raises ValueError."""
    parts = []
    for _ in range(count):
        end = 4 + int.from_bytes(body[:4], "big")
        if len(body) < max(end, 4):
            raise ValueError("cut off")
        parts.append(body[4:end])
        body = body[end:]
    if body:
        raise ValueError("more than that")
    return parts


def signers_of(path: Path) -> dict[str, str]:
    """The approvers' public keys: {name: key}. Raises ValueError for a file that holds anything else, or nothing."""
    lines = [line.split() for line in path.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    if not lines or any(len(line) < 3 or line[1] != "ssh-ed25519" for line in lines) or len({line[0] for line in lines}) < len(lines):
        raise ValueError(f"{path} does not hold one 'name ssh-ed25519 KEY' a line")
    return {line[0]: line[2] for line in lines}


def trusted(paths: Iterable[Path]) -> dict[str, bytes]:
    """The keys in these files by their name, the SHA-256 of their 32 bytes. Raises ValueError where a file holds none."""
    keys: dict[str, bytes] = {}
    for path in paths:
        found = [base64.b64decode("".join(body.split()), validate=True) for body in PEM.findall(path.read_text("utf-8"))]
        if not found or not all(key.startswith(ED25519) and len(key) == 44 for key in found):
            raise ValueError(f"{path} holds no Ed25519 public key in PEM, or something besides")
        keys |= {hashlib.sha256(key[12:]).hexdigest(): key[12:] for key in found}
    return keys


# -- What is found -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    check: str
    file: str
    meaning: str
    certificate: str = ""  # where the certificate lies whose claim does not hold

    def __str__(self) -> str:
        return printable(f"FAILED {self.check:10} {self.file}: {self.meaning}")


def printable(text: str) -> str:
    """Names come out of the folder: none of them may write a line of its own, or move the cursor."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)


@dataclass
class Found:
    """What lies in the folder, and what is wrong with it."""

    folder: Path
    keys: dict[str, bytes]
    signers: dict[str, str]  # the approvers' public keys; none where nobody has handed them over
    files: dict[str, tuple[str, int]] = field(default_factory=dict)  # hash and size by name below the folder
    problems: list[Problem] = field(default_factory=list)
    chain: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # each certificate and where it lies

    def fail(self, check: str, file: str, meaning: str, certificate: str = "") -> None:
        self.problems.append(Problem(check, file, meaning, certificate or file.rpartition("/")[0]))

    def bytes_of(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def read(self, name: str, what: str) -> dict[str, Any] | None:
        """A file with one object in canonical JSON, or None, and then it is told what is wrong."""
        if name not in self.files:
            self.fail("missing", name, f"{what} is not there")
            return None
        body = self.bytes_of(name)
        try:
            document = json.loads(body.decode("utf-8"))
            # Nothing but an object counts: `null` would else pass for a file that is not there and was told already.
            if isinstance(document, dict) and canonical(document) == body:
                return document
        except MALFORMED:
            pass
        self.fail("canonical", name, f"{what} is not canonical JSON: these are not the bytes that the migration wrote")
        return None


def canonical(document: Any) -> bytes:
    """The one byte sequence of a document: sorted keys, no blanks, UTF-8, one line."""
    return (json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def verify(folder: Path, keys: dict[str, bytes], signers: dict[str, str] | None = None) -> Found:
    """Check the folder against these keys. Writes nothing; a folder without certificates fails."""
    found = Found(folder, keys, signers or {})
    _walk(found)
    _read_certificates(found)
    _check_head(found)
    _check_chain(found)
    named = _check_evidence(found)
    for name in sorted(found.files.keys() - named - {HEAD} - {n for n in found.files if FOLDER.fullmatch(n)}):
        found.fail("unnamed", name, "no certificate names it: it was put there by somebody else, or it belongs to a run after the newest "
                   "certificate; then certify a run and take a new copy")  # fmt: skip
    _check_order(found)
    for at, certificate in found.chain:
        for check in (_equations, _totals, _points, _objects, _liability, _coverage, _excused, _gates, _tries, _approvals, _lateness):
            try:
                check(found, at, certificate)
            except MALFORMED as error:
                found.fail("form", f"{at}/certificate.json", f"is not what a certificate looks like ({type(error).__name__}: {error})")
    return found


# -- The files, the certificates, the chain ------------------------------------------------------------------------------


def _walk(found: Found) -> None:
    for root, folders, names in os.walk(found.folder):
        for name in sorted([*names, *(folder for folder in folders if (Path(root) / folder).is_symlink())]):
            path = Path(root) / name
            at = path.relative_to(found.folder).as_posix()
            if path.is_symlink() or not path.is_file():
                found.fail("unnamed", at, "is no ordinary file; evidence is copied, not linked")
                continue
            digest, size = hashlib.sha256(), 0
            with path.open("rb") as opened:
                for block in iter(lambda: opened.read(1 << 20), b""):
                    digest.update(block)
                    size += len(block)
            found.files[at] = (digest.hexdigest(), size)


def _read_certificates(found: Found) -> None:
    folders = sorted({match["name"] for match in map(FOLDER.fullmatch, found.files) if match})
    for name in folders:
        at = f"certificates/{name}"
        document = found.read(f"{at}/certificate.json", "a certificate")
        signed = _signed(found, f"{at}/certificate.sig", found.read(f"{at}/certificate.sig", "the signature of a certificate"),
                         found.bytes_of(f"{at}/certificate.json") if f"{at}/certificate.json" in found.files else b"")  # fmt: skip
        if document is None:
            continue
        try:
            if type(document["sequence"]) is not int or not isinstance(document["stage"], str):
                raise TypeError("sequence or stage")
            digest = found.files[f"{at}/certificate.json"][0]
            if name != f"{document['sequence']:04d}-{document['stage']}-{digest[:12]}" or document["kind"] != "certificate":
                found.fail(
                    "hash", f"{at}/certificate.json", "its content is not the one that its folder is named after: it was changed or moved"
                )
            if signed and document["key"] != signed:
                found.fail("signature", f"{at}/certificate.sig", "another key has signed it than the one it names itself")
            found.chain.append((at, document))
        except MALFORMED as error:
            found.fail("form", f"{at}/certificate.json", f"is not what a certificate looks like ({type(error).__name__}: {error})")
    found.chain.sort(key=lambda entry: (entry[1]["sequence"], entry[0]))


def _signed(found: Found, name: str, signature: dict[str, Any] | None, body: bytes) -> str | None:
    """The name of the trusted key that has signed these bytes, or None, and then it is told why."""
    if signature is None:
        return None
    try:
        key, said = str(signature["key"]), bytes.fromhex(signature["signature"])
        if signature.keys() != {"algorithm", "key", "signature"} or signature["algorithm"] != "Ed25519":
            raise ValueError(signature["algorithm"])
    except MALFORMED:
        found.fail("signature", name, "is not the signature of a key of this kind (Ed25519)")
        return None
    if key not in found.keys:
        found.fail("signature", name, f"is by key {key[:16]}, which is not among the keys that you trust")
    elif not signature_holds(found.keys[key], body, said):
        found.fail(
            "signature", name, f"does not fit the content: it was changed after key {key[:16]} had signed it, or the signature is forged"
        )
    else:
        return key
    return None


def _check_head(found: Found) -> None:
    """The signed head says how long the chain is, and what every file of it is: so the end of the chain cannot be cut off."""
    envelope = found.read(HEAD, "the head, which says where the chain of certificates ends,")
    if envelope is None:
        return
    try:
        head = envelope["head"]
        if not isinstance(envelope["signature"], dict):
            raise TypeError("no signature")
        _signed(found, HEAD, envelope["signature"], canonical(head))
        told = {file["key"]: (file["sha256"], file["bytes"]) for file in head["files"]}
        here = {name for name in found.files if name.startswith("certificates/") and name != HEAD}
        for name in sorted(told.keys() - here):
            found.fail("removed", name, "is named by the head and is not there: it was removed")
        for name in sorted(here - told.keys()):
            found.fail("unnamed", name, "is among the certificates and is not named by the head: it was added, or the head is an old one")
        for name in sorted(here & told.keys()):
            _same(found, name, told[name], HEAD)
        if found.chain and (head["certificates"], head["newest"]) != (len(found.chain), _digest(found, found.chain[-1][0])):
            found.fail(
                "chain", HEAD, f"it ends a chain of {head['certificates']} certificates, and here are {len(found.chain)} with another end"
            )
    except MALFORMED as error:
        found.fail("form", HEAD, f"is not what a head looks like ({type(error).__name__}: {error})")


def _check_chain(found: Found) -> None:
    if not found.chain:
        found.fail("chain", "certificates/", "there is no certificate here that can be read, so nothing is proven")
    before = None
    expected = 1
    for at, certificate in found.chain:
        name, sequence = f"{at}/certificate.json", certificate["sequence"]
        if sequence == expected - 1:
            found.fail("chain", name, f"there is another certificate {sequence}: the chain has a fork")
            continue
        if sequence != expected:
            found.fail("chain", name, f"it is number {sequence} and number {expected} should come here: certificates were removed")
        elif certificate.get("previous") != before:
            found.fail("chain", name, "it names another certificate before it than the one that is there: one was exchanged or moved")
        before, expected = _digest(found, at), sequence + 1


def _check_order(found: Found) -> None:
    """Each stage stands on the certificates that it needs, and no certificate is of an earlier form than one before it."""
    newest: dict[str, int] = {}
    schema, back = 1, 0
    for at, certificate in found.chain:
        name, stage, sequence = f"{at}/certificate.json", certificate["stage"], certificate["sequence"]
        try:
            form = _schema(certificate)
            if form < schema or form > NEWEST_SCHEMA:
                found.fail("form", name, f"is of form {form}, and one before it of form {schema}; this verifier knows {NEWEST_SCHEMA}")
            schema = max(schema, form)
            if stage not in NEEDS:
                found.fail("order", name, f"there is no stage {stage}")
            for needed in NEEDS.get(stage, ()) if form > 1 else ():
                if needed not in newest:
                    found.fail("order", name, f"stage {stage} needs a certificate of {needed} before it, and there is none")
                elif needed not in BEFORE_ANY_ROLLBACK and newest[needed] < back and stage != "after":
                    found.fail("order", name, f"stage {stage} needs a certificate of {needed} from after the rollback (certificate {back})")
        except MALFORMED as error:
            found.fail("form", name, f"does not say of which form it is ({type(error).__name__}: {error})")
        newest[stage] = sequence
        back = sequence if stage == "rollback" else back


def _schema(certificate: dict[str, Any]) -> int:
    schema = certificate.get("schema", 1)
    if type(schema) is not int:
        raise TypeError("schema")
    return schema


def _digest(found: Found, at: str) -> str:
    return found.files[f"{at}/certificate.json"][0]


def _check_evidence(found: Found) -> set[str]:
    """Each file that a certificate names is there as it was; returns the names."""
    named: set[str] = set()
    for at, certificate in found.chain:
        try:
            for file in [*certificate["proof"]["evidence"], *certificate["others"]]:
                name = str(file["key"])
                if name not in found.files:
                    if name not in named:
                        found.fail("removed", name, f"{at} names it and it is not there: it was removed", at)
                else:
                    _same(found, name, (file["sha256"], file["bytes"]), at)
                named.add(name)
        except MALFORMED as error:
            found.fail("form", f"{at}/certificate.json", f"does not say what its evidence is ({type(error).__name__}: {error})")
    return named


def _same(found: Found, name: str, told: tuple[str, int], by: str) -> None:
    if found.files[name] != told:
        is_now, was = (f"{size} bytes of hash {str(digest)[:12]}" for digest, size in (found.files[name], told))
        found.fail("changed", name, f"is {is_now}, and {by} says {was}: it was changed after that was signed", by if by != HEAD else "")


# -- What the certificates claim -----------------------------------------------------------------------------------------


def _equations(found: Found, at: str, certificate: dict[str, Any]) -> None:
    for e in certificate["proof"]["equations"]:
        rest = e["source"] - e["migrated"] - e["merged"] - e["excluded"] - e["quarantined"]
        where = f"{e['entity']}, {e['region']}"
        if rest or e["missing"] or e["extra"]:
            found.fail("equations", f"{at}/certificate.json", f"{where}: {rest or e['missing'] or -e['extra']} rows are not accounted for")
        if e["decision"] == "stay" and (e["migrated"] or e["merged"] or e["quarantined"]):
            found.fail("equations", f"{at}/certificate.json", f"{where}: rows of a region that stays have crossed")


def _totals(found: Found, at: str, certificate: dict[str, Any]) -> None:
    for t in certificate["proof"]["control_totals"]:
        if Decimal(t["source"]) != Decimal(t["target"]):
            found.fail("totals", f"{at}/certificate.json", f"{t['total']} {t['bucket']}, {t['region']}: {t['source']} is not {t['target']}")


def _points(found: Found, at: str, certificate: dict[str, Any]) -> None:
    """No point is rounded away: what is credited and what remains are what POCO had, at the rate, and of every customer."""
    for p in certificate["proof"]["points"]:
        name, where = f"{at}/certificate.json", f"{p['state']} points, {p['region']}"
        new, old = (int(number) for number in p["rate"].split("/"))
        had, there = Decimal(p["points"]) * new, Decimal(p["credited"]) * old + Decimal(p["remainder"])
        if had != there:
            found.fail("points", name, f"{where}: {p['points']} at {p['rate']} are not {p['credited']} and {p['remainder']}/{old}")
        if Decimal(p["remainder"]) < 0 or p["customers_equal"] != p["customers"]:
            found.fail("points", name, f"{where}: {p['customers_equal']} of {p['customers']} customers have what they had")
    for p in certificate["proof"].get("points_gap", []):
        kept = p["booked"] if p["kind"] == "expired" and p["ruling"] == "left_out" else 0
        if Decimal(p["left_out"]) != Decimal(kept):
            where = f"{p['kind']} {p['state']} points, {p['region']}"
            found.fail(
                "points", f"{at}/certificate.json", f"{where}: {p['left_out']} of {p['booked']} booked since the handover are left out"
            )


def _objects(found: Found, at: str, certificate: dict[str, Any]) -> None:
    """Photos and attachments: named = copied + in quarantine. Certificates from before there were any do not speak of them."""
    for o in certificate["proof"].get("objects", []):
        rest = o["named"] - o["copied"] - o["quarantined"]
        if rest or o["missing"] or o["unnamed"] or o["extra"] or o["named_at_poco"] - o["gone"] != o["named"]:
            found.fail("objects", f"{at}/certificate.json", f"{o['region']}: not every photo and attachment is accounted for")


def _liability(found: Found, at: str, certificate: dict[str, Any]) -> None:
    """What was owed in coupons at the freeze is the sum of what became of it; and what was issued is what the equations count."""
    name, proof = f"{at}/certificate.json", certificate["proof"]
    groups: dict[str, dict[str, tuple[int, int, Decimal]]] = {}
    issued: dict[str, int] = {}
    for entry in proof["liability"]:
        group = groups.setdefault(f"{entry['kind']} {entry['currency']}, {entry['audience']}, {entry['region']}", {})
        if entry["line"] in group:
            found.fail("liability", name, f"line {entry['line']} is there twice for the same coupons")
        group[entry["line"]] = (int(entry["coupons"]), int(entry["uses"]), Decimal(entry["worth"]))
        if entry["line"] == "issued":
            issued[entry["region"]] = issued.get(entry["region"], 0) + int(entry["coupons"])
    for where, lines in groups.items():
        owed = lines.get("freeze", (0, 0, Decimal(0)))
        became = [sum(line[n] for told, line in lines.items() if told != "freeze") for n in range(3)]
        for what, before, after in zip(("coupons", "uses", "worth"), owed, became, strict=True):
            if before != after:
                found.fail("liability", name, f"{where}: {before} {what} were owed at the freeze, and {after} are accounted for")
    if proof["liability"] or certificate["stage"] == "coupon_reissue":
        for e in proof["equations"]:
            if e["entity"] == "coupons" and e["migrated"] != issued.get(e["region"], 0):
                told = issued.get(e["region"], 0)
                found.fail("liability", name, f"{e['region']}: {e['migrated']} coupons have moved, and {told} are told to be issued")


def _coverage(found: Found, at: str, certificate: dict[str, Any]) -> None:
    for c in certificate["proof"]["coverage"]:
        if c["compared_source"] + c["set_aside"] != c["counted_source"] or c["compared_target"] != c["counted_target"] or c["keys_open"]:
            found.fail(
                "coverage", f"{at}/certificate.json", f"{c['entity']}: not every row was compared, or {c['keys_open']} keys still differ"
            )


def _excused(found: Found, at: str, certificate: dict[str, Any]) -> None:
    """What is in quarantine is what its reasons add up to, and no more than its limits allow."""
    if _schema(certificate) < 2:
        return
    name, told = f"{at}/certificate.json", dict[tuple[str, str], int]()
    for x in certificate["proof"]["excused"]:
        if x["outcome"] == "quarantined" and x["limit_rows"] is not None and x["rows"] > x["limit_rows"]:
            found.fail("excused", name, f"{x['entity']}, {x['region']}: {x['rows']} rows are {x['outcome']} ({x['reason']}), and at most "
                       f"{x['limit_rows']} may be")  # fmt: skip
        if x["outcome"] == "quarantined":
            told[x["entity"], x["region"]] = told.get((x["entity"], x["region"]), 0) + x["rows"]
    for e in certificate["proof"]["equations"]:
        where = e["entity"], e["region"]
        if e["quarantined"] != told.get(where, 0):
            found.fail(
                "excused", name, f"{', '.join(where)}: {e['quarantined']} rows are in quarantine, and {told.get(where, 0)} have a reason"
            )


def _tries(found: Found, at: str, certificate: dict[str, Any]) -> None:
    """Every try of every gate is told, its result is there, and the newest of each gate is the one that is certified."""
    if _schema(certificate) < 2:
        return
    name, proof = f"{at}/certificate.json", certificate["proof"]
    evidence = {file["key"]: file["sha256"] for file in proof["evidence"]}
    last: dict[str, str] = {}
    for told in proof["tries"]:
        about = f"try {told['try_number']} of gate {told['gate']}"
        if evidence.get(told["result"]) != told["sha256"]:
            found.fail("tries", name, f"{about}: its result is not among the evidence")
        elif found.files.get(told["result"], ("", 0))[0] == told["sha256"]:
            verdict = _verdict(json.loads(found.bytes_of(told["result"])))
            if verdict != told["verdict"]:
                found.fail("tries", told["result"], f"its judgements make it {verdict}, and the certificate says {told['verdict']}", at)
        last[told["gate"]] = told["sha256"]
    results = {key for key in evidence if key.startswith(f"reports/{certificate['stage']}/") and key.endswith("/result.json")}
    for key in sorted(results - {told["result"] for told in proof["tries"]}):
        found.fail("tries", key, "is the result of a try that the certificate does not tell", at)
    for gate in proof["gates"]:
        if last.get(gate["gate"]) != gate["sha256"]:
            found.fail("tries", name, f"gate {gate['gate']}: what is certified is not its newest try")
    for lost in certificate["lost"]:
        found.fail("tries", lost["result"], f"gate {lost['gate']} of run {lost['run']} was {lost['verdict']}; its result was deleted or "
                   "changed in the bucket before any certificate named it", at)  # fmt: skip


def _all_gates(found: Found, at: str, certificate: dict[str, Any]) -> None:
    """Every gate of the stage was judged in this run, on the newest facts of it, which were measured to their end."""
    name, proof = f"{at}/certificate.json", certificate["proof"]
    judged = {gate["gate"]: gate for gate in proof["gates"]}
    newest = {m["what"]: (m["number"], m["ended"]) for m in proof["measured"]}
    for gate, kinds in GATES.get(certificate["stage"], {}).items():
        if gate not in judged:
            found.fail("gates", name, f"gate {gate} of stage {certificate['stage']} was not judged in its run")
            continue
        result = judged[gate]["result"]
        if found.files.get(result, ("", 0))[0] != judged[gate]["sha256"]:
            continue  # told already: it is gone, or changed
        measured = json.loads(found.bytes_of(result))["measured"]
        for what in kinds:
            if newest.get(what) != (measured.get(what), True):
                found.fail("gates", result, f"it has judged other facts than the newest ones of its run ({what})", at)


def _gates(found: Found, at: str, certificate: dict[str, Any]) -> None:
    """Each verdict is made again out of its result file, by the rule of the house."""
    name = f"{at}/certificate.json"
    evidence = {file["key"]: file["sha256"] for file in certificate["proof"]["evidence"]}
    own = _schema(certificate) >= 3
    accepted = {(approval["subject"], approval["shown"] if own else None) for approval in certificate["proof"]["approvals"]}
    if not certificate["proof"]["gates"]:
        found.fail("gates", name, "no gate stands behind it, so nothing was judged")
    if _schema(certificate) >= 2:
        _all_gates(found, at, certificate)
    for gate in certificate["proof"]["gates"]:
        about = f"gate {gate['gate']}"
        if evidence.get(gate["result"]) != gate["sha256"]:
            found.fail("gates", name, f"{about}: its result is not among the evidence")
        shown = gate["sha256"] if own else None
        if gate["verdict"] not in ("pass", "warn") or (
            gate["verdict"] == "warn" and (f"warnings of {gate['gate']}", shown) not in accepted
        ):
            found.fail("gates", name, f"{about} is {gate['verdict']}, and nobody has accepted that")
        if found.files.get(gate["result"], ("", 0))[0] != gate["sha256"]:
            continue  # told already: it is gone, or changed
        result = json.loads(found.bytes_of(gate["result"]))
        if _verdict(result) != gate["verdict"]:
            found.fail(
                "gates", gate["result"], f"its judgements make it {_verdict(result)}, and the certificate says {gate['verdict']}", at
            )
        if list(_judged(result)) != list(_certified(gate)):
            found.fail("gates", gate["result"], "its expectations are not the ones that the certificate lists", at)


def _verdict(result: dict[str, Any]) -> str:
    judgements = result["judgements"]
    if len(judgements) != result["expected"] or any(j["error"] for j in judgements):
        return "fail"
    failed = {j["severity"] for j in judgements if not j["success"]}
    return "fail" if "critical" in failed else "warn" if "warning" in failed else "pass"


def _judged(result: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    suites: dict[str, list[Any]] = {}
    for j in result["judgements"]:
        suites.setdefault(j["suite"], []).append(
            (j["suite"], j["details"]["query"], j["details"]["number"], j["type"], j["details"]["kwargs"], j["severity"], j["success"])
        )
    for judged in suites.values():
        yield from judged


def _certified(gate: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for suite in gate["suites"]:
        for e in suite["expectations"]:
            yield (suite["suite"], suite["query"], e["number"], e["type"], e["arguments"], e["severity"], e["holds"])


def _approvals(found: Found, at: str, certificate: dict[str, Any]) -> None:
    """Two different people have signed the draft that is there, where the stage cannot be undone."""
    name, stage, proof = f"{at}/certificate.json", certificate["stage"], certificate["proof"]
    drafts = {file["sha256"]: file["key"] for file in proof["evidence"] if file["key"].endswith("/draft.json")}
    signatures = [approval for approval in proof["approvals"] if approval["subject"] == stage]
    newest = [approval for approval in signatures if proof["draft"] and approval["draft"] == proof["draft"]]
    people = {approval["approver"] for approval in newest}
    if _schema(certificate) >= 3:
        people = {approval["public_key"] for approval in newest if _own_signature(found, name, certificate, approval)}
        for other in (approval for approval in proof["approvals"] if approval not in newest):
            _own_signature(found, name, certificate, other)
    elif stage in SIGNED_BY_TWO and found.signers:
        found.fail("approvals", name, "is of a form without the signers' own signatures, so their keys prove nothing here")
    if stage in SIGNED_BY_TWO and len(people) < 2:
        found.fail(
            "approvals", name, f"stage {stage} needs the signatures of two different people under its draft, and {len(people)} signed"
        )
    for approval in signatures:
        if approval["draft"] not in drafts:
            found.fail(
                "approvals", name, f"{approval['approver']} has signed draft {str(approval['draft'])[:12]}, which is not among the evidence"
            )
    if proof["draft"] and found.files.get(drafts.get(proof["draft"], ""), ("", 0))[0] == proof["draft"]:
        draft = json.loads(found.bytes_of(drafts[proof["draft"]]))
        if (draft["kind"], draft["stage"], draft["run"]) != ("draft", stage, certificate["run"]):
            found.fail("approvals", drafts[proof["draft"]], "what was signed is not a draft of this stage and run", at)


def _own_signature(found: Found, name: str, certificate: dict[str, Any], approval: dict[str, Any]) -> bool:
    """Whether this person's own key has signed what the certificate says that they have signed."""
    person, key = str(approval["approver"]), approval["public_key"]
    if key != certificate["proof"]["approvers"].get(person) or (found.signers and key != found.signers.get(person)):
        found.fail("approvals", name, f"the key of {person} is not the one of the list of approvers")
        return False
    shown = approval["draft"] if approval["subject"] == certificate["stage"] else approval["shown"]
    line = f"poco-migration | {certificate['stage']} | {certificate['run']} | {approval['subject']} | {shown}\n"
    if not ssh_signature_holds(key, line.encode(), approval["signature"]):
        found.fail(
            "approvals", name, f"the signature of {person} under '{approval['subject']}' is not one of {str(shown)[:12]}: it is forged"
        )
        return False
    return True


def late_by(certificate: dict[str, Any]) -> timedelta:
    """How long after its deadline a certificate was issued, by its own calendar and instants."""
    proof = certificate["proof"]
    if proof["deadline"] is None:
        return timedelta(0)
    moved = timedelta(seconds=proof["rehearsal_shift_seconds"])
    return max(timedelta(0), _instant(certificate["issued_at"]) - _instant(proof["deadline"]) - moved)


def _lateness(found: Found, at: str, certificate: dict[str, Any]) -> None:
    """It says of itself how late it is, and was issued no earlier than what it stands on."""
    name, stage, proof = f"{at}/certificate.json", certificate["stage"], certificate["proof"]
    if stage in DATED and proof["deadline"] is None:
        found.fail("late", name, f"stage {stage} has a deadline, and this certificate names none")
    seconds, said = int(late_by(certificate).total_seconds()), certificate["late_seconds"]
    if type(said) is not int or said != seconds:
        found.fail("late", name, f"by its own calendar it is {seconds} seconds late, and it says {said}")
    before = [("a signature", _instant(approval["answered_at"])) for approval in proof["approvals"]]
    for gate in proof["gates"]:
        if found.files.get(gate["result"], ("", 0))[0] == gate["sha256"]:
            before.append((f"gate {gate['gate']}", _instant(json.loads(found.bytes_of(gate["result"]))["judged_at"])))
    for what, when in before:
        if when > _instant(certificate["issued_at"]) + CLOCKS:
            found.fail("late", name, f"it says that it was issued before {what}, which it stands on")


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} is no instant")
    return at


def _late_lines(found: Found) -> Iterator[str]:
    for _, certificate in found.chain:
        try:
            if late := late_by(certificate):
                yield (f"LATE: certificate {certificate['sequence']} ({certificate['stage']}) was issued {late} after its deadline, "
                       f"{certificate['proof']['deadline']}")  # fmt: skip
        except MALFORMED:
            continue  # told already


# -- At the terminal -----------------------------------------------------------------------------------------------------


def _form_lines(found: Found) -> Iterator[str]:
    if old := [certificate["sequence"] for _, certificate in found.chain if certificate.get("schema", 1) == 1]:
        yield (f"FORM 1: certificates {old[0]} to {old[-1]} are of the first form: they do not say which tries there were, and whether "
               "every gate of their stage was judged.")  # fmt: skip
    if old := [certificate["sequence"] for _, certificate in found.chain if certificate.get("schema", 1) == 2]:
        yield (f"FORM 2: certificates {old[0]} to {old[-1]} are of the second form: who has signed is what Airflow said, without "
               "signatures by the approvers' own keys.")  # fmt: skip


def _signer_lines(found: Found) -> Iterator[str]:
    """Whose keys the signatures were checked with, where nobody has handed over a list of them."""
    if found.signers:
        return
    try:
        named = {(a["approver"], a["public_key"]) for _, c in found.chain if _schema(c) >= 3 for a in c["proof"]["approvals"]}
        for person, key in sorted(named):
            sha = base64.b64encode(hashlib.sha256(base64.b64decode(key)).digest()).decode().rstrip("=")
            yield f"SIGNER: {person}, by the certificate alone with key SHA256:{sha}: compare it with ssh-keygen -l, or give --signers"
    except MALFORMED:
        return  # told already


def _rehearsals(found: Found) -> list[tuple[int, str, int]]:
    """The certificates on a calendar that was moved, or could be: number, stage, seconds. One that cannot be read is told elsewhere."""
    moved = []
    for _, certificate in found.chain:
        proof = certificate.get("proof")
        shift, movable = (
            (proof.get("rehearsal_shift_seconds", 0), proof.get("calendar_movable", False)) if isinstance(proof, dict) else (0, False)
        )
        if type(shift) is not int or shift or movable is not False:
            moved.append((certificate["sequence"], certificate["stage"], shift))
    return moved


def _check_calendar(found: Found, rehearsal: bool) -> None:
    """A calendar that was moved makes every date true: only somebody who knows that it is a rehearsal may rely on it."""
    moved = _rehearsals(found)
    for sequence, stage, shift in moved:
        moving = f"was moved by {shift} seconds" if shift else "could be moved"
        print(printable(f"REHEARSAL: certificate {sequence} ({stage}) was issued on a calendar that {moving}"))
    if moved and not rehearsal:
        found.fail("rehearsal", "certificates/", f"{len(moved)} certificates are of a rehearsal: nothing has moved by them. If that is "
                   "what you check, say --rehearsal")  # fmt: skip


def report(found: Found) -> None:
    for key in sorted(found.keys):
        print(f"trusted key  {key}")
    failing = {problem.certificate for problem in found.problems}
    print(f"\n{'certificate':>11}  {'stage':16} {'issued at':25} verdict")
    for at, certificate in found.chain:
        verdict = "FAILED" if at in failing else "holds"
        print(printable(f"{certificate['sequence']:>11}  {certificate['stage']:16} {certificate.get('issued_at', '')!s:25} {verdict}"))
    print()
    for line in (*_late_lines(found), *_form_lines(found), *_signer_lines(found)):
        print(printable(line))
    for problem in found.problems:
        print(problem)
    if found.problems:
        print(f"\nFAILED: {len(found.problems)} things do not hold in {found.folder}. Do not rely on this evidence.")
        return
    at, newest = found.chain[-1]
    print(
        f"HOLDS: {len(found.chain)} certificates and {len(found.files)} files, all named, unchanged and signed for; every claim made again."
    )
    print(f"The newest is certificate {newest['sequence']} ({newest['stage']}), sha256 {_digest(found, at)}.")
    print("An older copy of everything would hold as well: compare that line with the log of the newest task certify.")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="verify.py", description="Check a folder of evidence; exits with 0 only if everything holds.")
    parser.add_argument("evidence", type=Path, help="a copy of the evidence bucket")
    parser.add_argument("--key", type=Path, action="append", required=True, help="Ed25519 public keys to trust, as PEM; may be repeated")
    parser.add_argument("--signers", type=Path, help="the approvers' public keys, as they gave them: 'name ssh-ed25519 KEY' a line")
    parser.add_argument("--rehearsal", action="store_true", help="this is evidence of a rehearsal, whose calendar was or could be moved")
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    folder = options.evidence.resolve()
    if not folder.is_dir():
        parser.error(f"{options.evidence} is no folder")
    if inside := [
        path for path in (*options.key, *([options.signers] if options.signers else [])) if path.resolve().is_relative_to(folder)
    ]:
        parser.error(f"{inside[0]} lies in the evidence that it should vouch for; get the key from whoever keeps it")
    try:
        keys = trusted(options.key)
        signers = signers_of(options.signers) if options.signers else {}
    except (OSError, ValueError) as error:
        parser.error(str(error))
    try:
        found = verify(folder, keys, signers)
        _check_calendar(found, options.rehearsal)
    except OSError as error:
        print(f"FAILED: the evidence cannot be read: {error}")
        return 1
    report(found)
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
