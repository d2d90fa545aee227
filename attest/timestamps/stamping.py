"""Stamp a bundle: whose signature, under which names, and what a reply adds. Pure.

    time/0007.signer.example-tsa.tsr      the token of one authority over the signer's signature

The number and the label are those of the envelope `att/0007.signer.dsse.json` whose signature is
stamped; the last part is what whoever stamps calls the authority. A verifier finds by that name
which authority of his own file should have given it; the name decides nothing, his certificate
does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.envelope import read_envelope
from attest.names import envelope_name, envelopes_in, is_label, token_name
from attest.timestamps.rfc3161 import check_reply, check_token, make_request, nonce_of
from config.errors import InputError, shown

if TYPE_CHECKING:
    from attest.content import Files
    from attest.timestamps.authority import Authority


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
        return token_name(self.number, self.label, authority)


def signed_by(files: Files, label: str) -> Signed:
    """Find whose signature is stamped.

    Raises:
        InputError: no envelope of that label, or several.
        InvalidEnvelope: the envelope is not canonical.
    """
    check_name(label, "label")
    found = envelopes_in(files)
    numbers = [number for number, own in found if own == label]
    if len(numbers) != 1:
        met = sorted({own for _, own in found})
        hint = f"labels in the bundle: {', '.join(met) or 'none'}"
        raise InputError(f"{len(numbers)} envelopes of label {label!r}, expected one", hint)
    (number,) = numbers
    return Signed(
        number, label, read_envelope(bytes(files[envelope_name(number, label)])).signature
    )


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
    if not is_label(text):
        hint = "lower case letters, digits and hyphens, 32 at most, no hyphen first"
        raise InputError(f"{what} not understood: {shown(text)}", hint)
