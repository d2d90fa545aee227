"""What moved between the accounts of a plan and addresses of others, as one server shows it. Pure.

The transactions are those of the accounts' own histories in the window's blocks, each proved to be
in its block (`chains.utxo.history.voice`). What one pays is in it; what it spends is in the
transactions before it, which its inputs name by their hash. They are asked for too, and need no
proof: bytes that hash to the name that a mined transaction spends are that transaction.

A transaction of several parties does not say whose coins went where. Its inputs of accounts, in
order, are taken to pay its outputs to others, in order, each as far as the one and the other
reach; likewise its inputs of others, and its outputs to accounts. So no more is sent to others than
accounts put in, or than others got, and sums over all accounts do not rest on the order.

What came from others is not known of an account that a transaction pays whose inputs are not all
known. What is an output to no address (a bare key, data) is nobody's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from chains.utxo.address import address_of_script
from chains.utxo.indexers import INDEXERS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from chains.evidence import ChainPlan
    from chains.utxo.history.transaction import Transaction
    from chains.utxo.history.voice import HistoryVoice

MAX_PREVIOUS = 20_000
"""Transactions that are asked for because others spend them; as many kilobytes or so."""

Amount: TypeAlias = "tuple[str, int]"
"""Who holds an input or an output, and its base units."""

Amounts: TypeAlias = "tuple[Amount, ...]"


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved on one account."""

    sent: Amounts = ()
    """By address of others, ascending."""
    received: Amounts = ()
    whole: bool = True
    """Whether all inputs are known of the transactions that paid it."""

    @property
    def all_received(self) -> Amounts | None:
        """What it received, None if that may not be all."""
        return self.received if self.whole else None


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of blocks as one server shows it."""

    voice: HistoryVoice
    """At the run's last block."""
    start: int
    """The last height that does not count."""
    accounts: Collection[str]
    """Scripts in hex."""
    others: Collection[str]
    """Addresses."""
    named: Callable[[str], str | None]
    """Gives the address of a script in hex, None if it has none."""
    previous: Callable[[str], Transaction | None]
    """Gives a transaction that is in no history, if the server gave it."""

    def passing(self) -> Iterator[Transaction]:
        """Give the accounts' transactions in the run, lowest block first."""
        histories = self.voice.replayed.histories
        listed = {
            (height, txid)
            for script in self.accounts
            for txid, height in histories.get(script, ())
            if height > self.start
        }
        for _, txid in sorted(listed):
            yield self.voice.replayed.transactions[txid]


def passage_of(
    plan: ChainPlan, scripts: Mapping[str, str], voice: HistoryVoice, start: int
) -> Passage:
    """Say what is looked for in what a server shows.

    Args:
        plan: gives the accounts and the addresses of others.
        scripts: the output script of each address of the plan.
        voice: the server at the run's last block.
        start: the last height that does not count.
    """
    native, histories = plan.chain.native, INDEXERS[voice.log.log.protocol].histories
    held = (one.address for one in plan.accounts if native in one.assets)
    return Passage(
        voice,
        start,
        frozenset(scripts[address] for address in held),
        frozenset(plan.others),
        cache(lambda script: address_of_script(plan.chain, bytes.fromhex(script))),
        cache(lambda txid: histories.transaction(txid, voice.log).value),
    )


def previous_txids(passage: Passage) -> tuple[str, ...]:
    """Name the transactions that are to be known besides: spent by those that pay an account.

    Returns:
        Ascending; none if there are too many.
    """
    known = passage.voice.replayed.transactions
    found = {
        txid
        for transaction in passage.passing()
        if any(script in passage.accounts for script, _ in transaction.outputs)
        for txid, _ in transaction.inputs
        if txid not in known
    }
    return tuple(sorted(found)) if len(found) <= MAX_PREVIOUS else ()


def moved(passage: Passage) -> Mapping[str, Moved]:
    """Add up what moved on each account, by its script; one that is not in it did not move."""
    sent: dict[str, Counter[str]] = {}
    received: dict[str, Counter[str]] = {}
    partial: set[str] = set()
    for transaction in passage.passing():
        spent = [_spent(passage, *outpoint) for outpoint in transaction.inputs]
        known = [one for one in spent if one is not None]
        own_in, own_out = _accounts(passage, known), _accounts(passage, transaction.outputs)
        for account, other, units in _allot(own_in, _others(passage, transaction.outputs)):
            sent.setdefault(account, Counter())[other] += units
        for other, account, units in _allot(_others(passage, known), own_out):
            received.setdefault(account, Counter())[other] += units
        if len(known) < len(spent):
            partial.update(account for account, _ in own_out)
    nothing: Counter[str] = Counter()
    return {
        script: Moved(
            tuple(sorted(sent.get(script, nothing).items())),
            tuple(sorted(received.get(script, nothing).items())),
            whole=script not in partial,
        )
        for script in {*sent, *received, *partial}
    }


def _spent(passage: Passage, txid: str, vout: int) -> Amount | None:
    """Give an output that is spent, None if it is not known."""
    made = passage.voice.replayed.transactions.get(txid) or passage.previous(txid)
    return made.outputs[vout] if made is not None and vout < len(made.outputs) else None


def _accounts(passage: Passage, amounts: Sequence[Amount]) -> list[Amount]:
    return [one for one in amounts if one[0] in passage.accounts]


def _others(passage: Passage, amounts: Sequence[Amount]) -> list[Amount]:
    """Give the amounts of others, each with its address in place of its script."""
    named = ((passage.named(script), units) for script, units in amounts)
    return [(one, units) for one, units in named if one is not None and one in passage.others]


def _allot(sources: Sequence[Amount], targets: Sequence[Amount]) -> Iterator[tuple[str, str, int]]:
    """Let sources pay targets, both in order, as far as the shorter side reaches."""
    payers = iter(sources)
    payer, left = "", 0
    for target, wanted in targets:
        due = wanted
        while due:
            if not left:
                payer, left = next(payers, ("", 0))
                if not payer:
                    return
            units = min(due, left)
            if units:
                yield payer, target, units
            due, left = due - units, left - units
