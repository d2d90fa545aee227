"""trust.toml: whom and what the verifier trusts.

It is his own file; nothing in a bundle is ever taken for it.

    next_update = "2027-01-01T00:00:00Z"    after it the file is stale, and proves nothing valid

    [[party]]
    name = "Example Exchange"
    roles = ["attester"]            attester, challenger, observer, auditor, regulator, custodian;
                                    who attests counts in no other; left out: attester
    key = "exchange.pub"            path beside trust.toml; the short form of one key
    entity = "Example Exchange"     whose statements it may sign, by name, or by lei = "…"; left
                                    out: anybody's, for files with one exchange in them

    [[party]]
    name = "Example Reviewer"
    roles = ["auditor"]
    [[party.keys]]
    spki = "<SHA-256 of the key's SPKI, hex>"     or file = "reviewer.pub", or both
    not_before = "2026-01-01T00:00:00Z"
    not_after = "2027-12-31T00:00:00Z"
    revoked_at = "2026-10-01T00:00:00Z"           with reason = "superseded" or "compromised"
    compromised_since = "2026-09-15T00:00:00Z"    where it may have been in other hands before

    [[timestamp_authority]]         one more of the name where it renewed its certificate
    name = "one"
    certificate = "one.pem"         its own, pinned byte by byte
    chain = "one-chain.pem"         those above it, up to a root
    policy = "1.3.6.1.4.1.13762.3"  may be left out: any

    [log]
    origin = "example.org/custody"
    key = "example.org/custody+…"   in the one-line form of C2SP signed-note
    quorum = 1
    [[log.witness]]
    name = "Example Reviewer"
    key = "reviewer.example/w+…"

    [history]
    series = "example-monthly"      may be left out: for files with one series in them
    sequence = 6                    the last statement that he saw, of the one series he follows
    payload = "<SHA-256 of its payload>"

    [prices]
    file = "prices.csv"             his own, of the form of the entity's
    tolerance = "0.02"              how far, as a ratio of his, hers may lie away

    [anchors]
    bitcoin = [{ height = 925000, hash = "0000…" }]

    [require]
    level = "L3"                    L0 to L4; L2 asks for history
    max_age_days = 35
    scope = ["holdings", "control", "obligations", "comparison"]
    scope_sha256 = "<of the statement's scope, in its RFC 8785 form>"
    packs = { core = "<sha256 of the pack's file>" }      whatever figures are replaced
    rules = { "core/coverage" = "<sha256 of the rule as it judged, as attest trust prints it>" }
    timestamps = 2                  distinct authorities over the entity's signature; a key's window
                                    is judged by when so many had seen it
    signatures = { attester = 1, auditor = 1 }    distinct parties of a role

`--key` is the short form: exactly that key, level L3, nothing else required.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from config.declaration import (  # noqa: TC001 - pydantic reads annotations at run time
    Lei,
    Name,
    Scope,
    Series,
)
from config.errors import InputError, shown
from config.strict import STRICT, parse
from config.text import decode
from config.times import parse_time
from config.toml import parse_toml

MAX_BYTES = 1024 * 1024

Level = Literal["L0", "L1", "L2", "L3", "L4"]
Role = Literal["attester", "challenger", "observer", "auditor", "regulator", "custodian"]
SigningRole: TypeAlias = Literal["attester", "auditor", "regulator", "observer"]
"""Roles whose parties sign in a bundle."""
RevocationReason: TypeAlias = Literal["superseded", "compromised"]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]
BlockHash = Annotated[str, StringConstraints(pattern=r"^(0x)?[0-9a-fA-F]{64}$")]
Path: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Line: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,400}$")]
"""Printable ASCII without a space, as names and keys of C2SP notes are."""
Oid: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+){1,30}$")]
Share: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(0(\.[0-9]{1,12})?|1(\.0{1,12})?)$")]


@dataclass(frozen=True, slots=True, config=STRICT)
class KeyRow:
    """A key of a party, and when its signatures count."""

    spki: Digest | None = None
    file: Path | None = None
    not_before: str | None = None
    not_after: str | None = None
    revoked_at: str | None = None
    reason: RevocationReason | None = None
    compromised_since: str | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class PartyRow:
    """A party as the file names it."""

    name: Name
    key: Path | None = None
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = ("attester",)
    keys: tuple[KeyRow, ...] = ()
    entity: Name | None = None
    """The responsible party whose statements it may sign, by name; None: any."""
    lei: Lei | None = None
    """The same, by its LEI."""


@dataclass(frozen=True, slots=True, config=STRICT)
class AuthorityRow:
    """A timestamp authority."""

    name: Name
    certificate: Path
    chain: Path
    policy: Oid | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class WitnessRow:
    """A witness of a log."""

    name: Name
    key: Line


@dataclass(frozen=True, slots=True, config=STRICT)
class LogTable:
    """A log of payload digests, and who watches it."""

    origin: Line
    key: Line
    quorum: Annotated[int, Field(ge=0, le=100)] = 0
    witness: tuple[WitnessRow, ...] = ()


@dataclass(frozen=True, slots=True, config=STRICT)
class HistoryTable:
    """The last statement of the series that the verifier saw."""

    sequence: Annotated[int, Field(ge=1)]
    payload: Digest
    series: Series | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class PricesTable:
    """The verifier's own prices."""

    file: Path
    tolerance: Share


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

    level: Level = "L3"
    max_age_days: Annotated[int, Field(ge=0)] | None = None
    scope: tuple[Scope, ...] = ()
    packs: dict[str, Digest] = Field(default_factory=dict)
    """Pack name and the SHA-256 its file must have."""
    scope_sha256: Digest | None = None
    rules: dict[str, Digest] = Field(default_factory=dict)
    """`pack/rule` and the SHA-256 of the rule's canonical form."""
    timestamps: Annotated[int, Field(ge=0, le=20)] = 0
    signatures: dict[SigningRole, Annotated[int, Field(ge=0, le=20)]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, config=STRICT)
