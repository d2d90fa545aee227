"""The challenge text as typed data (EIP-712), so that a wallet shows its fields one by one.

    domain   EIP712Domain(string name,string version)      custody-attest challenge, 1
    message  Challenge(string entity,string issuer,string purpose,string chain,address account,
             Anchor[] anchors,bytes32 nonce,string issued,string expires,bytes32 textSha256)
             Anchor(string chain,string height,string hash)

Every field is the text's line of that name; `chain` is CAIP-2, and `eip155:*` for one key on every
EVM network. `textSha256` is of the whole text, so that who signs the one has signed the other, and
a later field of the text cannot be left out. The domain has no chain id and no contract: wallets
refuse to sign for another chain than the one they are set to, and a challenge is a message to
people. Its name is in no contract's domain, so nothing can be spent with the signature.

`typed_data` gives the JSON that `eth_signTypedData_v4` takes. A verifier never reads it: he builds
the struct from the text again, whatever the prover's wallet was shown. Types that come with a claim
were refused: a permit or an order could be passed off as a challenge.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.challenges import MAX_LINE
from proofs.challenge import PURPOSE, TITLE
from proofs.evm.typed_data import typed_preimage

if TYPE_CHECKING:
    from proofs.evm.typed_data import Types, Value

TYPES: Types = {
    "EIP712Domain": (("name", "string"), ("version", "string")),
    "Challenge": (
        ("entity", "string"),
        ("issuer", "string"),
        ("purpose", "string"),
        ("chain", "string"),
        ("account", "address"),
        ("anchors", "Anchor[]"),
        ("nonce", "bytes32"),
        ("issued", "string"),
        ("expires", "string"),
        ("textSha256", "bytes32"),
    ),
    "Anchor": (("chain", "string"), ("height", "string"), ("hash", "string")),
}
PRIMARY = "Challenge"
DOMAIN = {"name": "custody-attest challenge", "version": "1"}

_LINE = rf"[!-~](?:[ -~]{{0,{MAX_LINE - 2}}}[!-~])?"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_ANCHOR = r"anchor: [-_:a-zA-Z0-9]{5,41} [0-9]{1,19} (?:0x)?[0-9a-f]{64}\n"
_TEXT = re.compile(
    rf"{re.escape(TITLE)}\n"
    rf"entity: (?P<entity>{_LINE})\n"
    rf"issuer: (?P<issuer>{_LINE})\n"
    rf"purpose: {re.escape(PURPOSE)}\n"
    r"chain: (?P<chain>eip155:(?:\*|[0-9]{1,32}))\n"
    r"address: (?P<address>0x[0-9a-fA-F]{40})\n"
    rf"(?P<anchors>(?:{_ANCHOR})*)"
    r"nonce: (?P<nonce>[0-9a-f]{64})\n"
    rf"issued: (?P<issued>{_TIME})\n"
    rf"expires: (?P<expires>{_TIME})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class TypedChallenge:
    """A text as fields."""

    chain: str
    """CAIP-2, or `eip155:*`."""
    address: str
    """As written in the text."""
    fields: dict[str, Value]
    """Of struct `Challenge`."""

    @property
    def preimage(self) -> bytes:
        """The 66 bytes whose Keccak-256 is signed."""
        return typed_preimage(TYPES, DOMAIN, PRIMARY, self.fields)


def parse_text(text: bytes) -> TypedChallenge | None:
    """Read a challenge text about an EVM account; None if it is anything else, or more."""
    try:
        match = _TEXT.fullmatch(text.decode("ascii"))
    except UnicodeDecodeError:
        return None
    if match is None:
        return None
    anchors = (line.split(" ") for line in match["anchors"].splitlines())
    fields: dict[str, Value] = {
        "entity": match["entity"],
        "issuer": match["issuer"],
        "purpose": PURPOSE,
        "chain": match["chain"],
        "account": bytes.fromhex(match["address"][2:]),
        "anchors": tuple(
            {"chain": chain, "height": height, "hash": block} for _, chain, height, block in anchors
        ),
        "nonce": bytes.fromhex(match["nonce"]),
        "issued": match["issued"],
        "expires": match["expires"],
        "textSha256": hashlib.sha256(text).digest(),
    }
    return TypedChallenge(match["chain"], match["address"], fields)


def typed_data(challenge: TypedChallenge) -> dict[str, object]:
    """Give the JSON that a wallet's `eth_signTypedData_v4` takes."""
    types = {
        name: [{"name": field, "type": kind} for field, kind in fields]
        for name, fields in TYPES.items()
    }
    message = {name: _plain(value) for name, value in challenge.fields.items()}
    message["account"] = challenge.address
    return {"types": types, "primaryType": PRIMARY, "domain": dict(DOMAIN), "message": message}


def _plain(value: Value) -> object:
    """Give a field's value as JSON has it."""
    match value:
        case bytes():
            return f"0x{value.hex()}"
        case tuple():
            return [_plain(item) for item in value]
        case str() | int():
            return value
        case _:
            return {name: _plain(item) for name, item in value.items()}
