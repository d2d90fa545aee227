"""Commands that sign with a key on a token, and what `attest keys show` says of keys."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from tests.cli.command import attest
from tests.conftest import EXAMPLES
from tests.nodes.softhsm import PIN, softhsm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.nodes.softhsm import SoftHsm

EXCHANGE = EXAMPLES / "exchange" / "declaration.toml"
ASK = ("--passphrase-env", "TOKEN_PIN")


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    with softhsm(tmp_path_factory.mktemp("softhsm")) as found:
        found.init("att")
        found.make_curve("att", "p256")
        found.make_ed25519("att", "ed25519")
        yield found


@pytest.fixture(autouse=True)
def pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_PIN", PIN)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    assert 0 == attest("keys", "new", tmp_path / "key.pem", "--unencrypted").code
    return tmp_path / "key.pem"


def public_of(key: str, path: Path) -> Path:
    path.write_text(attest("keys", "show", key, *ASK, "--json").document["pem"])
    return path


@pytest.mark.parametrize("label", ["p256", "ed25519"])
def test_a_run_signed_by_a_token_verifies(hsm: SoftHsm, tmp_path: Path, label: str) -> None:
    uri, bundle = hsm.uri("att", label), tmp_path / "bundle"
    public = public_of(uri, tmp_path / "token.pub")

    ran = attest("run", EXCHANGE, "--key", uri, *ASK, "--public", public, "-o", bundle)
    verdict = attest("verify", bundle, "--key", public, "--allow-test", "--json")

    assert (0, 0) == (ran.code, verdict.code)
    assert ("valid", "pass", "L3") == tuple(
        verdict.document[name] for name in ("authenticity", "outcome", "level")
    )
    assert PIN not in ran.out + ran.err


def test_a_draft_is_signed_by_a_token(hsm: SoftHsm, tmp_path: Path) -> None:
    observed, draft, bundle = (tmp_path / name for name in ("observed", "draft", "bundle"))
    uri = hsm.uri("att", "p256")
    public = public_of(uri, tmp_path / "token.pub")

    assert 0 == attest("observe", EXCHANGE, "-o", observed, "--key", uri, *ASK).code
    assert 0 == attest("assess", EXCHANGE, "--snapshot", observed, "-o", draft).code
    signed = attest("sign", draft, "--key", uri, *ASK, "-o", bundle, "--json")
    verdict = attest("verify", bundle, "--key", public, "--allow-test")

    assert (0, 0) == (signed.code, verdict.code)
    assert attest("keys", "show", public, "--json").document["keyid"] == signed.document["keyid"]


def test_what_is_wrong_with_a_token_is_said_and_nothing_is_written(
    hsm: SoftHsm, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG_PIN", "99887766")
    right = hsm.uri("att", "p256")
    other = tmp_path / "key.pem.pub"
    enrolled = attest("keys", "show", other, "--json").document["keyid"]
    keyid = attest("keys", "show", right, *ASK, "--json").document["keyid"]
    cases: dict[tuple[str | Path, ...], str] = {
        (right, "--passphrase-env", "WRONG_PIN"): "pkcs11: token 'att': the PIN is wrong",
        (right,): "no PIN of the pkcs11 key was given",
        (hsm.uri("att", "none"), *ASK): ("pkcs11: no such key: private key 'none' on token 'att'"),
        (f"{right}&pin-value=99887766", *ASK): (
            "pkcs11: pin-value is refused: a URI is no place for a PIN"
        ),
        ("pksc11:object=p256?pin-value=99887766", *ASK): (
            "no such file, and no such place of keys: 'pksc11'"
        ),
        (right, *ASK, "--public", other): f"key is {keyid}, enrolled is {enrolled}",
        (key, "--public", tmp_path / "absent.pub"): f"no such file: {tmp_path / 'absent.pub'}",
        ("awskms:99887766",): "awskms: the key's public key is needed",
    }

    for options, error in cases.items():
        ran = attest("run", EXCHANGE, "-o", tmp_path / "bundle", "--key", *options)
        assert (3, f"error: {error}", 2) == (ran.code, ran.complaint[0], len(ran.complaint))
        assert ran.complaint[1].startswith("hint: ")
        assert "99887766" not in ran.out + ran.err
    assert not (tmp_path / "bundle").exists()


def test_a_file_is_held_against_the_enrolled_key_too(key: Path, tmp_path: Path) -> None:
    public = f"{key}.pub"
    attest("keys", "new", tmp_path / "other.pem", "--unencrypted")
    right = attest("run", EXCHANGE, "--key", key, "--public", public, "-o", tmp_path / "bundle")
    wrong = attest("keys", "show", tmp_path / "other.pem", "--public", public)
    shown = attest("keys", "show", tmp_path / "other.pem.pub", "--public", public)

    assert (0, 3, 3) == (right.code, wrong.code, shown.code)
    assert wrong.complaint == shown.complaint
    assert ", enrolled is " in wrong.complaint[0]


@pytest.mark.parametrize("command", [("observe",), ("challenge", "--no-anchor")])
def test_a_public_key_alone_is_refused(command: tuple[str, ...], key: Path, tmp_path: Path) -> None:
    ran = attest(*command, EXCHANGE, "-o", tmp_path / "x", "--public", f"{key}.pub")

    assert (3, "error: --public is given without --key") == (ran.code, ran.complaint[0])


def test_a_key_is_shown_wherever_it_lies(
    hsm: SoftHsm, key: Path, signed_folder: tuple[Path, Path]
) -> None:
    bundled = next(path for path in (signed_folder[0] / "keys").iterdir())
    pairs = (
        (attest("keys", "show", key), attest("keys", "show", f"{key}.pub")),
        (attest("keys", "show", bundled), attest("keys", "show", signed_folder[1])),
    )

    for one, other in pairs:
        assert (0, 0) == (one.code, other.code)
        assert one.out == other.out
    token = attest("keys", "show", hsm.uri("att", "ed25519"), *ASK)
    assert ["algorithm: ed25519", "-----BEGIN PUBLIC KEY-----"] == token.out.splitlines()[1:3]


def test_the_id_that_is_shown_is_the_digest_of_the_key(key: Path) -> None:
    document = attest("keys", "show", f"{key}.pub", "--json").document
    public = load_pem_public_key(document["pem"].encode())
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    assert {"keyid", "algorithm", "pem"} == document.keys()
    assert hashlib.sha256(der).hexdigest() == document["keyid"]
    assert "p256" == document["algorithm"]


def test_an_encrypted_key_is_shown_with_its_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASS", "correct horse")
    locked = tmp_path / "locked.pem"
    made = attest("keys", "new", locked, "--passphrase-env", "PASS", "--json").document

    assert 3 == attest("keys", "show", locked).code
    shown = attest("keys", "show", locked, "--passphrase-env", "PASS", "--json")
    assert made["keyid"] == shown.document["keyid"]
    assert "PRIVATE" not in json.dumps(shown.document)
