"""The keys of logs and witnesses, each written as one line.

    example.com/attestations+033de0ae+AaBc…      name, id in hex, base64(type || public key)

    id = SHA-256(name || 0x0A || type || public key)[:4]

Types: 0x01 Ed25519 over a note's text, a log's key; 0x04 timestamped Ed25519, a witness's key. The
id finds a key and proves nothing: four bytes can be met by trying.

Refused: every other type, a name with spaces, plus or anything unseen, an id that is not the key's
own, base64 with a second spelling, keys of small order (signatures under them verify for messages
that nobody signed).

Source: c2sp.org/signed-note@v1.0.0; types in c2sp.org/tlog-cosignature.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from nacl.bindings import crypto_core_ed25519_is_valid_point

from attest.errors import InvalidHistory, SigningError
from config.errors import InputError, shown
from proofs import base64text
from proofs.control import InvalidProof

if TYPE_CHECKING:
    from attest.keys import PublicKey

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_NAME = 255
"""Bytes of a key's name or a log's origin: what later signature types can carry."""
ID = 4
"""Bytes of a key's id."""
_KINDS = (ED25519, COSIGNATURE)
_PUBLIC = 32
_MAX_TEXT = 4096
"""Characters of base64 in a line: keys of types that are refused are named by their type, too."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that may have signed a note. Made by `parse_vkey` or `note_key` alone."""

    name: str
    kind: int
    """The type, `ED25519` or `COSIGNATURE`."""
    public: bytes
    """The Ed25519 public key: 32 bytes."""

    @property
    def id(self) -> bytes:
        """The four bytes that find the key; they are no proof of it."""
        return sha256(b"%s\n%c%s" % (self.name.encode(), self.kind, self.public)).digest()[:ID]


def parse_vkey(text: str, kind: int) -> NoteKey:
    """Read a key's one-line form.

    Args:
        text: the line, without a line feed.
        kind: the type that is expected here.

    Raises:
        InputError: another form, type or id, or an Ed25519 key of small order.
    """
    name, _, rest = text.partition("+")
    keyid, _, encoded = rest.partition("+")
    hint = "give the line that `attest log key` prints: name+id+base64"
    try:
        data = base64text.decode(encoded, _MAX_TEXT)
    except InvalidProof as error:
        raise InputError(f"not a key of a log or witness: {shown(text)}", hint) from error
    if len(data) != 1 + _PUBLIC or data[0] not in _KINDS:
        what = f"key of type 0x{data[0]:02x} with {len(data) - 1} bytes: {shown(text)}"
        raise InputError(what, "Ed25519 alone, type 0x01 for a log and 0x04 for a witness")
    if data[0] != kind:
        what = f"key of type 0x{data[0]:02x}, expected 0x{kind:02x}: {shown(text)}"
        raise InputError(what, "a log's key has type 0x01, a witness's 0x04 (`--witness`)")
    key = _checked(name, kind, data[1:])
    if keyid != key.id.hex():
        raise InputError(f"key id is {shown(keyid)}, the key's own is {key.id.hex()}", hint)
    return key


def note_key(public: PublicKey, name: str, kind: int) -> NoteKey:
    """Name an attestation key for notes.

    Raises:
        InputError: no name for a key.
        SigningError: not an Ed25519 key.
    """
    if not isinstance(public.raw, ed25519.Ed25519PublicKey):
        hint = "make a key of its own for the log: `attest keys new KEY --algorithm ed25519`"
        raise SigningError(f"notes are signed with Ed25519, the key is {public.algorithm}", hint)
    return _checked(name, kind, public.raw.public_bytes_raw())


def write_vkey(key: NoteKey) -> str:
    """Write a key's one-line form."""
    return f"{key.name}+{key.id.hex()}+{write_base64(bytes((key.kind,)) + key.public)}"


def check_signature(key: NoteKey, signature: bytes, message: bytes) -> None:
    """Return if an Ed25519 signature verifies; raise InvalidHistory `bad_log_signature`."""
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        what = f"signature of {shown(key.name)}+{key.id.hex()} does not verify"
        raise InvalidHistory("bad_log_signature", what) from error


def write_base64(data: bytes) -> str:
    """Write base64 in its one spelling."""
    return base64.b64encode(data).decode()


def is_name(name: str) -> bool:
    """Tell whether a key can have this name: not empty, without spaces, plus and controls."""
    return bool(name) and "+" not in name and not any(one.isspace() for one in name)


def _checked(name: str, kind: int, public: bytes) -> NoteKey:
    if not (is_name(name) and name.isprintable() and len(name.encode()) <= MAX_NAME):
        what = f"not a name for a key: {shown(name)}"
        raise InputError(what, "write one without spaces and plus, such as example.com/log")
    if not crypto_core_ed25519_is_valid_point(public):
        raise InputError(f"Ed25519 key of small order or not on the curve: {public.hex()}")
    return NoteKey(name, kind, public)
