"""From an output script's history to its coins at a height, and to what moved between two heights.

The coins are the outputs that the listed transactions pay to the script, less those that they
spend. A history is a server's list; its transactions and their places in blocks are proved before
they come here (`chains.utxo.history.voice`). What a list can contradict is checked, and every
contradiction has a name:

| reason | the history |
|---|---|
| listed_twice, two_heights | names a transaction twice, at one height or at two |
| bip30_duplicate | names one of the two coinbases that Bitcoin has twice (BIP-30) |
| not_in_block | names a transaction whose branch does not reach the header of its height |
| unrelated | names one that neither pays nor spends the script |
| no_such_output | has one that spends an output which the transaction before it has not |
| hidden_receipt | leaves out one that pays the script, though another list shows it |
| hidden_spend | leaves out one that spends from the script, though another list shows it |
| double_spend | has two that spend one output |
| spent_before_created | has one that spends an output of a higher block |

What it cannot show is a transaction that every list leaves out: a server that hides a spend makes a
balance larger, and nothing here sees it. Only another operator's server does, or a node.

Not checked: the order of transactions within one block, which on Bitcoin Cash is that of their
identifiers, and signatures, which a block's work stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.utxo.answers import Unspent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chains.utxo.history.transaction import Transaction

Reason = Literal[
    "listed_twice",
    "two_heights",
    "bip30_duplicate",
    "not_in_block",
    "unrelated",
    "no_such_output",
    "hidden_receipt",
    "hidden_spend",
    "double_spend",
    "spent_before_created",
]

History: TypeAlias = tuple[tuple[str, int], ...]
"""A txid and the height of its block, as listed; 0 and -1 are Electrum's for the mempool."""

_RECEIPT: Reason = "hidden_receipt"
_SPEND: Reason = "hidden_spend"

BIP30_DUPLICATES = frozenset(
    {
        "d5d27987d2a3dfc724e359870c6644b40e497bdc0589a033220fe15429d88599",  # 91812 and 91842
        "e3bf3d07d4b0375638d5f1db5255fe07ba2c4cb067cd81b84ee974b6585fb468",  # 91722 and 91880
    }
)
"""Coinbases that stand in two blocks each; the outputs of the later one took the earlier one's
place."""


class ContradictionError(ValueError):
    """A history contradicts itself, another one, or the blocks.

    Attributes:
        reason: which way, in one word.
    """

    def __init__(self, reason: Reason, what: str) -> None:
        super().__init__(f"{reason}: {what}")
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Flow:
    """What moved on a script. Change that comes back to it is in both sums."""

    received: int
    """Base units paid to it."""
    spent: int
    """Base units spent from it."""
    transactions: int


@dataclass(frozen=True, slots=True)
class _Step:
    """What one transaction did to a script."""

    height: int
    received: int
    spent: int


def confirmed(history: Iterable[tuple[str, int]], height: int) -> History:
    """Give what a history lists in blocks up to a height, lowest first.

    The mempool is dropped. So is block 0, whose coinbase no chain lets anyone spend.

    Raises:
        ContradictionError: a transaction is listed twice.
    """
    heights: dict[str, int] = {}
    for txid, at in history:
        if not 0 < at <= height:
            continue
        if txid in BIP30_DUPLICATES:
            raise ContradictionError("bip30_duplicate", txid)
        if heights.get(txid, at) != at:
            raise ContradictionError("two_heights", f"{txid} at {heights[txid]} and {at}")
        if txid in heights:
            raise ContradictionError("listed_twice", txid)
        heights[txid] = at
    return tuple(sorted(heights.items(), key=lambda item: (item[1], item[0])))


def replay(
    script: str,
    pin_height: int,
    history: Iterable[tuple[str, int]],
    transactions: Mapping[str, Transaction],
) -> tuple[Unspent, ...]:
    """Compute a script's unspent outputs after the block at a height.

    Args:
        script: lower-case hex.
        pin_height: the last block that counts.
        history: what is listed of the script.
        transactions: by txid, all that are listed up to that height; further ones, of other
            scripts' histories, are held against this one.

    Returns:
        Lowest height first, then by txid and index; those of a coinbase say so, however old.

    Raises:
        ContradictionError: the history contradicts itself.
        ValueError: a listed transaction is not given.
    """
    unspents, _ = _replayed(script, confirmed(history, pin_height), transactions)
    return tuple(sorted(unspents, key=lambda one: (one.height, one.txid, one.vout)))


