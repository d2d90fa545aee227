"""trust.toml: whom and what the verifier trusts.

It is his own file; nothing in a bundle is ever taken for it.

    [[party]]
    name = "Example Exchange"
    key = "exchange.pub"            path beside trust.toml
    roles = ["attester"]            attester, challenger, auditor, regulator

    [anchors]
    bitcoin = [{ height = 925000, hash = "0000…" }]

    [require]
    level = "L3"                    L0, L1, L3 or L4
    max_age_days = 35
    scope = ["holdings", "control", "obligations", "comparison"]
    packs = { core = "<sha256 of the pack's file>" }

`--key` is the short form: exactly that key, level L3, nothing else required.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from config.declaration import Scope  # noqa: TC001 - pydantic reads the annotation at run time
from config.strict import STRICT, parse
from config.text import decode
from config.toml import parse_toml

MAX_BYTES = 1024 * 1024

Level = Literal["L0", "L1", "L2", "L3", "L4"]
Role = Literal["attester", "challenger", "auditor", "regulator"]


@dataclass(frozen=True, slots=True, config=STRICT)
class PartyRow:
    """A party as the file names it."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    key: str
    roles: tuple[Role, ...] = ("attester",)


@dataclass(frozen=True, slots=True, config=STRICT)
class Block:
    """A block the verifier knows."""

    height: Annotated[int, Field(ge=0)]
    hash: str


@dataclass(frozen=True, slots=True, config=STRICT)
class Requirements:
    """What a bundle must reach."""

    level: Level = "L3"
    max_age_days: Annotated[int, Field(ge=0)] | None = None
    scope: tuple[Scope, ...] = ()
    packs: dict[str, str] = Field(default_factory=dict)
    """Pack name and the SHA-256 its file must have."""


@dataclass(frozen=True, slots=True, config=STRICT)
class TrustFile:
    """The whole file."""

    party: tuple[PartyRow, ...]
    anchors: dict[str, tuple[Block, ...]] = Field(default_factory=dict)
    require: Requirements = Field(default_factory=Requirements)


def parse_trust_file(data: bytes, name: str) -> TrustFile:
    """Read trust.toml; raise InputError with the key path of the first fault."""
    return parse(TrustFile, parse_toml(decode(data, name, MAX_BYTES), name), name)
