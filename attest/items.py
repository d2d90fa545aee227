"""Reconciling items, each held against what its chain says of the transactions it names.

(1) The account is a declared one, and the item names a transaction.
(2) The chain answered, and the transaction is on the right side of the pinned block.
(3) What it moves between declared accounts and others is the amount, exactly.
(4) For a transfer: whoever had the coins at the block is somebody whose control was proved.

An item that passes is `confirmed`, one that the chain contradicts is `contradicted`, and one of
which nothing is known is `unchecked`. Only a confirmed item changes a figure, and only if the coins
it is about would count themselves: a deposit to an account that counts for nothing takes nothing
away.

Refused: believing a transfer through an address of which nobody showed the key. Coins that were
lent for the day would come back the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from attest.moved import Moved, decimals_of
from chains.movement import decode_movement
from chains.snapshot import Question
from config.caip import account_id, address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from chains.movement import Entry
    from config.books.reconciling import ItemKind, ReconcilingItem
    from config.caip import AccountId, InstrumentId
    from config.registry import Registry

Verdict: TypeAlias = Literal["confirmed", "contradicted", "unchecked"]
ItemReason: TypeAlias = Literal[
    "",
    "no_transaction",  # the row names none
    "not_answered",  # the chain was not asked, or its sources do not agree
    "not_in_a_block",  # the transaction waits for a block, or is not known
    "account_not_declared",
    "account_not_touched",  # the transactions do not move the instrument at the account
    "wrong_side",  # it lies on the other side of the pinned block than its kind says
    "failed",  # it was reverted in its block
    "amount_differs",  # it moves another amount
    "others_spend_too",  # coins of accounts that are not declared are in it
    "own_accounts_alone",  # it moves between declared accounts, so nothing is under way
    "fee_unknown",  # the chain does not say what was paid to the network
    "way_not_controlled",  # nobody proved control of where the coins were
    "used_before",  # another item counts the same transaction
    "account_not_counted",  # confirmed, and the account's holdings count for nothing
]
CONTRADICTIONS: frozenset[ItemReason] = frozenset(
    {
        "account_not_declared",
        "account_not_touched",
        "wrong_side",
        "failed",
        "amount_differs",
        "others_spend_too",
        "own_accounts_alone",
        "used_before",
    }
)


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """An item and what became of it."""

    item: ReconcilingItem
    verdict: Verdict
    reason: ItemReason

    @property
    def counts(self) -> bool:
        """Tell whether it changes a figure."""
        return self.verdict == "confirmed" and not self.reason


@dataclass(frozen=True, slots=True)
class Known:
    """What items are held against."""

    registry: Registry
    declared: Collection[AccountId]
    counted: Collection[tuple[AccountId, InstrumentId]]
    """Accounts and instruments of which holdings count towards coverage."""
    controlled: Collection[AccountId]
    """Accounts, declared or not, of which a claim proves control over our text."""
    answers: Mapping[Question, str]


class _Unfit(Exception):  # noqa: N818 - a verdict about the item, not an error of the tool
    """The item does not hold."""

    def __init__(self, reason: ItemReason) -> None:
        super().__init__(reason)
        self.reason: ItemReason = reason


def item_questions(items: Iterable[ReconcilingItem]) -> tuple[Question, ...]:
    """List what the chains are asked because of the items."""
    asked = (Question(one.chain, "movement", txid) for one in items for txid in one.txids)
    return tuple(dict.fromkeys(asked))


def check_items(items: tuple[ReconcilingItem, ...], known: Known) -> tuple[CheckedItem, ...]:
    """Check every item, in order."""
    used: set[str] = set()
    found = []
    for item in items:
        one = _check(item, known)
        # One transaction confirms one item of a kind and account: else it would count twice.
        names = {f"{item.kind} {item.instrument} {txid}" for txid in item.txids}
        if item.kind == "deposit":
            names = {f"{name} {item.account}" for name in names}
        if one.verdict == "confirmed" and names & used:
            one = replace(one, verdict="contradicted", reason="used_before")
        if one.verdict == "confirmed":
            used |= names
        found.append(one)
    return tuple(found)


def _check(item: ReconcilingItem, known: Known) -> CheckedItem:
    try:
        _require_named(item, known)
        heard = tuple(_heard(item, txid, known) for txid in item.txids)
        _CHECKS[item.kind](item, known, heard)
    except _Unfit as unfit:
        contradicted = unfit.reason in CONTRADICTIONS
        return CheckedItem(item, "contradicted" if contradicted else "unchecked", unfit.reason)
    counted = (item.account, item.instrument) in known.counted
    return CheckedItem(item, "confirmed", "" if counted else "account_not_counted")


def _require_named(item: ReconcilingItem, known: Known) -> None:
    if item.account not in known.declared:
        raise _Unfit("account_not_declared")
    if not item.txids:
        raise _Unfit("no_transaction")


def _heard(item: ReconcilingItem, txid: str, known: Known) -> Moved:
    """Give what the chain says of a transaction that is in a block and was not reverted."""
    answer = known.answers.get(Question(item.chain, "movement", txid))
    if answer is None:
        raise _Unfit("not_answered")
    try:
        found = decode_movement(answer)
    except ValueError as error:
        raise _Unfit("not_answered") from error
    if found.side == "absent":
        raise _Unfit("not_in_a_block")
    if found.status == "failed" and item.kind != "fee":
        raise _Unfit("failed")
    decimals = decimals_of(known.registry, item.chain, item.instrument)
    return Moved(found, item.chain, decimals, known.declared)


def _withdrawal(item: ReconcilingItem, known: Known, heard: tuple[Moved, ...]) -> None:
    """Sent by declared accounts alone, after the block, the amount to others."""
    (one,) = heard
    _require_side(one, "after")
    if not any(entry.address == address_of(item.account) for entry in one.debits):
        raise _Unfit("account_not_touched")
    _require_ours_alone(one)
    _require_amount(item, known, one, one.to_others)


def _deposit(item: ReconcilingItem, known: Known, heard: tuple[Moved, ...]) -> None:
    """Sent by others, up to the block, the amount to the account."""
    (one,) = heard
    _require_side(one, "pin")
    if any(one.ours(entry) for entry in one.debits):
        raise _Unfit("own_accounts_alone")
    _require_amount(item, known, one, one.reached(item.account))


def _transfer(item: ReconcilingItem, known: Known, heard: tuple[Moved, ...]) -> None:
    """Out of declared accounts up to the block, by way of a controlled one, and in again after."""
    out, back = heard
    _require_side(out, "pin")
    _require_side(back, "after")
    _require_ours_alone(out)
    _require_amount(item, known, back, back.reached(item.account))
    if any(back.ours(entry) for entry in back.debits):
        raise _Unfit("own_accounts_alone")
    via = {entry.address for entry in back.debits}
    if out.total(entry for entry in out.credits if entry.address in via) < _wanted(item, known):
        raise _Unfit("amount_differs")
    if not all(account_id(item.chain, address) in known.controlled for address in via):
        raise _Unfit("way_not_controlled")


def _fee(item: ReconcilingItem, known: Known, heard: tuple[Moved, ...]) -> None:
    """Paid to the network by declared accounts, up to the block; the amount is what was paid."""
    (one,) = heard
    _require_side(one, "pin")
    native = known.registry.chain(item.chain).native
    if native not in one.decimals:
        raise _Unfit("account_not_touched")
    paid, payer = one.movement.fee_units, one.movement.fee_payer
    if paid is None:
        raise _Unfit("fee_unknown")
    payers = [entry for entry in one.debits if not payer or entry.address == payer]
    if address_of(item.account) not in {entry.address for entry in payers}:
        raise _Unfit("account_not_touched")
    if not all(one.ours(entry) for entry in payers):
        raise _Unfit("others_spend_too")
    if Fraction(paid, 10 ** one.decimals[native]) != _wanted(item, known):
        raise _Unfit("amount_differs")


_CHECKS: Mapping[ItemKind, Callable[[ReconcilingItem, Known, tuple[Moved, ...]], None]] = {
    "withdrawal": _withdrawal,
    "deposit": _deposit,
    "transfer": _transfer,
    "fee": _fee,
}


def _require_side(one: Moved, side: Literal["pin", "after"]) -> None:
    if one.movement.side != side:
        raise _Unfit("wrong_side")


def _require_ours_alone(one: Moved) -> None:
    """Require that declared accounts alone spend the instrument."""
    if not one.debits:
        raise _Unfit("account_not_touched")
    if not all(one.ours(entry) for entry in one.debits):
        raise _Unfit("others_spend_too")


def _require_amount(
    item: ReconcilingItem, known: Known, one: Moved, entries: tuple[Entry, ...]
) -> None:
    if not entries:
        raise _Unfit("account_not_touched")
    if one.total(entries) != _wanted(item, known):
        raise _Unfit("amount_differs")


def _wanted(item: ReconcilingItem, known: Known) -> Fraction:
    return Fraction(item.units, 10 ** known.registry.instrument(item.instrument).decimals)