def flows(
    script: str,
    from_height: int,
    to_height: int,
    history: Iterable[tuple[str, int]],
    transactions: Mapping[str, Transaction],
) -> Flow:
    """Add up what moved on a script in the blocks after one height, up to another.

    Args:
        script: lower-case hex.
        from_height: the last block that does not count.
        to_height: the last block that does.
        history: what is listed of the script, from its first transaction on.
        transactions: as for `replay`.

    Raises:
        ContradictionError: as for `replay`.
        ValueError: the heights are the wrong way round, or a listed transaction is not given.
    """
    if from_height > to_height:
        raise ValueError(f"window after {from_height} ends at {to_height}")
    _, steps = _replayed(script, confirmed(history, to_height), transactions)
    inside = [step for step in steps if step.height > from_height]
    received, spent = (sum(s.received for s in inside), sum(s.spent for s in inside))
    return Flow(received, spent, len(inside))


def overlooked(
    histories: Mapping[str, History], transactions: Mapping[str, Transaction]
) -> dict[str, ContradictionError]:
    """Find scripts whose history leaves out what another script's history shows, or adds to it.

    What touches a script is worked out once a transaction. To find it out script by script, a list
    of large transactions that a server gives to every script would take hours.

    Args:
        histories: by script, confirmed and of one height.
        transactions: by txid, those that are proved to be in their blocks.
    """
    listed = {script: {txid for txid, _ in history} for script, history in histories.items()}
    found: dict[str, ContradictionError] = {}
    related: dict[str, set[str]] = {script: set() for script in listed}
    for txid, transaction in transactions.items():
        touched = dict.fromkeys((script for script, _ in transaction.outputs), _RECEIPT)
        spent = (_script_of(transactions, name, vout) for name, vout in transaction.inputs)
        for script, reason in (*touched.items(), *((one, _SPEND) for one in spent)):
            if script in listed:
                related[script].add(txid)
                if txid not in listed[script]:
                    found.setdefault(script, ContradictionError(reason, txid))
    for script, txids in listed.items():
        strange = min((txids & transactions.keys()) - related[script], default=None)
        if strange is not None:
            found.setdefault(script, ContradictionError("unrelated", strange))
    return found


def _script_of(transactions: Mapping[str, Transaction], txid: str, vout: int) -> str:
    """Give the script of an output; empty, which is no account's, if it is not known."""
    made = transactions.get(txid)
    return made.outputs[vout][0] if made is not None and vout < len(made.outputs) else ""


def _replayed(
    script: str, listed: History, transactions: Mapping[str, Transaction]
) -> tuple[tuple[Unspent, ...], tuple[_Step, ...]]:
    """Apply what is paid, then what is spent."""
    missing = [txid for txid, _ in listed if txid not in transactions]
    if missing:
        raise ValueError(f"transaction {missing[0]} is listed and not given")
    made = {
        (txid, vout): Unspent(txid, vout, paid, units, height, transactions[txid].coinbase)
        for txid, height in listed
        for vout, (paid, units) in enumerate(transactions[txid].outputs)
        if paid == script
    }
    spent: set[tuple[str, int]] = set()
    steps: list[_Step] = []
    for txid, height in listed:
        transaction = transactions[txid]
        own = _own_inputs(script, transaction, height, made, transactions)
        if len(set(own)) != len(own) or not spent.isdisjoint(own):
            raise ContradictionError("double_spend", f"{txid} spends an output again")
        spent.update(own)
        received = [units for paid, units in transaction.outputs if paid == script]
        if not own and not received:
            raise ContradictionError("unrelated", txid)
        steps.append(_Step(height, sum(received), sum(made[outpoint].units for outpoint in own)))
    return tuple(one for at, one in made.items() if at not in spent), tuple(steps)


def _own_inputs(
    script: str,
    transaction: Transaction,
    height: int,
    made: Mapping[tuple[str, int], Unspent],
    transactions: Mapping[str, Transaction],
) -> list[tuple[str, int]]:
    """Give the outputs of a script that a transaction spends."""
    own = []
    for outpoint in transaction.inputs:
        coin = made.get(outpoint)
        if coin is None:
            _refuse_hidden(script, outpoint, transactions)
            continue
        if coin.height > height:
            at = f"{coin.txid}:{coin.vout} of block {coin.height} in block {height}"
            raise ContradictionError("spent_before_created", at)
        own.append(outpoint)
    return own


def _refuse_hidden(
    script: str, outpoint: tuple[str, int], transactions: Mapping[str, Transaction]
) -> None:
    """Refuse an input whose transaction is known from elsewhere, and pays the script after all."""
    txid, vout = outpoint
    source = transactions.get(txid)
    if source is None:
        return
    if vout >= len(source.outputs):
        raise ContradictionError("no_such_output", f"{txid}:{vout}")
    if source.outputs[vout][0] == script:
        raise ContradictionError("hidden_receipt", txid)
