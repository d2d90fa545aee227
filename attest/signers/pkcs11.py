"""Keys in hardware: tokens that a PKCS#11 module shows. The only module that imports `pkcs11`.

    pkcs11:token=att;object=p256?module-path=/usr/lib/softhsm/libsofthsm2.so

The URI must name exactly one token and one private key on it. The public key is read back from the
token, from the object with the private key's id, or its label where it has no id; two that fit are
an error, because one of them would be a guess.

    P-256     CKM_ECDSA over our SHA-256; the token's r || s is made DER by `cryptography`
    Ed25519   CKM_EDDSA over the message itself, which many tokens take only up to some kilobytes

The module is opened for as long as it takes to look, and again to sign, so that no login is held
while blocks are read for an hour. The PIN is asked for once. A module is native code that runs in
this process: its path is the operator's word.

Refused: other curves and key types; keys that may not sign, or show no public key.

Source: PKCS#11 3.0, current mechanisms, elliptic curves (CKM_ECDSA, CKM_EDDSA); RFC 5480 and
RFC 8410 for the curves' ids.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, TokenFlag
from pkcs11 import exceptions as faults
from pkcs11.types import SignMixin

from attest.errors import SigningError
from attest.keys import SigningKey, load_public, public_key
from attest.signers.uri import parse_uri
from config.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from attest.keys import Public, PublicKey
    from attest.signers.uri import KeyPlace

T = TypeVar("T")

_P256 = bytes.fromhex("06082a8648ce3d030107")
_ED25519 = (
    # PKCS#11 lets a token name the curve by its OID or by its name, a printable string.
    bytes.fromhex("06032b6570"),
    b"\x13\x0cedwards25519",
)
_POINTS = {b"\x04\x41": 67, b"\x04\x20": 34}
"""A point is wrapped into an octet string: its first bytes, and the length of all of it."""
_LISTING = "`pkcs11-tool --module PATH --login --list-objects` lists what is there"
_FAULTS: tuple[tuple[type[faults.PKCS11Error], str, str], ...] = (
    (faults.PinIncorrect, "the PIN is wrong", "tokens lock after a few wrong PINs"),
    (faults.PinLenRange, "the PIN is wrong: it has another length", "is it the user's PIN?"),
    (faults.PinInvalid, "the PIN has characters the token does not take", "is it the user's PIN?"),
    (faults.PinLocked, "the PIN is locked", "the token's security officer can unlock it"),
    (faults.PinExpired, "the PIN has expired", "set another with the token's own tools"),
    (faults.UserPinNotInitialized, "the token has no user PIN", "its security officer sets one"),
    (faults.DataLenRange, "the message is too long for the token", "sign with a P-256 key"),
)


def open_key(uri: str, enrolled: PublicKey | None, secret: Callable[[], bytes]) -> SigningKey:
    """Open the key that a URI names, and read its public key back from the token.

    Args:
        uri: a PKCS#11 URI, see `attest.signers.uri`.
        enrolled: not needed: the caller compares.
        secret: gives the user's PIN, in UTF-8; called once.

    Raises:
        InputError: the URI is refused.
        SigningError: module, token or key is missing, ambiguous or of another kind; a wrong PIN.
    """
    del enrolled
    place = parse_uri(uri)
    pin = _pin(secret)
    with _session(place, pin) as session:
        public = _public(session, _private(session, place), place)

    def make(message: bytes) -> bytes:
        with _session(place, pin) as again:
            return _sign(_private(again, place), public, message, pin)

    return SigningKey(make, public)


def _pin(secret: Callable[[], bytes]) -> str:
    try:
        return secret().decode()
    except UnicodeDecodeError as error:
        raise SigningError("pkcs11: the PIN is not UTF-8") from error


@contextmanager
def _session(place: KeyPlace, pin: str) -> Iterator[pkcs11.Session]:
    try:
        module = pkcs11.lib(place.module)
    except faults.PKCS11Error as error:
        hint = "install the token's PKCS#11 module, or correct module-path"
        raise SigningError(f"pkcs11: module cannot be loaded: {place.module}", hint) from error
    try:
        with _token(module.get_tokens(), place).open(user_pin=pin) as session:
            yield session
    except faults.PKCS11Error as error:
        raise _said(error, place) from error
    finally:
        # A login that fails leaves its session open, and with it the state of the next login.
        module.finalize()


def _said(error: faults.PKCS11Error, place: KeyPlace) -> SigningError:
    for kind, what, hint in _FAULTS:
        if isinstance(error, kind):
            return SigningError(f"pkcs11: {place.token_name}: {what}", hint)
    return SigningError(
        f"pkcs11: {place}: the token refused with {type(error).__name__}",
        _LISTING,
    )


def _token(tokens: Iterator[pkcs11.Token], place: KeyPlace) -> pkcs11.Token:
    there = [one for one in tokens if TokenFlag.TOKEN_INITIALIZED in one.flags]
    fitting = [
        one
        for one in there
        if place.token in (None, one.label) and place.serial in (None, _serial(one))
    ]
    if len(fitting) > 1:
        serials = ", ".join(shown(_serial(one)) for one in fitting)
        hint = f"name one by serial=…: {serials}"
        raise SigningError(f"pkcs11: {len(fitting)} tokens fit: {place.token_name}", hint)
    if not fitting:
        labels = ", ".join(shown(one.label) for one in there) or "none"
        hint = f"tokens that the module shows: {labels}"
        raise SigningError(f"pkcs11: no such token: {place.token_name}", hint)
    return fitting[0]


def _serial(token: pkcs11.Token) -> str:
    return token.serial.decode("utf-8", "replace")


def _private(session: pkcs11.Session, place: KeyPlace) -> SignMixin:
    asked: dict[Attribute, object] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
    named = {Attribute.LABEL: place.label, Attribute.ID: place.id}
    asked.update({name: value for name, value in named.items() if value is not None})
    found = list(session.get_objects(asked))
    key = _only(found, f"private {place}", _LISTING, "name one by object=… and id=… together")
    if not isinstance(key, SignMixin):
        raise SigningError(f"pkcs11: the key is not for signing: {place}")
    return key


def _public(session: pkcs11.Session, private: SignMixin, place: KeyPlace) -> PublicKey:
    given = (Attribute.ID, Attribute.LABEL)
    by = next((name for name in given if private[name]), Attribute.LABEL)
    found = session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, by: private[by]})
    keys = [one for one in found if isinstance(one, pkcs11.PublicKey)]
    hint = "the token must hold one public key, under the private key's id"
    return _known(_only(keys, f"public {place}", hint, hint), place)


def _only(found: Sequence[T], what: str, if_none: str, if_several: str) -> T:
    if not found:
        raise SigningError(f"pkcs11: no such key: {what}", if_none)
    if len(found) > 1:
        raise SigningError(f"pkcs11: {len(found)} keys fit: {what}", if_several)
    return found[0]


def _known(key: pkcs11.PublicKey, place: KeyPlace) -> PublicKey:
    """Give our form of a token's public key, after the checks of a public key's file."""
    try:
        raw = _raw(key, key[Attribute.EC_PARAMS], unwrapped(key[Attribute.EC_POINT]))
        return load_public(public_key(raw).pem, f"public {place}")
    except (ValueError, InputError, faults.AttributeTypeInvalid) as error:
        hint = "P-256 and Ed25519 sign attestations"
        raise SigningError(f"pkcs11: neither ECDSA P-256 nor Ed25519: {place}", hint) from error


def _raw(key: pkcs11.PublicKey, curve: bytes, point: bytes) -> Public:
    if key.key_type == KeyType.EC and curve == _P256:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    if key.key_type == KeyType.EC_EDWARDS and curve in _ED25519:
        return ed25519.Ed25519PublicKey.from_public_bytes(point)
    raise ValueError("another kind of key")


def unwrapped(point: bytes) -> bytes:
    """Give a point without the octet string around it, which some tokens leave out."""
    return point[2:] if _POINTS.get(point[:2]) == len(point) else point


def _sign(private: SignMixin, public: PublicKey, message: bytes, pin: str) -> bytes:
    again = pin if _wants_pin_again(private) else None
    if public.algorithm == "ed25519":
        return private.sign(message, mechanism=Mechanism.EDDSA, pin=again)
    digest = hashlib.sha256(message).digest()
    pair = private.sign(digest, mechanism=Mechanism.ECDSA, pin=again)
    half = len(pair) // 2
    return encode_dss_signature(
        int.from_bytes(pair[:half], "big"), int.from_bytes(pair[half:], "big")
    )


def _wants_pin_again(private: SignMixin) -> bool:
    """Tell whether each signature wants the PIN once more, as keys of smart cards do."""
    try:
        return bool(private[Attribute.ALWAYS_AUTHENTICATE])
    except faults.AttributeTypeInvalid:
        # A module from before PKCS#11 2.20 does not know it.
        return False
