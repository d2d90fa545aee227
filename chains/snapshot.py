"""What a chain said: pins, balances, failed reads, coins and answers to questions.

Every value here was decoded by a pure `recheck` from recorded answers, so that anyone who holds the
evidence gets the same values. A balance that could not be read is a `FailedRead`; it has no amount
and no evidence class, and is never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from config.caip import AccountId, AssetId, ChainId

EvidenceClass = Literal["state_proof", "quorum", "single", "window", "attested"]
"""How a balance is known, best first: a Merkle proof to the pin's state root; sources of different
operators that agree to the unit at one pin; one source; a chain without pins; a third party's
statement."""

FailureReason = Literal[
    "source_failed", "sources_disagree", "quorum_not_met", "not_read", "malformed_answer"
]


@dataclass(frozen=True, slots=True)
class Pin:
    """The block at which a chain was read."""

    chain: ChainId
    height: int
    block_hash: str
    """As the chain writes it: 0x and 64 hex digits on EVM chains, 64 hex digits in display order on
    UTXO chains."""
    block_time: int
    """Unix seconds: the header's time on EVM chains, the median time past (BIP-113) on UTXO
    chains."""
    depth: int
    """Blocks from this one to the best one at the reading, both counted; 1 is the best block
    itself."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account held of an asset at the pin."""

    account: AccountId
    asset: AssetId
    units: int
    """Base units that could be moved at the pin; immature coinbase is not in it."""
    immature: int
    """Base units of coinbase outputs that cannot be spent yet; counted nowhere."""
    evidence: EvidenceClass
    sources: tuple[str, ...]
    """Names of the sources that gave this value, in order."""


@dataclass(frozen=True, slots=True)
class FailedRead:
    """A balance that is not known."""

    account: AccountId
    asset: AssetId
    reason: FailureReason
    answers: tuple[tuple[str, str], ...]
    """Each source's name and its answer as text: base units, or a code such as `rpc_error`."""


@dataclass(frozen=True, slots=True)
class Coin:
    """An unspent output at the pin of a UTXO chain."""

    chain: ChainId
    txid: str
    vout: int
    script: str
    """The output script, lower-case hex."""
    units: int
    height: int
    coinbase: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Something a proof needs to hear from a chain at its pin.

    kind `code`: subject is a canonical EVM address; the answer's value is its code as 0x hex, `0x`
    for none.
    """

    chain: ChainId
    kind: Literal["code"]
    subject: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and what the sources agreed on; without agreement there is none."""

    question: Question
    value: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChainSnapshot:
    """One chain at its pin."""

    pin: Pin
    balances: tuple[Balance, ...]
    failures: tuple[FailedRead, ...]
    coins: tuple[Coin, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All chains of a declaration, in the order of their identifiers."""

    chains: tuple[ChainSnapshot, ...]