class TrustFile:
    """The whole file."""

    party: tuple[PartyRow, ...]
    anchors: dict[str, tuple[Block, ...]] = Field(default_factory=dict)
    require: Requirements = Field(default_factory=Requirements)
    timestamp_authority: tuple[AuthorityRow, ...] = ()
    log: LogTable | None = None
    history: HistoryTable | None = None
    prices: PricesTable | None = None
    next_update: str | None = None


def parse_trust_file(data: bytes, name: str) -> TrustFile:
    """Read trust.toml.

    Raises:
        InputError: with the key path of the first fault; also if a party or a key file is named
            twice, or a key's times do not go together.
    """
    document = parse(TrustFile, parse_toml(decode(data, name, MAX_BYTES), name), name)
    files = [party.key for party in document.party if party.key is not None]
    files += [key.file for party in document.party for key in party.keys if key.file is not None]
    for field, values in (
        ("name", [party.name for party in document.party]),
        ("key", files),
    ):
        _refuse_twice(name, "party", f"two parties with one {field}", values)
    for at, party in enumerate(document.party):
        _check_party(name, f"party.{at}", party)
    return document


def _refuse_twice(name: str, where: str, what: str, values: list[str]) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise InputError.at(name, where, f"{what}: {shown(twice[0])}")


def _check_party(name: str, where: str, party: PartyRow) -> None:
    if (party.key is None) == (not party.keys):
        hint = 'key = "FILE", or one [[party.keys]] a key'
        raise InputError.at(name, where, "give either key or keys", hint)
    for at, key in enumerate(party.keys):
        _check_key(name, f"{where}.keys.{at}", key)


def _check_key(name: str, where: str, key: KeyRow) -> None:
    if key.spki is None and key.file is None:
        raise InputError.at(name, where, "neither spki nor file", "name the key by one of them")
    if (key.revoked_at is None) != (key.reason is None):
        raise InputError.at(name, where, "revoked_at and reason go together")
    if key.compromised_since is not None and key.reason != "compromised":
        raise InputError.at(name, where, "compromised_since is for reason compromised")
    given = (key.not_before, key.not_after, key.revoked_at, key.compromised_since)
    try:
        begins, ends, revoked, since = (None if one is None else parse_time(one) for one in given)
    except InputError as error:
        raise InputError.at(name, where, error.what, error.hint) from error
    if begins is not None and ends is not None and ends <= begins:
        raise InputError.at(name, where, f"not_after {key.not_after}: not later than not_before")
    if revoked is not None and since is not None and since > revoked:
        raise InputError.at(name, where, "compromised_since is later than revoked_at")
