"""PKCS#11 URIs: which module, which token, which object.

    pkcs11:token=att;object=p256?module-path=/usr/lib/softhsm/libsofthsm2.so
    pkcs11:serial=7a3e9f;id=%01%02?module-path=/usr/lib/opensc-pkcs11.so

Names the token by `token` (its label), `serial` or both, the key by `object` (its label), `id` or
both, and the module by its absolute path. Everything else that RFC 7512 knows is refused, and so
is what it does not know: a part that is passed over may have been what told two keys apart. The
PIN never stands in a URI, because command lines are seen by others and kept in histories:
`pin-value` and `pin-source` are refused, and no message repeats a value.

Source: RFC 7512, sections 2.3 and 2.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_URI = 4096
"""Characters: labels have 32 bytes, a path at most 4096."""
EXAMPLE = "pkcs11:token=LABEL;object=LABEL?module-path=/usr/lib/…/libmodule.so"
_PATH = ("token", "serial", "object", "id", "type")
_QUERY = ("module-path",)
_SECRET = ("pin-value", "pin-source")
_VALUE = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=/&|]|%[0-9A-Fa-f]{2})+")
"""What RFC 7512 lets stand unescaped in one part or the other."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key lies. What is not named may be anything."""

    module: str
    """Absolute path of the PKCS#11 module."""
    token: str | None
    """The token's label."""
    serial: str | None
    label: str | None
    """The object's label."""
    id: bytes | None

    def __str__(self) -> str:
        """Name token and object for a message."""
        return f"{self.key_name} on {self.token_name}"

    @property
    def token_name(self) -> str:
        """The token, as the URI names it."""
        return f"token {self.token!r}" if self.serial is None else f"token serial {self.serial!r}"

    @property
    def key_name(self) -> str:
        """The key, as the URI names it."""
        return f"key id {self.id.hex()}" if self.id is not None else f"key {self.label!r}"


def parse_uri(uri: str) -> KeyPlace:
    """Read a PKCS#11 URI.

    Raises:
        InputError: not understood, a part is missing, given twice or not known, or it has a PIN.
    """
    if len(uri) > MAX_URI:
        raise _refused(f"{len(uri)} characters, the limit is {MAX_URI}")
    path, question, query = uri.removeprefix("pkcs11:").partition("?")
    parts = _parts(path.split(";") if path else [], _PATH)
    asked = _parts(query.split("&") if question else [], _QUERY)
    place = KeyPlace(
        module=_text(asked, "module-path") or "",
        token=_text(parts, "token"),
        serial=_text(parts, "serial"),
        label=_text(parts, "object"),
        id=parts.get("id"),
    )
    if _text(parts, "type") not in (None, "private"):
        raise _refused("type is not 'private'")
    _check_whole(place)
    return place


def _check_whole(place: KeyPlace) -> None:
    if place.token is None and place.serial is None:
        raise _refused("no token is named")
    if place.label is None and place.id is None:
        raise _refused("no object is named")
    if not place.module.startswith("/"):
        raise _refused("module-path is not given, or is not absolute")


def _parts(pieces: list[str], known: tuple[str, ...]) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    for piece in pieces:
        name, _, value = piece.partition("=")
        if name in _SECRET:
            hint = "the PIN is asked for, or taken from the variable of --passphrase-env"
            raise InputError(f"pkcs11: {name} is refused: a URI is no place for a PIN", hint)
        if name not in known:
            raise _refused(f"a part is not one of {', '.join(known)}")
        if name in found:
            raise _refused(f"{name} is given twice")
        if not _VALUE.fullmatch(value):
            raise _refused(f"{name} is empty, or has characters that must be written as %XX")
        found[name] = unquote_to_bytes(value)
    return found


def _text(parts: Mapping[str, bytes], name: str) -> str | None:
    value = parts.get(name)
    if value is None:
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise _refused(f"{name} is not UTF-8") from error
    if not text.isprintable():
        raise _refused(f"{name} has characters that cannot be shown")
    return text


def _refused(what: str) -> InputError:
    return InputError(f"pkcs11: URI is refused: {what}", f"write {EXAMPLE}")
