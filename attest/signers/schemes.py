"""Where a signing key may lie besides a file: URI scheme, code, and the extra it needs.

    pkcs11:token=att;object=p256?module-path=/usr/lib/softhsm/libsofthsm2.so
    awskms:<key id or ARN>          gcpkms:projects/…/cryptoKeyVersions/1
    azurekms://<vault>/keys/…       hv:<key name>/<version>

Adding a place is one module with an `open_key`, one line here, its extra and a row in the README.
Modules are imported when a key is opened, so that no other command loads a vendor's library. Text
that begins with none of these schemes is a file's name.

    open_key(uri, enrolled, secret) -> SigningKey      raises SigningError or InputError

No message repeats a URI: somebody may have written a secret into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

from attest.errors import SigningError
from attest.keys import check_enrolled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.keys import PublicKey, SigningKey

OpenKey: TypeAlias = "Callable[[str, PublicKey | None, Callable[[], bytes]], SigningKey]"


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of place in which a key lies."""

    module: str
    extra: str
    """The optional part of this distribution that brings the library."""


PLACES: Mapping[str, Place] = {
    "pkcs11": Place("attest.signers.pkcs11", "hsm"),
    "awskms": Place("attest.signers.cloud", "aws"),
    "gcpkms": Place("attest.signers.cloud", "gcp"),
    "azurekms": Place("attest.signers.cloud", "azure"),
    "hv": Place("attest.signers.cloud", "vault"),
}


def scheme_of(text: str) -> str | None:
    """Give the scheme that a key's name begins with; None if it is a file's name."""
    scheme, colon, _ = text.partition(":")
    return scheme.lower() if colon and scheme.lower() in PLACES else None


def open_key(uri: str, enrolled: PublicKey | None, secret: Callable[[], bytes]) -> SigningKey:
    """Open a key that lies in a token or with a service.

    Args:
        uri: begins with a scheme of the table, in any case.
        enrolled: the key it must be; without it whatever key the URI names.
        secret: gives the PIN; called only by places that need one.

    Raises:
        InputError: the URI is not understood.
        SigningError: library, token, service or key is not there, or it is not the enrolled key.
    """
    head, _, rest = uri.partition(":")
    scheme = head.lower()
    try:
        opened = cast("OpenKey", import_module(PLACES[scheme].module).open_key)
    except ImportError as error:
        raise missing_extra(scheme) from error
    key = opened(f"{scheme}:{rest}", enrolled, secret)
    if enrolled is not None:
        check_enrolled(key.public, enrolled)
    return key


def missing_extra(scheme: str) -> SigningError:
    """Make the error for a place whose library is not installed."""
    extra = PLACES[scheme].extra
    return SigningError(
        f"{scheme}: keys need the extra {extra!r}, which is not installed",
        f"pip install 'custody-attest[{extra}]'",
    )
