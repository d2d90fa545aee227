from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from attest.errors import InvalidEnvelope, SigningError
from attest.keys import load_public, load_signing, new_key
from config.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from attest.keys import Algorithm

PASSPHRASE = b"correct horse"
MESSAGE = b"message"

SMALL_ORDER = [
    # Encodings of points of order 1, 2, 4 and 8, and one that is not canonical
    # (Chalkias, Garillot, Nikolaenko: "Taming the many EdDSAs", table of small order points).
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def pem_of(raw: ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey) -> bytes:
    return raw.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.mark.parametrize("algorithm", ["p256", "ed25519"])
@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_new_key_signs_and_its_public_half_verifies(
    algorithm: Algorithm, passphrase: bytes | None
) -> None:
    private, public = new_key(algorithm, passphrase)
    key = load_signing(private, "key", lambda: PASSPHRASE)
    known = load_public(public, "key.pub")

    known.verify(key.sign(MESSAGE), MESSAGE)

    assert known.keyid == key.public.keyid
    assert known.algorithm == algorithm


def test_the_id_is_the_digest_of_the_spki() -> None:
    known = load_public(new_key("p256", None)[1], "key.pub")
    der = known.raw.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    assert hashlib.sha256(der).hexdigest() == known.keyid


def test_an_encrypted_key_is_encrypted_with_scrypt(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    private, _ = new_key("p256", PASSPHRASE)
    path = tmp_path / "key.pem"
    path.write_bytes(private)
    shown = subprocess.run(  # noqa: S603 - a tool of the system on a file of ours
        [openssl, "asn1parse", "-in", str(path)], capture_output=True, text=True, check=True
    )
    opened = subprocess.run(  # noqa: S603 - the same
        [openssl, "pkey", "-in", str(path), "-passin", f"pass:{PASSPHRASE.decode()}", "-noout"],
        capture_output=True,
        check=False,
    )

    assert "scrypt" in shown.stdout
    assert opened.returncode == 0
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in private


def test_a_wrong_passphrase_opens_nothing() -> None:
    private, _ = new_key("p256", PASSPHRASE)

    with pytest.raises(SigningError, match="cannot be opened"):
        load_signing(private, "key", lambda: b"wrong")


@pytest.mark.parametrize("data", [b"", b"no key", new_key("p256", None)[1]])
def test_what_is_no_private_key_is_refused(data: bytes) -> None:
    with pytest.raises(SigningError):
        load_signing(data, "key", lambda: b"")


def test_another_curve_does_not_sign() -> None:
    raw = ec.generate_private_key(ec.SECP256K1())
    pem = raw.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    with pytest.raises(SigningError, match="neither ECDSA P-256 nor Ed25519"):
        load_signing(pem, "key", lambda: b"")
    with pytest.raises(InputError, match="neither ECDSA P-256 nor Ed25519"):
        load_public(pem_of(raw.public_key()), "key.pub")


def test_an_rsa_key_verifies_nothing() -> None:
    with pytest.raises(InputError, match="neither"):
        load_public(pem_of(rsa.generate_private_key(65537, 2048).public_key()), "key.pub")


@pytest.mark.parametrize("encoded", SMALL_ORDER)
def test_ed25519_keys_of_small_order_are_refused(encoded: str) -> None:
    raw = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(encoded))

    with pytest.raises(InputError, match="small order"):
        load_public(pem_of(raw), "key.pub")


def test_a_private_key_is_not_taken_for_a_public_one() -> None:
    with pytest.raises(InputError, match="not a public key"):
        load_public(new_key("p256", None)[0], "key.pub")


def test_a_file_over_the_limit_is_refused() -> None:
    with pytest.raises(InputError, match="the limit is 16384"):
        load_public(b"x" * 20_000, "key.pub")


@pytest.mark.parametrize("algorithm", ["p256", "ed25519"])
def test_a_signature_holds_for_its_message_alone(algorithm: Algorithm) -> None:
    key = load_signing(new_key(algorithm, None)[0], "key", lambda: b"")
    signature = key.sign(MESSAGE)

    with pytest.raises(InvalidEnvelope):
        key.public.verify(signature, b"another")
    with pytest.raises(InvalidEnvelope):
        key.public.verify(b"", MESSAGE)


def test_a_signature_that_does_not_verify_is_never_given_out() -> None:
    key = load_signing(new_key("p256", None)[0], "key", lambda: b"")
    other = load_signing(new_key("p256", None)[0], "key", lambda: b"")
    broken = type(key)(key.make, other.public)

    with pytest.raises(SigningError, match="does not verify"):
        broken.sign(MESSAGE)
