"""From one source's decoded answers to what it says: the coins of each script at the pin. Pure.

Shared by the protocols; each has collected votes, one a question. For every script:

1. the history must be there, within its limit, and free of contradictions with itself;
2. every transaction that it lists at or below the pin must be there with its branch, and the branch
   must lead to the root in the header of its block;
3. the histories are held against each other: a transaction that one of them shows must be in every
   other one that it touches;
4. the coins are replayed.

A script for which this fails is silent, with a reason, and the others are not: a hot wallet whose
history is too large leaves the cold wallets readable. A contradiction is said as
`malformed_answer`, so that in a quorum it stops the value and is never outvoted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chains.quorum import MALFORMED, Vote
from chains.utxo.answers import Scan
from chains.utxo.history.merkle import merkle_root
from chains.utxo.history.replay import ContradictionError, confirmed, overlooked, replay
from chains.utxo.history.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chains.index import IndexedLog
    from chains.utxo.answers import Unspent
    from chains.utxo.history.headers import HeaderChain
    from chains.utxo.history.merkle import Branch
    from chains.utxo.history.reach import Span
    from chains.utxo.history.replay import History, Reason
    from chains.utxo.history.work import Work

TOO_LARGE = "too_large"
"""Said of a history, or a run of headers, that is over a limit; an error code of exchanges too."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a source says nothing of a script."""

    said: str
    """`malformed_answer`, `not_read`, `too_large`, or the error code of the exchange."""
    reason: Reason | None = None
    """How the answers contradict each other, if they do."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What was checked of a source's blocks; what was not is its word alone."""

    linked: Literal["all", "pin"]
    """`all`: every header from the lowest block that counts to the top names the one before it, so
    the pin's hash stands for all of them. `pin`: only those around the pin do; the blocks that hold
    older transactions stand each for itself."""
    work: Work
    targets: bool
    """Whether targets follow from the headers before them by the chain's rule."""
    anchor: int | None
    """Height of the highest known block that the headers pass through; None if they meet none."""


@dataclass(frozen=True, slots=True)
class Records:
    """A source's answers, decoded."""

    histories: Mapping[str, Vote[History]]
    """By script; transactions at every height."""
    transactions: Mapping[str, Vote[Transaction]]
    """By txid."""
    branches: Mapping[tuple[str, int], Vote[Branch]]
    """By txid and height."""
    roots: Mapping[int, Vote[str]]
    """Merkle roots by height."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a source says of the scripts."""

    unspents: tuple[Unspent, ...]
    """The coins of every script that is not silent; lowest block first within a script."""
    histories: Mapping[str, History]
    """By script that is not silent: its transactions in blocks up to the pin, lowest first."""
    transactions: Mapping[str, Transaction]
    """By txid, all that are proved to be in their blocks."""
    silent: Mapping[str, Silence]
    """By script."""


@dataclass(frozen=True, slots=True)
class HistoryVoice:
    """A source that speaks for a pin, by histories rather than by a scan."""

    log: IndexedLog
    scan: Scan
    """The coins as a node's scan would give them with the pin as its best block. Silent scripts
    have none in it, and are not zero."""
    median_time: int
    """Of the pin, in Unix seconds (BIP-113)."""
    next_median_time: int | None
    """Of the block after it, None if the top is the pin. It never falls from block to block, so a
    moment between the two has this pin."""
    depth: int
    """Blocks that are shown from the pin to the top, both counted; the chain may have more."""
    replayed: Replayed
    checks: Checks


def voice_of(
    log: IndexedLog, span: Span, chain: HeaderChain, replayed: Replayed, checks: Checks
) -> Vote[HistoryVoice]:
    """Put together what a source says.

    Args:
        log: the source's.
        span: the pin and the top.
        chain: linked headers, at least from ten below the pin to the top.
        replayed: what it says of the scripts.
        checks: what was checked.
    """
    voice = HistoryVoice(
        log,
        Scan(span.pin, chain.hash_at(span.pin), replayed.unspents),
        chain.median_time_at(span.pin),
        chain.median_time_at(span.pin + 1) if span.top > span.pin else None,
        span.top - span.pin + 1,
        replayed,
        checks,
    )
    return Vote(log.name, log.log.operator, voice, f"{voice.scan.block_hash} at {span.pin}")


def listings(histories: Iterable[Vote[History]], pin: int) -> History:
    """Give what histories list in blocks up to the pin, each transaction once.

    A history that contradicts itself lists nothing: its script is silent whatever else is known.
    """
    told = (_listed(vote, pin) for vote in histories)
    sound = (history for history in told if not isinstance(history, Silence))
    return tuple(dict.fromkeys(listing for history in sound for listing in history))


def replay_all(pin: int, records: Records) -> Replayed:
    """Replay every script at the pin's height."""
    silent: dict[str, Silence] = {}
    histories: dict[str, History] = {}
    for script, vote in records.histories.items():
        told = _listed(vote, pin)
        if isinstance(told, Silence):
            silent[script] = told
        else:
            histories[script] = told
    proved = {
        listing: _proved(records, *listing)
        for listing in dict.fromkeys(one for history in histories.values() for one in history)
    }
    transactions = {
        txid: told for (txid, _), told in proved.items() if isinstance(told, Transaction)
    }
    silent |= _unproved(histories, proved)
    for script, fault in overlooked(histories, transactions).items():
        silent.setdefault(script, Silence(MALFORMED, fault.reason))
    unspents: list[Unspent] = []
    for script, history in histories.items():
        if script not in silent:
            try:
                unspents += replay(script, pin, history, transactions)
            except ContradictionError as fault:
                silent[script] = Silence(MALFORMED, fault.reason)
    speaking = {script: history for script, history in histories.items() if script not in silent}
    return Replayed(tuple(unspents), speaking, transactions, silent)


def _listed(vote: Vote[History], pin: int) -> History | Silence:
    if vote.value is None:
        return Silence(vote.said)
    try:
        return confirmed(vote.value, pin)
    except ContradictionError as fault:
        return Silence(MALFORMED, fault.reason)


def _unproved(
    histories: Mapping[str, History], proved: Mapping[tuple[str, int], Transaction | Silence]
) -> dict[str, Silence]:
    """Find the scripts with a transaction that is not proved, and say why of the lowest."""
    found: dict[str, Silence] = {}
    for script, history in histories.items():
        for listing in history:
            told = proved[listing]
            if isinstance(told, Silence):
                found.setdefault(script, told)
    return found


def _proved(records: Records, txid: str, height: int) -> Transaction | Silence:
    """Give a transaction that is in the block at a height."""
    transaction, branch = records.transactions[txid], records.branches[txid, height]
    root = records.roots[height]
    if transaction.value is None:
        return Silence(transaction.said)
    if branch.value is None:
        return Silence(branch.said)
    if root.value is None:
        return Silence(root.said)
    try:
        reached = merkle_root(txid, branch.value)
    except ValueError:
        return Silence(MALFORMED, "not_in_block")
    return transaction.value if reached == root.value else Silence(MALFORMED, "not_in_block")
