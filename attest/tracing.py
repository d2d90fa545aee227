"""Tracing deposits and withdrawals of the ledger: do their transactions touch declared accounts?

Each row is held against what its chain says of the transaction it names. A deposit `touches` if its
amount reaches a declared account, the named one if one is named. A withdrawal `touches` if declared
accounts alone spend the instrument, and somebody else receives its amount: at one address, since a
batch pays many at once, or in all. On which side of the pinned block it lies does not matter here.

What is found otherwise contradicts the ledger or the list of accounts, and the verdict that the
tracing is for is `not_ours`: a payment of customers that went by a wallet nobody declared. What is
not answered, or cannot be seen, is unknown, and never passes.

Native coin of EVM chains that a contract moves is in no answer (`chains.evm.movement`). A row of it
that does not hold is `not_visible` where nobody is seen to receive its amount; a deposit of which a
declared account receives another amount is judged all the same.

Refused: joining rows of one transaction to compare their sum. A row that does not fit could then be
made up for by another.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from attest.moved import Moved, decimals_of
from chains.movement import decode_movement
from chains.snapshot import Question
from config.caip import address_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from chains.movement import Entry, Side
    from config.books.sample import SampleKind, SampleRow
    from config.caip import AccountId
    from config.registry import Registry

TraceVerdict: TypeAlias = Literal[
    "touches",
    "not_ours",
    "account_not_touched",
    "amount_differs",
    "own_accounts_alone",
    "others_spend_too",
    "failed",
    "not_visible",
    "not_in_a_block",
    "not_answered",
]
WORDS: Mapping[TraceVerdict, str] = {
    "touches": "it moves the amount between a declared account and others",
    "not_ours": "it goes by wallets that are not declared",
    "account_not_touched": "it moves the instrument at declared accounts, and not at the named one",
    "amount_differs": "it moves another amount",
    "own_accounts_alone": "it moves between declared accounts alone",
    "others_spend_too": "coins of accounts that are not declared are spent in it",
    "failed": "it was reverted in its block",
    "not_visible": "contracts may have moved the coins, which no node shows",
    "not_in_a_block": "the transaction is in no block",
    "not_answered": "the chain was not asked, or its sources do not tell or agree",
}
"""What each verdict says, in words for people."""
UNKNOWN: frozenset[TraceVerdict] = frozenset({"not_visible", "not_in_a_block", "not_answered"})
"""Verdicts that nothing is known by; all others but `touches` contradict the row."""
_MAY_HIDE: Mapping[SampleKind, frozenset[TraceVerdict]] = {
    "deposit": frozenset({"not_ours", "account_not_touched"}),
    "withdrawal": frozenset(
        {"not_ours", "account_not_touched", "amount_differs", "own_accounts_alone"}
    ),
}
"""Verdicts that may be wrong where contracts move coins unseen."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A row and what became of it."""

    row: SampleRow
    verdict: TraceVerdict
    side: Side | None = None
    """Of the pinned block; None if there is no answer."""
    height: int | None = None
    """Of its block, if that is not above the pinned one."""

    @property
    def contradicted(self) -> bool:
        """Tell whether the chain contradicts the row."""
        return self.verdict != "touches" and self.verdict not in UNKNOWN


def trace_questions(rows: Iterable[SampleRow]) -> tuple[Question, ...]:
    """List what the chains are asked because of the rows, each transaction once."""
    return tuple(dict.fromkeys(_question(row) for row in rows))


def trace_rows(
    rows: Iterable[SampleRow],
    registry: Registry,
    declared: Collection[AccountId],
    answers: Mapping[Question, str],
) -> tuple[Traced, ...]:
    """Trace every row, in order.

    Args:
        rows: the rows.
        registry: gives the assets that are an instrument.
        declared: every declared account.
        answers: what the chains answered.
    """
    return tuple(_trace(row, registry, declared, answers) for row in rows)


def _question(row: SampleRow) -> Question:
    return Question(row.chain, "movement", row.txid)


def _trace(
    row: SampleRow,
    registry: Registry,
    declared: Collection[AccountId],
    answers: Mapping[Question, str],
) -> Traced:
    try:
        found = decode_movement(answers.get(_question(row), ""))
    except ValueError:
        return Traced(row, "not_answered")
    if found.side == "absent":
        return Traced(row, "not_in_a_block", found.side)
    moved = Moved(found, row.chain, decimals_of(registry, row.chain, row.instrument), declared)
    wanted = Fraction(row.units, 10 ** registry.instrument(row.instrument).decimals)
    verdict: TraceVerdict = "failed"
    if found.status == "success":
        verdict = _JUDGES[row.kind](row, moved, wanted)
        if verdict in _MAY_HIDE[row.kind] and _may_hide(row, moved, wanted, registry):
            verdict = "not_visible"
    return Traced(row, verdict, found.side, found.height)


def _may_hide(row: SampleRow, moved: Moved, wanted: Fraction, registry: Registry) -> bool:
    """Tell whether a contract may have moved the row's coins to or from a declared account."""
    chain = registry.chain(row.chain)
    if chain.family != "evm" or chain.native not in moved.decimals:
        return False
    return not _is_strange(row, moved.declared) and wanted not in _amounts(moved, moved.credits)


def _deposit(row: SampleRow, moved: Moved, wanted: Fraction) -> TraceVerdict:
    """Judge a deposit: the amount reaches a declared account, and others have sent it."""
    reached = tuple(one for one in moved.credits if moved.ours(one))
    if not reached or _is_strange(row, moved.declared):
        return "not_ours"
    named = reached if row.account is None else moved.reached(row.account)
    if not named:
        return "account_not_touched"
    if moved.debits and all(moved.ours(one) for one in moved.debits):
        return "own_accounts_alone"
    return "touches" if wanted in _amounts(moved, named) else "amount_differs"


def _withdrawal(row: SampleRow, moved: Moved, wanted: Fraction) -> TraceVerdict:
    """Judge a withdrawal: declared accounts alone spend, and others receive the amount."""
    spent = tuple(one for one in moved.debits if moved.ours(one))
    if not spent or _is_strange(row, moved.declared):
        return "not_ours"
    if row.account is not None and address_of(row.account) not in {one.address for one in spent}:
        return "account_not_touched"
    if len(spent) < len(moved.debits):
        return "others_spend_too"
    if moved.credits and not moved.to_others:
        return "own_accounts_alone"
    received = {*_amounts(moved, moved.to_others), moved.total(moved.to_others)}
    return "touches" if wanted in received else "amount_differs"


_JUDGES = {"deposit": _deposit, "withdrawal": _withdrawal}


def _is_strange(row: SampleRow, declared: Collection[AccountId]) -> bool:
    """Tell whether the ledger itself names an account that is not declared."""
    return row.account is not None and row.account not in declared


def _amounts(moved: Moved, entries: Iterable[Entry]) -> set[Fraction]:
    """Give what each address receives, in display units of the instrument."""
    sums: dict[str, Fraction] = {}
    for one in entries:
        sums[one.address] = sums.get(one.address, Fraction(0)) + moved.total((one,))
    return set(sums.values())
