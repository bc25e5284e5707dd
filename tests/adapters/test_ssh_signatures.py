"""Signatures that OpenSSH makes and reads: the product, verify.py and ssh-keygen agree on each."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from local_stack import approver_keys
from poco_migration.adapters import ssh_signatures
from poco_migration.errors import ConfigurationError
from poco_migration.settings import EXPECTATIONS

KEY, OTHER = approver_keys.from_secret("one"), approver_keys.from_secret("other")
LINE = "poco-migration | cutover | poco_cutover/one | cutover | " + "a" * 64
MESSAGE = f"{LINE}\n".encode()
SIGNERS = {"alice": approver_keys.public(KEY), "bob": approver_keys.public(OTHER)}


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_ssh", EXPECTATIONS / "verify.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def test_a_signature_names_its_signer_also_where_a_form_has_changed_its_lines(verifier: ModuleType) -> None:
    text = approver_keys.sign(KEY, LINE)
    for form in (text, text.replace("\n", " "), text.replace("\n", "\r\n"), f"\n {text} \n"):
        assert ssh_signatures.signer(form, MESSAGE, SIGNERS) == "alice"
        assert verifier.ssh_signature_holds(SIGNERS["alice"], MESSAGE, form)


def flipped(text: str, at: int) -> str:
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


TEXT = approver_keys.sign(KEY, LINE)


@pytest.mark.parametrize(
    "forged",
    [
        "", "x", TEXT[:-1], TEXT.split("\n", 1)[1], TEXT.replace("SSH SIGNATURE", "SSH SIGN"), TEXT.replace("\n", "\n!", 1),
        approver_keys.sign(approver_keys.from_secret("mallory"), LINE), approver_keys.sign(KEY, LINE + " "),
        *(flipped(TEXT, at) for at in range(len(ssh_signatures.ARMOR[0]) + 1, len(TEXT) - len(ssh_signatures.ARMOR[1]) - 8, 23) if TEXT[at] != "\n"),
    ],
)  # fmt: skip
def test_nothing_else_is_one(verifier: ModuleType, forged: str) -> None:
    assert ssh_signatures.signer(forged, MESSAGE, SIGNERS) is None
    assert not verifier.ssh_signature_holds(SIGNERS["alice"], MESSAGE, forged)


def test_one_that_was_made_for_something_else_is_none(verifier: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature of a git commit, over the same bytes."""
    monkeypatch.setattr(approver_keys, "NAMESPACE", "git")
    text = approver_keys.sign(KEY, LINE)
    assert ssh_signatures.signer(text, MESSAGE, SIGNERS) is None
    assert not verifier.ssh_signature_holds(SIGNERS["alice"], MESSAGE, text)


def test_who_may_sign_is_a_list_of_names_and_keys_and_nothing_else(tmp_path: Path, verifier: ModuleType) -> None:
    path = tmp_path / "approvers"
    assert ssh_signatures.read_signers(path) == {}
    approver_keys.write(path, [("alice", KEY), ("bob", OTHER)])
    assert ssh_signatures.read_signers(path) == verifier.signers_of(path) == SIGNERS
    good = path.read_text()
    for wrong in ("alice ssh-rsa AAAA\n", "alice\n", f"{good}alice ssh-ed25519 {SIGNERS['bob']}\n", "alice ssh-ed25519 AAAA\n"):
        path.write_text(wrong)
        with pytest.raises(ConfigurationError, match=r"approvers, line \d: not 'name ssh-ed25519 KEY'"):
            ssh_signatures.read_signers(path)


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is not on this machine")
def test_openssh_reads_ours_and_we_read_its(tmp_path: Path, verifier: ModuleType) -> None:
    def keygen(*words: str) -> str:
        return subprocess.run(
            ["ssh-keygen", *words], input=MESSAGE.decode(), capture_output=True, text=True, check=True, cwd=tmp_path
        ).stdout

    approver_keys.write(tmp_path / "approvers", [("alice", KEY)])
    (tmp_path / "ours").write_text(TEXT + "\n")
    assert 'Good "poco-migration" signature for alice' in keygen(
        "-Y", "verify", "-f", "approvers", "-I", "alice", "-n", "poco-migration", "-s", "ours"
    )
    approver_keys.write_private(tmp_path / "alice", KEY)
    (tmp_path / "alice").chmod(0o600)
    theirs = keygen("-Y", "sign", "-n", "poco-migration", "-f", "alice")
    assert ssh_signatures.signer(theirs, MESSAGE, SIGNERS) == "alice" and verifier.ssh_signature_holds(SIGNERS["alice"], MESSAGE, theirs)
