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
    "source_failed",
    "sources_disagree",
    "quorum_not_met",
    "not_read",
    "malformed_answer",
    "proof_contradicts",  # the state proof shows another value than a source says
    "proof_refused",  # a source gave a proof that does not fit the pin, and none gave one that does
]

RemarkCode = Literal[
    "no_proofs",  # the source serves no state proofs at the pin
    "bad_proof",  # it gave proofs that do not fit the pin
    "wrong_state",  # it answered from another block than the one it was asked for
    "state_not_told",  # it cannot be asked from which block it answers
    "header_not_recomputed",  # the pin's fields do not hash to its name, so nothing can be proved
    "not_proved",  # balances that were chosen to be proved, and are not
    "no_node",  # balances that index servers alone stand for, and no node of the chain
    "headers_not_linked",  # the source shows blocks of which only those around the pin are linked
    "work_unchecked",  # the proof of work of its blocks could not be checked
    "targets_unchecked",  # that its blocks have the chain's true targets could not be checked
    "known_block_not_met",  # its blocks lead through none that the registry knows
    "flows_not_read",  # balances of which the flows in the window are not known
    "window_not_read",  # balances or nonces that are not known at a block of the window, or the pin
    "beyond_last_index",  # an address after an expression's stated last index holds something
    "margin_not_read",  # addresses after the stated last index that could not be read
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
    state_root: str | None = None
    """Root of the accounts' trie, if the block's fields were seen to hash to its name; None where
    a chain has none, or where they do not."""


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
    for none. kind `call`: subject is a contract's canonical address, a space, and the call's data
    as 0x hex; the answer's value is what it returns, as 0x hex. kind `authority`: subject is a
    canonical address of Tron or the XRP Ledger; the answer's value is RFC 8785 text of what a node
    says of who may use the account, or `null` where the chain has no such account. Tron: of
    `wallet/getaccount` the fields `address`, `type`, `owner_permission`, `active_permission`, so
    far as they are there. XRP Ledger: of `account_info` the fields `Account`, `Flags`, `RegularKey`
    if there is one, and `signer_lists`, always. kind `inclusion`: subject is a transaction's
    identifier as the chain writes it; the answer's value is what
    `chains.inclusion.encode_inclusion` writes. kind `movement`: subject likewise; the answer's
    value is what `chains.movement.encode_movement` writes. kind `attempt`: subject as of `call`;
    the answer's value is 0x, `01` and what the call returned, or `00` and what it was refused with:
    here a refusal is an answer.
    """

    chain: ChainId
    kind: Literal["code", "call", "authority", "inclusion", "movement", "attempt"]
    subject: str


ABOUT_TRANSACTIONS = frozenset({"inclusion", "movement"})
"""Kinds of questions whose subject is a transaction, and that are not asked of a state."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and what the sources agreed on; without agreement there is none."""

    question: Question
    value: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a source, or the whole reading, that balances alone do not show."""

    code: RemarkCode
    source: str
    """Name of the source; empty if it is about the whole reading."""
    count: int
    """How many balances or answers it is about."""
    detail: str = ""
    """What it is about, for people, where that is one thing and the code does not name it."""


@dataclass(frozen=True, slots=True)
class WindowBlock:
    """The block with which a window begins or ends."""

    moment: int
    """Unix seconds asked for; the block is the last one at or before them."""
    height: int
    block_hash: str
    block_time: int
    """Unix seconds, as of a pin."""


@dataclass(frozen=True, slots=True)
class WindowReading:
    """What an account held and did around the pin, in base units; None is not known, never zero.

    Flows are of the blocks after the window's first up to its last; if the last is not known, up
    to the pin. Change that comes back to the account is in both sums. Coins that cannot be spent
    yet are counted here, since they too were received. Of EVM chains balances and nonces alone are
    read: no call for a balance shows flows.
    """

    account: AccountId
    asset: AssetId
    before: int | None = None
    """Held at the window's first block."""
    after: int | None = None
    """Held at the window's last block."""
    received: int | None = None
    spent: int | None = None
    transactions: int | None = None
    """How many touched the account."""
    nonce_before: int | None = None
    """Transactions an EVM account had sent at the window's first block; likewise the others."""
    nonce_at: int | None = None
    nonce_after: int | None = None
    to_others: int | None = None
    """All that went to addresses of others, of the blocks after the window's first up to its last;
    None too if not all of it is known."""
    from_others: int | None = None
    """All that came from them."""


@dataclass(frozen=True, slots=True)
class CounterpartyFlow:
    """What was seen to move between an account and an address of others in the window.

    There may be more where the account's reading has no sum. Of which entity the address is, the
    chain does not say.
    """

    account: AccountId
    asset: AssetId
    other: AccountId
    """The address of others, on the same chain."""
    sent: int
    """Base units that went from the account to it."""
    received: int
    """Base units that came from it to the account."""


@dataclass(frozen=True, slots=True)
class Proving:
    """Which balances were to be proved against the pin's state root, and how many are."""

    wanted: int
    proved: int
    planned: int
    """All balances of the chain."""
    seed: str
    """What the sample follows from where not all were wanted."""
    seed_from: Literal["challenge", "pin"]


@dataclass(frozen=True, slots=True)
class ChainSnapshot:
    """One chain at its pin."""

    pin: Pin
    balances: tuple[Balance, ...]
    failures: tuple[FailedRead, ...]
    coins: tuple[Coin, ...] = ()
    answers: tuple[Answer, ...] = ()
    remarks: tuple[Remark, ...] = ()
    proving: Proving | None = None
    """None where a chain has no state proofs."""
    window_blocks: tuple[WindowBlock, ...] = ()
    """The window's first and last block; one that is not known is left out."""
    window: tuple[WindowReading, ...] = ()
    """If the plan has a window, one a planned balance, in the order of the plan."""
    flows: tuple[CounterpartyFlow, ...] = ()
    """By account, asset and address of others; those between which nothing moved are left out."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All chains of a declaration, in the order of their identifiers."""

    chains: tuple[ChainSnapshot, ...]
