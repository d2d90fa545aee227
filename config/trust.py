"""trust.toml: whom and what the verifier trusts.

It is his own file; nothing in a bundle is ever taken for it.

    [[party]]
    name = "Example Exchange"
    key = "exchange.pub"            path beside trust.toml
    roles = ["attester"]            attester, challenger, observer, auditor, regulator, custodian

    [anchors]
    bitcoin = [{ height = 925000, hash = "0000…" }]

    [require]
    level = "L3"                    L0, L1, L3 or L4; L2, history, is not checked in this version
    max_age_days = 35
    scope = ["holdings", "control", "obligations", "comparison"]
    packs = { core = "<sha256 of the pack's file>" }

`--key` is the short form: exactly that key, level L3, nothing else required.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from config.declaration import Name, Scope  # noqa: TC001 - pydantic reads annotations at run time
from config.errors import InputError, shown
from config.strict import STRICT, parse
from config.text import decode
from config.toml import parse_toml

MAX_BYTES = 1024 * 1024

Level = Literal["L0", "L1", "L2", "L3", "L4"]
Role = Literal["attester", "challenger", "observer", "auditor", "regulator", "custodian"]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]
BlockHash = Annotated[str, StringConstraints(pattern=r"^(0x)?[0-9a-fA-F]{64}$")]


@dataclass(frozen=True, slots=True, config=STRICT)
class PartyRow:
    """A party as the file names it."""

    name: Name
    key: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = ("attester",)


@dataclass(frozen=True, slots=True, config=STRICT)
class Block:
    """A block the verifier knows."""

    height: Annotated[int, Field(ge=0)]
    hash: BlockHash
    time: str | None = None
    """RFC 3339 with an offset: the header's time on EVM chains, the median time past on UTXO
    chains. Without it the time that a statement gives the block is not confirmed."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Requirements:
    """What a bundle must reach."""

    level: Literal["L0", "L1", "L3", "L4"] = "L3"
    max_age_days: Annotated[int, Field(ge=0)] | None = None
    scope: tuple[Scope, ...] = ()
    packs: dict[str, Digest] = Field(default_factory=dict)
    """Pack name and the SHA-256 its file must have."""


@dataclass(frozen=True, slots=True, config=STRICT)
class TrustFile:
    """The whole file."""

    party: tuple[PartyRow, ...]
    anchors: dict[str, tuple[Block, ...]] = Field(default_factory=dict)
    require: Requirements = Field(default_factory=Requirements)


def parse_trust_file(data: bytes, name: str) -> TrustFile:
    """Read trust.toml.

    Raises:
        InputError: with the key path of the first fault; also if a party or a key file is named
            twice.
    """
    document = parse(TrustFile, parse_toml(decode(data, name, MAX_BYTES), name), name)
    for field, values in (
        ("name", [party.name for party in document.party]),
        ("key", [party.key for party in document.party]),
    ):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise InputError.at(name, "party", f"two parties with one {field}: {shown(twice[0])}")
    return document
