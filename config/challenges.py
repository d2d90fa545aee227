"""challenges.json: the texts that were issued for signing, and who issued them.

The file is readable as it is, because people copy the texts from it into wallets and devices:

    {"version": "v1", "entity": "…", "issuer": "…", "nonce": "64 hex", "anchors": [{"chain",
    "height", "hash"}],
     "issuedAt": "…Z", "expiresAt": "…Z", "accountsSha256": "64 hex", "texts": {"<account>":
     "<text>"}, "sampleSize": "300",
     "signatures": [{"keyid": "<SPKI SHA-256>", "publicKey": "<PEM>", "sig": "<base64>"}]}

`sampleSize` is there if the list of accounts has groups: of each so many were drawn, and the others
have no text. The digest covers them too, each with its group.

The signature is over the DSSE pre-authentication encoding of the RFC 8785 form of the object
without `signatures`. A DSSE envelope was the alternative; its base64 would hide the texts from the
people who must read what they sign. Nothing here is believed because it is written: the texts are
rebuilt from the other fields, and a proof holds only over a rebuilt text.

A signed file is its own canonical form with a line feed, so that any changed byte is found; only a
byte order mark and line ends at the edge of the file are taken as an editor's. An unsigned file
says nothing about who made it, and may be written by hand.
"""

from __future__ import annotations

from typing import Annotated, Literal

import rfc8785
from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from config.caip import ChainId
from config.errors import InputError
from config.jsontext import parse_json
from config.strict import STRICT, parse
from config.text import decode

MAX_BYTES = 1024 * 1024 * 1024
"""A million texts of 600 bytes, and room."""
MAX_LINE = 200
"""As long as a name in a declaration may be."""
PAYLOAD_TYPE = "application/vnd.custody-attest.challenges+json"

Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Utc = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"),
]
Line = Annotated[str, StringConstraints(max_length=MAX_LINE, pattern=r"^[!-~]([ -~]*[!-~])?$")]
"""Printable ASCII on one line, no space at its edges: what every device shows the same."""
Chain = Annotated[ChainId, StringConstraints(pattern=r"^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$")]
"""CAIP-2."""
Named = Annotated[
    str,
    StringConstraints(pattern=r"^[-a-z0-9]{3,8}:([-_a-zA-Z0-9]{1,32}|\*):[!-~]{1,4096}$"),
]
"""An account, a key expression with its chain, or `eip155:*:0x…`; printable ASCII, no space."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Anchor:
    """A recent block; a text that names it cannot have been signed before it was mined."""

    chain: Chain
    height: Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,18})$")]
    hash: Annotated[str, StringConstraints(pattern=r"^(0x)?[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True, config=STRICT)
class Signature:
    """The issuer's signature."""

    keyid: Hex32
    publicKey: str  # noqa: N815 - the name in the file
    sig: str


@dataclass(frozen=True, slots=True, config=STRICT)
class Challenges:
    """The whole file."""

    version: Literal["v1"]
    entity: Line
    """The entity's LEI; its name where it has none."""
    issuer: Line
    """Who asks for the signatures."""
    nonce: Hex32
    anchors: tuple[Anchor, ...]
    issuedAt: Utc  # noqa: N815 - the name in the file
    expiresAt: Utc  # noqa: N815 - the name in the file
    accountsSha256: Hex32  # noqa: N815 - the name in the file
    """SHA-256 of the account identifiers, sorted, each followed by a line feed; an account in a
    group is followed by a space and the group's name first."""
    texts: dict[Named, str]
    sampleSize: Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]{0,8})?$")] = ""  # noqa: N815 - the name in the file
    """How many accounts of each group were drawn; empty if there are no groups."""
    signatures: tuple[Signature, ...] = ()

    def unsigned(self) -> dict[str, object]:
        """Give the document that the signature is over."""
        sampled = {"sampleSize": self.sampleSize} if self.sampleSize else {}
        return {
            "version": self.version,
            "entity": self.entity,
            "issuer": self.issuer,
            "nonce": self.nonce,
            "anchors": [
                {"chain": one.chain, "height": one.height, "hash": one.hash} for one in self.anchors
            ],
            "issuedAt": self.issuedAt,
            "expiresAt": self.expiresAt,
            "accountsSha256": self.accountsSha256,
            "texts": dict(self.texts),
            **sampled,
        }


def parse_challenges(data: bytes, name: str) -> Challenges:
    """Read challenges.json.

    Raises:
        InputError: bad structure, no texts, more than one signature, or a signed file that is not
            as its writer wrote it.
    """
    text = decode(data, name, MAX_BYTES).rstrip("\n").encode()
    document = parse_json(text, name)
    if not isinstance(document, dict):
        raise InputError.at(name, "", "an object is expected")
    challenges = parse(Challenges, document, name)
    if not challenges.texts:
        raise InputError.at(name, "texts", "empty")
    # Empty is how the file without it is kept: written out it would be outside the signature.
    if not challenges.sampleSize and "sampleSize" in document:
        raise InputError.at(name, "sampleSize", "empty")
    if len(challenges.signatures) > 1:
        met = len(challenges.signatures)
        raise InputError.at(name, "signatures", f"one issuer signs, met {met} signatures")
    if challenges.signatures and rfc8785.dumps(document) != text:
        hint = "use the file as the issuer wrote it"
        raise InputError.at(name, "", "signed, and not in canonical form (RFC 8785)", hint)
    return challenges
