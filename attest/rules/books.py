"""Rules about the books: allocations, encumbrances, reconciling items, what is left unexplained."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, get_args

from attest.allocating import Fault
from attest.reckoning import TABLE, reckon
from attest.rules.case import NAMED, Result, write_ratio
from config.amount import format_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.allocating import Misallocation
    from attest.items import CheckedItem, ItemReason
    from attest.reckoning import Reckoning
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters

FAULTS: Mapping[Fault, str] = {
    "more_than_held": "the rows give more than is held, so none of it is allocated",
    "less_than_held": "the rows give less than is held; the rest covers nobody",
    "owner_differs": "a row gives to another owner than the account's, so none of it is allocated",
    "not_declared": "no declared account, or an asset that is not read there",
    "not_read": "the balance is not known",
}
"""What is wrong with the rows of an account, in words for people."""

REASONS: Mapping[ItemReason, str] = {
    "no_transaction": "no transaction is named",
    "not_answered": "the chain was not asked, or its sources do not agree",
    "not_in_a_block": "the transaction is in no block",
    "account_not_declared": "the account is not declared",
    "account_not_touched": "the transaction does not move the instrument at the account",
    "wrong_side": "it lies on the other side of the pinned block",
    "failed": "it was reverted in its block",
    "amount_differs": "it moves another amount",
    "others_spend_too": "coins of accounts that are not declared are spent in it",
    "own_accounts_alone": "it moves between declared accounts",
    "fee_unknown": "the chain does not say what was paid to the network",
    "way_not_controlled": "nobody proved control of where the coins were",
    "used_before": "an earlier row counts the same transaction",
    "account_not_counted": "holdings of the account count for nothing",
}
"""Why an item changes no figure, in words for people."""


def misallocated(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """misallocated/1: name every account whose allocation rows have one of some faults.

    Parameters: `faults`, of `attest.allocating.Fault`.
    """
    faults = parameters.words_of("faults", get_args(Fault))
    if case.inputs.books.allocations is None:
        return (Result("not_applicable", "", "no allocations were given"),)
    found = [one for one in case.misallocated if one.fault in faults]
    if not found:
        return (Result("pass", "", "every allocation gives exactly what is held"),)
    named = tuple(_misallocated(one) for one in found[:NAMED])
    if len(found) == len(named):
        return named
    return (*named, Result("breach", "", f"and {len(found) - len(named)} more"))


def _misallocated(one: Misallocation) -> Result:
    held = "not known" if one.held is None else str(one.held)
    lines = ", ".join(map(str, one.lines))
    return Result(
        "breach",
        one.account,
        f"{one.asset}, lines {lines}: {FAULTS[one.fault]}: stated {one.stated}, held {held}",
        {"asset": one.asset, "stated": str(one.stated), "held": held, "fault": one.fault},
    )


def free_coverage(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """free_coverage/1: what is owed is covered by holdings that are tied to nothing, too.

    Takes no parameters; counts what the table of the report counts.
    """
    del parameters
    if case.inputs.books.allocations is None:
        text = "not known: nothing is said of encumbrances, because no allocations were given"
        return (Result("not_applicable", "", text),)
    reckoned = reckon(case.material, TABLE)
    found = tuple(_free(case, one) for one in reckoned if one.owed and _compared(case, one))
    return found or (Result("not_applicable", "", "nothing is owed"),)


def _compared(case: Case, one: Reckoning) -> bool:
    """Tell whether an instrument is compared, and not left out."""
    return one.instrument not in case.out


def _free(case: Case, one: Reckoning) -> Result:
    owed, free = one.owed or 0, one.free_held or 0
    decimals = case.inputs.registry.instrument(one.instrument).decimals
    share = write_ratio(Fraction(free, owed))
    text = (
        f"{one.instrument}: {format_decimal(free, decimals)} of what is held on chain is free, "
        f"{share} of what is owed"
    )
    facts = {"free": str(free), "owed": str(owed), "coverage": share}
    return Result("pass" if free >= owed else "breach", one.instrument, text, facts)


def reconciling_items(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """reconciling_items/1: name every reconciling item that its chain does not confirm.

    Takes no parameters.
    """
    del parameters
    if not case.items:
        return (Result("not_applicable", "", "no reconciling items were given"),)
    found = [one for one in case.items if one.verdict != "confirmed"]
    counts = Counter(one.verdict for one in case.items)
    text = f"{counts['confirmed']} of {len(case.items)} items are confirmed by their chains"
    idle = sum(one.verdict == "confirmed" and not one.counts for one in case.items)
    if idle:
        text = f"{text}, {idle} of them of accounts that count for nothing"
    facts = {word: str(counts[word]) for word in ("confirmed", "contradicted", "unchecked")}
    if not found:
        return (Result("pass", "", text, facts),)
    return (Result("breach", "", text, facts), *(_item(one) for one in found[:NAMED]))


def _item(one: CheckedItem) -> Result:
    item = one.item
    return Result(
        "breach",
        item.instrument,
        f"{item.kind} on line {item.line} is {one.verdict} and counts nowhere: "
        f"{REASONS[one.reason]}",
        {
            "line": str(item.line),
            "units": str(item.units),
            "transactions": " ".join(item.txids),
            "verdict": one.verdict,
            "reason": one.reason,
        },
    )


def unexplained(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """unexplained/1: with reconciling items given, ledger and holdings agree to the unit.

    Takes no parameters. Without items nobody claims that they do.
    """
    del parameters
    if not case.inputs.books.reconciling:
        return (Result("not_applicable", "", "no reconciling items were given"),)
    reckoned = reckon(case.material, TABLE)
    compared = (one for one in reckoned if one.owed is not None and _compared(case, one))
    found = tuple(_unexplained(case, one) for one in compared)
    return found or (Result("not_applicable", "", "nothing is owed"),)


def _unexplained(case: Case, one: Reckoning) -> Result:
    left = one.unexplained or 0
    decimals = case.inputs.registry.instrument(one.instrument).decimals
    text = f"{one.instrument}: {format_decimal(left, decimals)} is left unexplained"
    return Result("breach" if left else "pass", one.instrument, text, {"unexplained": str(left)})
