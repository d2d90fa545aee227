"""claims.csv: what the entity signed to show that it controls its accounts.

    account,scheme,message,signature[,public_key,script,encoding,signer,received_at,profile]

`account` names an address, several joined by a space, an extended key or descriptor, or one key on
every EVM network (`eip155:*:0x…`). `message` is literal and may be empty; `@challenge` stands for
the text that was issued for the account, `@challenge-line` for its one-line form. Line ends inside
a message are read as line feeds, as everywhere in a file; a message with carriage returns is
written with `encoding` hex.

What cannot be decoded inside a row (signature, key, script) is left to the scheme, which refutes
the row; only what breaks the table itself refuses the file. The first fault in file order is the
one that is told, whether the file is read whole (`parse_claims`) or cut into runs that are read one
by one (`open_claims`, `read_claims`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from config.accounts import check_network, split_account
from config.csvrows import open_run, read_run
from config.errors import InputError, shown
from config.text import decode
from config.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from config.accounts import Addresses
    from config.caip import ChainId
    from config.csvrows import Row, Run
    from config.registry import Network, Registry

Encoding = Literal["utf8", "hex"]
SubjectKind = Literal["account", "extended", "every_evm"]

MAX_BYTES = 512 * 1024 * 1024
"""A million claims at 500 bytes a row."""
MAX_SUBJECTS = 10_000
"""Accounts that one proof of funds may name."""
CHALLENGE = "@challenge"
CHALLENGE_LINE = "@challenge-line"
"""The text issued for an account, and the one line that stands for it on devices that show
little."""
EVERY_EVM = "eip155:*:"
COLUMNS = ("account", "scheme", "message", "signature")
OPTIONAL = ("public_key", "script", "encoding", "signer", "received_at", "profile")
_ALL = (*COLUMNS, *OPTIONAL)
_ENCODINGS = get_args(Encoding)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a claim says its signature controls."""

    kind: SubjectKind
    id: str
    """Canonical: an AccountId; a chain and a key expression; or `eip155:*:0x…`."""
    chain: ChainId
    """The chain; Ethereum's for one key on every EVM network."""
    text: str
    """The address or key expression alone."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One row."""

    line: int
    subjects: tuple[Subject, ...]
    scheme: str
    message: str
    signature: str
    public_key: str = ""
    script: str = ""
    encoding: Encoding = "utf8"
    signer: str = ""
    """For an extended key: the path after it of the key that signed, such as `0/5`."""
    received_at: int | None = None
    """When the signature came in, Unix seconds, as declared."""
    profile: str = ""
    """Which of a scheme's forms was signed, where a scheme has several."""

    @property
    def account(self) -> str:
        """All subjects in canonical form, joined by a space."""
        if len(self.subjects) == 1:
            return self.subjects[0].id
        return " ".join([subject.id for subject in self.subjects])


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row is read by."""

    registry: Registry
    addresses: Addresses
    schemes: Collection[str]
    """Names of the schemes known, in the order in which a fault lists them."""
    network: Network | None = None
    """The declaration's; None where claims are given alone."""


def parse_claims(
    data: bytes,
    name: str,
    registry: Registry,
    addresses: Addresses,
    schemes: Collection[str],
    network: Network | None = None,
) -> tuple[Claim, ...]:
    """Read claims.csv.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        registry: the chains known.
        addresses: parsers of the chains.
        schemes: names of the schemes known.
        network: the declaration's network, to which every account must belong; None where claims
            are given alone.

    Raises:
        InputError: as the folder README says of every file; an unknown scheme, an address that does
            not parse, or an account of the other network.
    """
    reading = Reading(registry, addresses, schemes, network)
    return tuple(read_claims(open_claims(data, name), reading))


def open_claims(data: bytes, name: str) -> Run:
    """Read the header of claims.csv; raise InputError.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
    """
    return open_run(decode(data, name, MAX_BYTES), name, COLUMNS, OPTIONAL)


def read_claims(run: Run, reading: Reading) -> Iterator[Claim]:
    """Read the claims of a run, one after another; raise InputError as `parse_claims` does."""
    for row in read_run(run, _ALL):
        claim = _claim(row, reading)
        if reading.network is not None and claim.subjects[0].kind != "every_evm":
            _check_network(row, claim, reading.registry, reading.network)
        yield claim


def _check_network(row: Row, claim: Claim, registry: Registry, network: Network) -> None:
    try:
        check_network(registry.chain(claim.subjects[0].chain), network)
    except InputError as error:
        raise row.restated("account", error) from error


def _claim(row: Row, reading: Reading) -> Claim:
    account, _, message, signature, key, script, encoded, signer, received, profile = row.cells
    try:
        subjects = parse_subjects(account, reading)
    except InputError as error:
        raise row.restated("account", error) from error
    encoding = cast("Encoding", row.choice("encoding", _ENCODINGS)) if encoded else "utf8"
    scheme = row.choice("scheme", reading.schemes)
    received_at = _received(row) if received else None
    return Claim(
        row.line,
        subjects,
        scheme,
        message,
        signature,
        key,
        script,
        encoding,
        signer,
        received_at,
        profile,
    )


def _received(row: Row) -> int:
    try:
        return parse_time(row["received_at"])
    except InputError as error:
        raise row.restated("received_at", error) from error


def parse_subjects(text: str, reading: Reading) -> tuple[Subject, ...]:
    """Read the column `account`; raise InputError."""
    registry, addresses = reading.registry, reading.addresses
    if " " not in text:
        return (_subject(text, registry, addresses),)
    parts = text.split(" ")
    if len(parts) > MAX_SUBJECTS:
        raise InputError(f"{len(parts)} accounts in one claim, the limit is {MAX_SUBJECTS}")
    subjects = tuple(_subject(part, registry, addresses) for part in parts)
    _refuse_mixed(subjects)
    return subjects


def _refuse_mixed(subjects: tuple[Subject, ...]) -> None:
    """Refuse an account named twice, and accounts of two chains."""
    seen = set()
    for subject in subjects:
        if subject.id in seen:
            raise InputError(f"account named twice in one claim: {shown(subject.id, 120)}")
        seen.add(subject.id)
    chains = sorted({subject.chain for subject in subjects})
    if len(chains) > 1:
        raise InputError(
            f"accounts of two chains in one claim: {chains[0]} and {chains[1]}",
            "write one claim a chain",
        )


def _subject(text: str, registry: Registry, addresses: Addresses) -> Subject:
    if text.startswith(EVERY_EVM):
        ethereum = registry.chain("ethereum")
        address = addresses.canonical(ethereum, text.removeprefix(EVERY_EVM))
        return Subject("every_evm", f"{EVERY_EVM}{address}", ethereum.id, address)
    chain, rest = split_account(text, registry)
    if addresses.is_expression(chain, rest):
        expression = addresses.expression(chain, rest)
        return Subject("extended", f"{chain.id}:{expression}", chain.id, expression)
    address = addresses.canonical(chain, rest)
    return Subject("account", f"{chain.id}:{address}", chain.id, address)
