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
    from collections.abc import Callable, Collection, Iterable, Mapping

    from chains.movement import Entry, Movement, Side
    from config.books.sample import SampleKind, SampleRow
    from config.caip import AccountId, ChainId, InstrumentId
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


@dataclass(frozen=True, slots=True)
class _Scene:
    """A transaction, and what it did to one instrument, seen from the declared accounts.

    Made once for all rows that it is about, since a batch pays thousands. Amounts are in display
    units of the instrument.
    """

    movement: Movement
    declared: Collection[AccountId]
    decimals: int
    """Of the instrument."""
    spent: frozenset[str]
    """Declared addresses that spend."""
    others_spend: bool
    reached: Mapping[str, Fraction]
    """What each declared address receives."""
    arrived: frozenset[Fraction]
    """The same amounts."""
    paid: frozenset[Fraction]
    """What each other address receives, and all of them together; empty if none does."""
    seen: frozenset[Fraction]
    """What any address receives."""
    hides: bool
    """Whether contracts may move the instrument unseen."""


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
    grouped: dict[tuple[Question, InstrumentId], list[tuple[int, SampleRow]]] = {}
    for place, row in enumerate(rows):
        grouped.setdefault((_question(row), row.instrument), []).append((place, row))
    found: dict[int, Traced] = {}
    for (question, instrument), named in grouped.items():
        scene = _scene(answers.get(question), question.chain, instrument, registry, declared)
        found |= {place: _judged(row, scene) for place, row in named}
    return tuple(found[place] for place in range(len(found)))


def _question(row: SampleRow) -> Question:
    return Question(row.chain, "movement", row.txid)


def _scene(
    answer: str | None,
    chain: ChainId,
    instrument: InstrumentId,
    registry: Registry,
    declared: Collection[AccountId],
) -> _Scene | None:
    """Look at an answer; None if there is none that can be read."""
    try:
        movement = decode_movement(answer or "")
    except ValueError:
        return None
    moved = Moved(movement, chain, decimals_of(registry, chain, instrument), declared)
    spent = frozenset(one.address for one in moved.debits if moved.ours(one))
    reached = _sums(moved, (one for one in moved.credits if moved.ours(one)))
    others = _sums(moved, moved.to_others).values()
    row = registry.chain(chain)
    return _Scene(
        movement=movement,
        declared=declared,
        decimals=registry.instrument(instrument).decimals,
        spent=spent,
        others_spend=any(one.address not in spent for one in moved.debits),
        reached=reached,
        arrived=frozenset(reached.values()),
        paid=frozenset((*others, sum(others, Fraction(0)))) if others else frozenset(),
        seen=frozenset((*others, *reached.values())),
        hides=row.family == "evm" and row.native in moved.decimals,
    )


def _sums(moved: Moved, entries: Iterable[Entry]) -> dict[str, Fraction]:
    """Add up entries by address, in display units of the instrument."""
    sums: dict[str, Fraction] = {}
    for one in entries:
        sums[one.address] = sums.get(one.address, Fraction(0)) + moved.total((one,))
    return sums


def _judged(row: SampleRow, scene: _Scene | None) -> Traced:
    if scene is None:
        return Traced(row, "not_answered")
    movement = scene.movement
    if movement.side == "absent":
        return Traced(row, "not_in_a_block", movement.side)
    verdict = "failed" if movement.status == "failed" else _verdict(row, scene)
    return Traced(row, verdict, movement.side, movement.height)


def _verdict(row: SampleRow, scene: _Scene) -> TraceVerdict:
    if row.account is not None and row.account not in scene.declared:
        # The ledger itself says so, whatever is seen.
        return "not_ours"
    named = None if row.account is None else address_of(row.account)
    wanted = Fraction(row.units, 10**scene.decimals)
    verdict = _JUDGES[row.kind](scene, named, wanted)
    hidden = scene.hides and wanted not in scene.seen and verdict in _MAY_HIDE[row.kind]
    return "not_visible" if hidden else verdict


def _deposit(scene: _Scene, named: str | None, wanted: Fraction) -> TraceVerdict:
    """Judge a deposit: the amount reaches a declared account, and others have sent it."""
    if not scene.reached:
        return "not_ours"
    if named is not None and named not in scene.reached:
        return "account_not_touched"
    if scene.spent and not scene.others_spend:
        return "own_accounts_alone"
    exact = wanted in scene.arrived if named is None else wanted == scene.reached[named]
    return "touches" if exact else "amount_differs"


def _withdrawal(scene: _Scene, named: str | None, wanted: Fraction) -> TraceVerdict:
    """Judge a withdrawal: declared accounts alone spend, and others receive the amount."""
    if not scene.spent:
        return "not_ours"
    if named is not None and named not in scene.spent:
        return "account_not_touched"
    if scene.others_spend:
        return "others_spend_too"
    if scene.reached and not scene.paid:
        return "own_accounts_alone"
    return "touches" if wanted in scene.paid else "amount_differs"


_JUDGES: Mapping[SampleKind, Callable[[_Scene, str | None, Fraction], TraceVerdict]] = {
    "deposit": _deposit,
    "withdrawal": _withdrawal,
}
