"""Names within a bundle: which file is what. NNNN is the statement's number, four digits or more.

    att/NNNN.payload.json              the statement's bytes
    att/NNNN.<label>.dsse.json         an envelope: around the payload, or a countersignature
    att/NNNN.<label>.sigstore.json     the same as a Sigstore bundle, made again and compared
    keys/<label>.pub.pem               the key of that envelope: no reason to trust it
    time/NNNN.<label>.<authority>.tsr  a timestamp authority's reply over that envelope's signature
    log/NNNN.tlog-proof                that the payload's digest is in a log
    manifest.json SHA256SUMS           made again from the other files and compared

Every other file is a subject of the statement, or sealed by it. The label of the entity's own
signature is `signer`; labels and authorities here are names of files, and prove nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ATT, KEYS, TIME, LOG = "att/", "keys/", "time/", "log/"
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
SIGNER = "signer"
KEY_NAME = "keys/signer.pub.pem"
LABEL = "[a-z0-9][a-z0-9-]{0,31}"

_LABEL = re.compile(LABEL, re.ASCII)
_ENVELOPE = re.compile(rf"att/([0-9]{{4,}})\.({LABEL})\.dsse\.json", re.ASCII)
_TOKEN = re.compile(rf"time/([0-9]{{4,}})\.({LABEL})\.({LABEL})\.tsr", re.ASCII)


@dataclass(frozen=True, slots=True)
class TokenName:
    """The name of a timestamp authority's reply, taken apart."""

    name: str
    label: str
    authority: str


def payload_name(number: str) -> str:
    """Give the name of a statement's payload."""
    return f"{ATT}{number}.payload.json"


def envelope_name(number: str, label: str = SIGNER) -> str:
    """Give the name of an envelope, the entity's own without a label."""
    return f"{ATT}{number}.{label}.dsse.json"


def sigstore_name(number: str, label: str) -> str:
    """Give the name of the Sigstore bundle of an envelope."""
    return f"{ATT}{number}.{label}.sigstore.json"


def key_name(label: str) -> str:
    """Give the name of the key of an envelope."""
    return f"{KEYS}{label}.pub.pem"


def token_name(number: str, label: str, authority: str) -> str:
    """Give the name of an authority's reply over an envelope's signature."""
    return f"{TIME}{number}.{label}.{authority}.tsr"


def proof_name(number: str) -> str:
    """Give the name of the proof that the payload's digest is in a log."""
    return f"{LOG}{number}.tlog-proof"


def is_label(text: str) -> bool:
    """Tell whether a text may be a label or an authority's name in a file name."""
    return _LABEL.fullmatch(text) is not None


def envelopes_in(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Give number and label of every envelope, sorted."""
    found = (_ENVELOPE.fullmatch(name) for name in names)
    return tuple(sorted((one.group(1), one.group(2)) for one in found if one))


def labels_in(names: Iterable[str], number: str) -> tuple[str, ...]:
    """Give the labels of a statement's envelopes, sorted."""
    return tuple(label for own, label in envelopes_in(names) if own == number)


def tokens_in(names: Iterable[str], number: str) -> tuple[TokenName, ...]:
    """Give the names of replies over a statement's envelopes, sorted."""
    found = (_TOKEN.fullmatch(name) for name in sorted(names))
    return tuple(
        TokenName(one.group(0), one.group(2), one.group(3))
        for one in found
        if one and one.group(1) == number
    )
