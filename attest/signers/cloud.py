"""Keys with a service: AWS, Google Cloud and Azure key management, and Vault's transit engine.

The only module that imports `securesystemslib`, whose signers do the work. URIs are theirs:

    awskms:arn:aws:kms:…:key/…              P-256    extra `aws`
    gcpkms:projects/…/cryptoKeyVersions/1   P-256    extra `gcp`
    azurekms://<vault>/keys/<name>/<v>      P-256    extra `azure`
    hv:<key name>/<version>                 Ed25519  extra `vault`

Credentials come from where each service's client looks for them (environment, profiles); none is
taken here. The public key must be given: a service is asked to sign and nothing else, so that the
credentials need no other right. What it returns is verified with that key before anybody sees it;
the signature of another key is an error.

A service's client raises whatever it likes, and its text may hold addresses and tokens: a message
has the exception's type, and `--debug` shows the rest.

Chosen: the library's signers, one maintained set for four services. Refused: its envelope and its
key files (`attest.envelope`, `attest.keys` say why), and its signer for tokens, which has no
Ed25519.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from securesystemslib.exceptions import UnsupportedLibraryError
from securesystemslib.signer import Signer, SSlibKey

from attest.errors import SigningError
from attest.keys import SigningKey
from attest.signers.schemes import missing_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.keys import Algorithm, PublicKey

_ALGORITHMS: Mapping[str, Algorithm] = {
    "awskms": "p256",
    "gcpkms": "p256",
    "azurekms": "p256",
    "hv": "ed25519",
}


def open_key(uri: str, enrolled: PublicKey | None, secret: Callable[[], bytes]) -> SigningKey:
    """Open a key with a service; nothing is signed yet.

    Args:
        uri: as the library's signer takes it.
        enrolled: the key's public key; needed.
        secret: not needed: credentials are the client's own matter.

    Raises:
        SigningError: no public key, one of another algorithm, a missing client, or its refusal.
    """
    del secret
    scheme = uri.partition(":")[0]
    if enrolled is None:
        hint = "give --public KEY.pub, as the service exports it"
        raise SigningError(f"{scheme}: the key's public key is needed", hint)
    if enrolled.algorithm != _ALGORITHMS[scheme]:
        raise SigningError(
            f"{scheme}: keys are {_ALGORITHMS[scheme]}, the public key is {enrolled.algorithm}"
        )
    # The library writes to stderr by itself, with its clients' texts.
    logging.getLogger("securesystemslib").setLevel(logging.CRITICAL + 1)
    signer = _signer(scheme, uri, enrolled)
    return SigningKey(lambda message: _sign(scheme, signer, message), enrolled)


def _signer(scheme: str, uri: str, enrolled: PublicKey) -> Signer:
    try:
        return Signer.from_priv_key_uri(uri, SSlibKey.from_crypto(enrolled.raw))
    except UnsupportedLibraryError as error:
        raise missing_extra(scheme) from error
    except Exception as error:
        raise _said(scheme, "key cannot be opened", error) from error


def _sign(scheme: str, signer: Signer, message: bytes) -> bytes:
    try:
        return bytes.fromhex(signer.sign(message).signature)
    except Exception as error:
        raise _said(scheme, "the service did not sign", error) from error


def _said(scheme: str, what: str, error: Exception) -> SigningError:
    hint = "check the URI, the service's credentials and their right to sign; --debug shows more"
    return SigningError(f"{scheme}: {what}: {type(error).__name__}", hint)
