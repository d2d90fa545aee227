"""Rules about what the books state: custodians, borrowings, own assets, documents, scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.rules.case import NAMED, Result
from config.amount import format_decimal
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.custodians import PoolFaultCode
    from attest.own_assets import OwnCheck, OwnVerdict
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from config.caip import InstrumentId

POOL_FAULTS: Mapping[PoolFaultCode, str] = {
    "more_than_pool": "custodians state more than lies there, so none of it counts",
    "pool_not_read": "what lies there is not known, so what custodians state of it does not count",
    "pool_declared": "it is declared as an account too; it counts for nothing itself",
}
OWN_VERDICTS: Mapping[OwnVerdict, str] = {
    "as_declared": "code and decimals are as declared",
    "other_code": "the code at its contract is another one, so it counts for nothing",
    "other_decimals": "its contract says other decimals, so it counts for nothing",
    "not_answered": "its contract was not heard, so it counts for nothing",
}
FILES = ("custody", "reserves")


def pools(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """pools/1: what custodians state of a shared address lies there, once. Takes no parameters."""
    del parameters
    if case.inputs.books.custody is None:
        return (Result("not_applicable", "", "no statements of custodians were given"),)
    return tuple(
        Result(
            "breach",
            one.pool,
            f"{one.asset}: {POOL_FAULTS[one.fault]}: stated {one.stated}, "
            f"held {'not known' if one.held is None else one.held}",
            {"asset": one.asset, "fault": one.fault, "stated": str(one.stated)},
        )
        for one in case.pool_faults
    ) or (Result("pass", "", "what custodians state of shared addresses lies there"),)


def undeclared_debt(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """undeclared_debt/1: the books name what debt tokens say is borrowed. Takes no parameters."""
    del parameters
    found = []
    for name, debt in case.debts.items():
        decimals = case.inputs.registry.instrument(name).decimals
        chain, books = (format_decimal(one, decimals) for one in (debt.on_chain, debt.declared))
        text = f"{name}: debt tokens say {chain} is borrowed, the books say {books}"
        facts = {"on_chain": str(debt.on_chain), "declared": str(debt.declared)}
        hidden = debt.on_chain > debt.declared
        found.append(Result("breach" if hidden else "pass", name, text, facts))
    return tuple(found) or (Result("not_applicable", "", "nothing is borrowed"),)


def own_assets(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """own_assets/1: tokens of the entity's own file are what they were declared to be."""
    del parameters
    if not case.own_checks:
        return (Result("not_applicable", "", "no assets of the entity's own are declared"),)
    return tuple(_own(one) for one in case.own_checks)


def _own(one: OwnCheck) -> Result:
    text = f"declared by the entity itself: {OWN_VERDICTS[one.verdict]}"
    if one.verdict == "as_declared":
        return Result("pass", one.asset, text)
    unknown = one.verdict == "not_answered"
    return Result("unknown" if unknown else "breach", one.asset, text, {"verdict": one.verdict})


def statements(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """statements/1: every signed statement agrees with the row that names it. No parameters."""
    del parameters
    signed = [(key, one) for key, one in case.inputs.shown.items() if one.keyid or one.fault]
    if not signed:
        return (Result("not_applicable", "", "no row of the books names a signed statement"),)
    wrong = [(key, one) for key, one in signed if one.fault]
    text = f"{len(signed) - len(wrong)} of {len(signed)} signed statements agree with their rows"
    if not wrong:
        return (Result("pass", "", text),)
    named = tuple(
        Result(
            "breach",
            " ".join(key),
            f"the signed statement does not agree with the row: {one.fault}",
            {"reason": one.fault},
        )
        for key, one in wrong[:NAMED]
    )
    return (Result("breach", "", text), *named)


def stale_rows(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """stale_rows/1: rows of a file of the books are of the statement's time.

    Parameters: `file`, `custody` or `reserves`, and `maximum_seconds`.
    """
    file = parameters.word("file", FILES)
    maximum = parameters.whole("maximum_seconds")
    books = case.inputs.books
    rows: list[tuple[str, int]] = []
    if file == "custody" and books.custody is not None:
        rows = [(one.where, one.as_of) for one in books.custody.statements]
    if file == "reserves" and books.reserves is not None:
        rows = [(one.where, one.as_of) for one in books.reserves.reserves]
        rows += [(one.where, one.as_of) for one in books.reserves.borrowings]
    if not rows:
        return (Result("not_applicable", "", f"{file}.toml states nothing of a time"),)
    stale = [(where, as_of) for where, as_of in rows if abs(case.as_of - as_of) > maximum]
    return tuple(
        Result(
            "breach",
            where,
            f"it is of {format_time(as_of)}, {abs(as_of - case.as_of)} seconds from "
            f"{format_time(case.as_of)}",
            {"age_seconds": str(case.as_of - as_of), "maximum_seconds": str(maximum)},
        )
        for where, as_of in stale[:NAMED]
    ) or (Result("pass", "", f"{len(rows)} rows, each within {maximum} seconds"),)


def instrument_scope(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """instrument_scope/1: every instrument that is owed is compared. Takes no parameters."""
    del parameters
    own = case.inputs.books.own
    out = () if own is None else own.out
    owed = case.inputs.books.owed()
    return tuple(
        Result(
            "breach",
            one.instrument,
            f"left out of the comparison: {_owed(case, one.instrument, owed)}, {one.reason}",
            {"owed": str(owed.get(one.instrument, ""))},
        )
        for one in out
    ) or (Result("pass", "", "every instrument that is owed is compared"),)


def _owed(case: Case, instrument: InstrumentId, owed: Mapping[InstrumentId, int]) -> str:
    units = owed.get(instrument)
    if units is None:
        return "nothing is stated as owed"
    return f"owed {format_decimal(units, case.inputs.registry.instrument(instrument).decimals)}"
