"""Stamp a bundle: whose signature, under which names, and what a reply adds. Pure.

    time/0007.signer.example-tsa.tsr      the token of one authority over the signer's signature

The number and the label are those of the envelope `att/0007.signer.dsse.json` whose signature is
stamped; the last part is what whoever stamps calls the authority. A verifier finds by that name
which authority of his own file should have given it; the name decides nothing, his certificate
does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.envelope import read_envelope
from attest.timestamps.rfc3161 import check_reply, check_token, make_request, nonce_of
from config.errors import InputError, shown

if TYPE_CHECKING:
    from attest.content import Files
    from attest.timestamps.authority import Authority

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""Of a label or an authority: it becomes a part of a file's name."""
_ENVELOPE = re.compile(r"att/([0-9]{4,})\.([a-z0-9-]+)\.dsse\.json")


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature of a bundle that can be stamped."""

    number: str
    """Of the statement, as it stands in file names."""
    label: str
    signature: bytes

    @property
    def request(self) -> bytes:
        """The request for it: the same one every time, for every authority."""
        return make_request(self.signature, nonce_of(self.signature))

    def name(self, authority: str) -> str:
        """Give the name of an authority's token in the bundle."""
        return f"time/{self.number}.{self.label}.{authority}.tsr"


def signed_by(files: Files, label: str) -> Signed:
    """Find whose signature is stamped.

    Raises:
        InputError: no envelope of that label, or several.
        InvalidEnvelope: the envelope is not canonical.
    """
    check_name(label, "label")
    named = [match for match in map(_ENVELOPE.fullmatch, files) if match and match[2] == label]
    if len(named) != 1:
        met = sorted({match[2] for match in map(_ENVELOPE.fullmatch, files) if match})
        hint = f"labels in the bundle: {', '.join(met) or 'none'}"
        raise InputError(f"{len(named)} envelopes of label {label!r}, expected one", hint)
    (match,) = named
    return Signed(match[1], label, read_envelope(bytes(files[match[0]])).signature)


def token_of(signed: Signed, reply: bytes, authority: Authority | None) -> bytes:
    """Check a reply over a signature, and give the token that the bundle keeps.

    Args:
        signed: what was stamped.
        reply: as the authority sent it.
        authority: checked wholly against it; None: what needs no trust is checked alone.

    Raises:
        InvalidTimestamp: with the reason of the first check that fails.
    """
    token = check_reply(reply, signed.request)
    if authority is not None:
        check_token(token, signed.signature, authority)
    return token


def check_name(text: str, what: str) -> None:
    """Return if a text can be a label or an authority's name; raise InputError."""
    if not NAME.fullmatch(text):
        hint = "lower case letters, digits and hyphens, 40 at most, no hyphen first"
        raise InputError(f"{what} not understood: {shown(text)}", hint)
