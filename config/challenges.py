"""challenges.json: the texts that were issued for signing, and who issued them.

The file is readable as it is, because people copy the texts from it into wallets and devices:

    {"version": "v1", "entity": "…", "issuer": "…", "nonce": "64 hex", "anchors": [{"chain",
    "height", "hash"}],
     "issuedAt": "…Z", "expiresAt": "…Z", "accountsSha256": "64 hex", "texts": {"<account>":
     "<text>"}, "signatures": [{"keyid": "<SPKI SHA-256>", "publicKey": "<PEM>", "sig":
     "<base64>"}]}

The signature is over the DSSE pre-authentication encoding of the RFC 8785 form of the object
without `signatures`. A DSSE envelope was the alternative; its base64 would hide the texts from the
people who must read what they sign. Nothing here is believed because it is written: the texts are
rebuilt from the other fields, and a proof holds only over a rebuilt text.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from config.caip import ChainId  # noqa: TC001 - pydantic reads the annotation at run time
from config.errors import InputError
from config.jsontext import parse_json
from config.strict import STRICT, parse
from config.text import decode

MAX_BYTES = 1024 * 1024 * 1024
"""A million texts of 600 bytes, and room."""
PAYLOAD_TYPE = "application/vnd.custody-attest.challenges+json"

Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Utc = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Line = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,200}$")]
"""Printable ASCII on one line: what every device shows the same."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Anchor:
    """A recent block; a text that names it cannot have been signed before it was mined."""

    chain: ChainId
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
    """SHA-256 of the account identifiers, sorted, each followed by a line feed."""
    texts: dict[str, str]
    signatures: tuple[Signature, ...] = ()

    def unsigned(self) -> dict[str, object]:
        """Give the document that the signature is over."""
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
        }


def parse_challenges(data: bytes, name: str) -> Challenges:
    """Read challenges.json.

    Raises:
        InputError: bad structure, no texts, or more than one signature.
    """
    document = parse_json(decode(data, name, MAX_BYTES).encode(), name)
    if not isinstance(document, dict):
        raise InputError.at(name, "", "an object is expected")
    challenges = parse(Challenges, document, name)
    if not challenges.texts:
        raise InputError.at(name, "texts", "empty")
    if len(challenges.signatures) > 1:
        raise InputError.at(name, "signatures", "one issuer signs, met more than one signature")
    return challenges
