"""Parts of what is held for customers, as rules of custody ask for them, by instrument.

| part | what is in it |
|---|---|
| `online` | customers' coins that are not both cold and with the entity itself |
| `offline` | customers' coins that are both, under proved control |
| `offline_held` | all that may be customers' and is both, whether control is proved or not |
| `self_held` | customers' coins that no custodian states over his signature |
| `entrusted` | customers' coins that a custodian states over his signature |
| `held` | all that is held for customers, wherever |
| `guarantee` | the entity's own coins against customers' online ones: cold, with itself, untied |

A part that a rule bounds from above takes whatever may be in it: amounts whose control is refuted
or not shown, owners that are mixed, and what is allocated to nobody. A part that a rule bounds from
below takes what is shown alone. So no vague word, failed proof or relabelled row helps, and nothing
that was not read is taken for nothing: `unread` names the accounts that could be in a part.

Money that customers are owed is no crypto asset and in no part.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, TypeAlias

from attest.committed import grade_of
from attest.lines import in_instrument
from attest.pins import is_bound
from config.books.liabilities import OWED_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.book_records import ObligationGrade
    from attest.lines import Line
    from attest.rules.case import Case
    from config.accounts import Account
    from config.caip import AccountId, InstrumentId

Part: TypeAlias = Literal[
    "online", "offline", "offline_held", "self_held", "entrusted", "held", "guarantee"
]

UNNAMED = "not stated"
"""What the signing domain of accounts is called that name none."""
MAYBE_CUSTOMERS = frozenset({"customer", "mixed", "unallocated"})
SHOWN = frozenset({"controlled", "derived"})
FREE = frozenset({"free", "undeclared"})


def _online(line: Line) -> bool:
    return _maybe_customers(line) and not _cold_and_own(line)


def _offline(line: Line) -> bool:
    return line.key.owner == "customer" and _cold_and_own(line) and line.key.band in SHOWN


def _offline_held(line: Line) -> bool:
    return _maybe_customers(line) and _cold_and_own(line)


def _self_held(line: Line) -> bool:
    return _maybe_customers(line) and not _vouched(line)


def _entrusted(line: Line) -> bool:
    return line.key.owner == "customer" and _vouched(line)


def _guarantee(line: Line) -> bool:
    own = line.key.owner == "guarantee" and _cold_and_own(line)
    return own and line.key.band in SHOWN and line.key.tie in FREE


def _maybe_customers(line: Line) -> bool:
    return line.key.owner in MAYBE_CUSTOMERS


def _cold_and_own(line: Line) -> bool:
    return line.key.method == "cold" and line.key.holder == "self"


def _vouched(line: Line) -> bool:
    return line.key.band == "attested" and line.key.basis == "signed"


PARTS: Mapping[Part, Callable[[Line], bool]] = {
    "online": _online,
    "offline": _offline,
    "offline_held": _offline_held,
    "self_held": _self_held,
    "entrusted": _entrusted,
    "held": _maybe_customers,
    "guarantee": _guarantee,
}
PART_WORDS: Mapping[Part, str] = {
    "online": "kept online",
    "offline": "kept offline",
    "offline_held": "kept offline, control proved or not",
    "self_held": "kept by the entity itself",
    "entrusted": "kept by custodians who sign for it",
    "held": "held for customers",
    "guarantee": "held as guarantee assets",
}
"""Each part in words."""


def part_of(case: Case, part: Part) -> dict[InstrumentId, int]:
    """Give the base units of each instrument in a part, those that are in it at all."""
    registry, takes = case.inputs.registry, PARTS[part]
    chosen: defaultdict[str, list[Line]] = defaultdict(list)
    for line in case.lines:
        if line.key.instrument and takes(line):
            chosen[line.key.instrument].append(line)
    rows = {registry.instrument(name): lines for name, lines in sorted(chosen.items())}
    return {row.id: in_instrument(lines, registry) for row, lines in rows.items() if not row.money}


def owed_of(case: Case) -> dict[InstrumentId, int]:
    """Give the base units of each crypto asset that customers are owed, sorted by name."""
    registry = case.inputs.registry
    owed = sorted(case.inputs.books.owed().items())
    return {name: units for name, units in owed if not registry.instrument(name).money}


def owed_grade(case: Case) -> ObligationGrade:
    """Give how what is owed is known, by the total that is known least."""
    inputs, owed = case.inputs, case.inputs.books.owed()
    bound = is_bound(inputs, case.as_of, case.snapshot)
    grades = {
        grade_of(inputs.committed, one, owed.get(one.instrument), bound=bound)
        for one in inputs.books.liabilities
        if one.kind in OWED_KINDS
    }
    return "committed" if grades == {"committed"} else "declared"


def signing_domains(case: Case) -> dict[AccountId, str]:
    """Give the signing domain of each declared account, empty where none is stated.

    Names that differ in case alone are one, as the first of them is written: two spellings of a
    vault must not make two of it. Nor does the word for no domain make one.
    """
    rows = case.inputs.accounts.rows
    spelled: dict[str, str] = {UNNAMED: "", "": ""}
    for name in sorted({row.signing_domain for row in rows}):
        spelled.setdefault(name.casefold(), name)
    return {row.id: spelled[row.signing_domain.casefold()] for row in rows}


def unread(case: Case, part: Part) -> tuple[AccountId, ...]:
    """Name the declared accounts that could be in a part and were not read, sorted."""
    failed = {one.account for chain in case.snapshot.chains for one in chain.failures}
    rows = (one for one in case.inputs.accounts.rows if one.id in failed)
    return tuple(sorted(one.id for one in rows if _could_be(one, part)))


def _could_be(account: Account, part: Part) -> bool:
    cold_and_own = account.method == "cold" and account.holder == "self"
    if part == "guarantee":
        return account.owner in {"guarantee", "mixed"} and cold_and_own
    if account.owner not in MAYBE_CUSTOMERS or part == "entrusted":
        return False
    if part in {"offline", "offline_held"}:
        return cold_and_own
    return part != "online" or not cold_and_own
