"""Attestation keys: ECDSA P-256 by default, Ed25519 accepted, nothing else.

A key file is PKCS#8 PEM, encrypted with scrypt (N = 2**14, r = 8, p = 1) and AES-256-CBC, which
openssl reads; the public key beside it is SPKI PEM. `cryptography` writes PBKDF2 with 2,048 rounds
and offers no other, so pycryptodome writes the file and `cryptography` reads it. A key's id is the
SHA-256 of its SPKI in DER. Ed25519 keys of small order are refused, because signatures under them
verify for messages nobody signed, and those of mixed order, which no honest signer makes.

A key that signs is a function over a message and a public key: where the private part lies, in a
file, in a token or with a service (`attest.signers`), makes no difference to whoever signs with it.
Every signature is verified with the public key before it is given out; a token that answers with
another key's signature, or a broken one, is an error and never an envelope.

An attestation key never signs for a wallet, and a wallet key never signs attestations.

Chosen: one type for every place a key may lie in. Refused: a class for each; what differs between
them is one function.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from nacl.bindings import crypto_core_ed25519_is_valid_point

from attest.errors import InvalidEnvelope, SigningError
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from Crypto.IO._PBES import ProtParams

Algorithm = Literal["p256", "ed25519"]
Private: TypeAlias = "ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey"
Public: TypeAlias = "ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey"

MAX_KEY_FILE = 16 * 1024
_SCRYPT: ProtParams = {
    "iteration_count": 2**14,
    "block_size": 8,
    "parallelization": 1,
    "salt_size": 16,
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that can verify."""

    raw: Public
    keyid: str
    """SHA-256 of the SPKI in DER, hex."""
    algorithm: Algorithm
    pem: bytes
    """SPKI PEM, as `cryptography` writes it."""

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if this key signed the message; raise InvalidEnvelope otherwise."""
        try:
            if isinstance(self.raw, ec.EllipticCurvePublicKey):
                self.raw.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            else:
                self.raw.verify(signature, message)
        except InvalidSignature as error:
            raise InvalidEnvelope(
                "bad_signature", f"signature does not verify with {self.keyid}"
            ) from error


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that can sign, wherever its private part lies; that part has no text form here."""

    make: Callable[[bytes], bytes] = field(repr=False)
    """Signs a message: ECDSA P-256 with SHA-256 in DER, or Ed25519; raises SigningError."""
    public: PublicKey

    def sign(self, message: bytes) -> bytes:
        """Sign, and verify what was made before giving it out; raise SigningError."""
        signature = self.make(message)
        try:
            self.public.verify(signature, message)
        except InvalidEnvelope as error:
            hint = f"it was to be a signature by key {self.public.keyid}"
            raise SigningError("the key made a signature that does not verify", hint) from error
        return signature


def check_enrolled(key: PublicKey, enrolled: PublicKey) -> None:
    """Return if a key is the enrolled one; raise SigningError otherwise."""
    if key.keyid != enrolled.keyid:
        hint = "name the key that is enrolled, or enrol this one"
        raise SigningError(f"key is {key.keyid}, enrolled is {enrolled.keyid}", hint)


def private_key(raw: Private) -> SigningKey:
    """Make the typed form of a private key of an accepted kind that lies in memory."""

    def make(message: bytes) -> bytes:
        if isinstance(raw, ec.EllipticCurvePrivateKey):
            return raw.sign(message, ec.ECDSA(hashes.SHA256()))
        return raw.sign(message)

    return SigningKey(make, public_key(raw.public_key()))


def public_key(raw: Public) -> PublicKey:
    """Make the typed form of a public key of an accepted kind."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    der = raw.public_bytes(serialization.Encoding.DER, spki)
    pem = raw.public_bytes(serialization.Encoding.PEM, spki)
    algorithm: Algorithm = "p256" if isinstance(raw, ec.EllipticCurvePublicKey) else "ed25519"
    return PublicKey(raw, hashlib.sha256(der).hexdigest(), algorithm, pem)


def load_public(data: bytes, name: str) -> PublicKey:
    """Read an SPKI PEM.

    Raises:
        InputError: not a public key, another algorithm, or an Ed25519 key of small or mixed order.
    """
    hint = "give the .pub file that `attest keys new` wrote beside the key"
    if len(data) > MAX_KEY_FILE:
        raise InputError.at(
            name, "", f"key file too large: {len(data)} bytes, the limit is {MAX_KEY_FILE}"
        )
    try:
        raw = serialization.load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError.at(name, "", "not a public key in PEM", hint) from error
    if isinstance(raw, ed25519.Ed25519PublicKey):
        if not crypto_core_ed25519_is_valid_point(raw.public_bytes_raw()):
            raise InputError.at(
                name, "", "Ed25519 key of small order, of mixed order, or not on the curve"
            )
        return public_key(raw)
    if isinstance(raw, ec.EllipticCurvePublicKey) and isinstance(raw.curve, ec.SECP256R1):
        return public_key(raw)
    raise InputError.at(name, "", "key is neither ECDSA P-256 nor Ed25519", hint)


def load_signing(data: bytes, name: str, passphrase: Callable[[], bytes]) -> SigningKey:
    """Read a private key PEM.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        passphrase: called once if the key is encrypted.

    Raises:
        SigningError: not a private key, a wrong passphrase, or another algorithm.
    """
    try:
        raw = _load_private(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        hint = "is the passphrase right, and is it a private key that `attest keys new` wrote?"
        raise SigningError(f"{name}: key cannot be opened", hint) from error
    if isinstance(raw, ed25519.Ed25519PrivateKey):
        return private_key(raw)
    if isinstance(raw, ec.EllipticCurvePrivateKey) and isinstance(raw.curve, ec.SECP256R1):
        return private_key(raw)
    raise SigningError(f"{name}: key is neither ECDSA P-256 nor Ed25519")


def _load_private(data: bytes, passphrase: Callable[[], bytes]) -> object:
    try:
        return serialization.load_pem_private_key(data, password=None)
    except TypeError:
        # cryptography says with TypeError that the key is encrypted and no password was given.
        return serialization.load_pem_private_key(data, password=passphrase())


def new_key(algorithm: Algorithm, passphrase: bytes | None) -> tuple[bytes, bytes]:
    """Make a key.

    Args:
        algorithm: `p256` or `ed25519`.
        passphrase: encrypts the private key; None leaves it in the clear.

    Returns:
        The private key's PEM and the public key's PEM.
    """
    raw: Private
    if algorithm == "p256":
        raw = ec.generate_private_key(ec.SECP256R1())
    else:
        raw = ed25519.Ed25519PrivateKey.generate()
    plain = raw.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return _encrypt(plain, passphrase) if passphrase else plain, public_key(raw.public_key()).pem


def _encrypt(plain: bytes, passphrase: bytes) -> bytes:
    from Crypto.PublicKey import ECC  # noqa: PLC0415 - only this command needs it

    text = ECC.import_key(plain.decode()).export_key(
        format="PEM",
        passphrase=passphrase,
        use_pkcs8=True,
        protection="scryptAndAES256-CBC",
        prot_params=_SCRYPT,
    )
    return text.encode() + b"\n"
