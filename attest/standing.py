"""What the predicate says of what stands beside the coins: custodians, reserves, facts, scope."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from attest.book_records import (
    BooksRecord,
    BorrowingRecord,
    CustodyRecord,
    FactRecord,
    InstrumentScope,
    InsuranceRecord,
    ReserveRecord,
    Scope,
)
from attest.books import UNSHOWN
from attest.rules.case import write_ratio
from attest.third_party import fields_of
from config.books.document import grade_of
from config.books.prices import PRICE_DECIMALS
from config.times import format_time

if TYPE_CHECKING:
    from attest.books import Shown
    from attest.inputs import Inputs
    from attest.reckoning import Reckoning
    from attest.rules.case import Case
    from config.caip import InstrumentId


def scope(case: Case, reckoned: tuple[Reckoning, ...]) -> Scope:
    """Say what is spoken of, and what was held or owed but not compared."""
    stray = {line.key.asset for line in case.lines if not line.key.instrument and line.units}
    owed = [one for one in reckoned if one.owed is not None]
    return Scope(
        subject_matter=case.inputs.declaration.attestation.scope,
        compared=tuple(one.instrument for one in owed if one.instrument not in case.out),
        held_only=tuple(one.instrument for one in reckoned if one.owed is None),
        not_counted=tuple(sorted(stray)),
        instruments=tuple(
            InstrumentScope(
                instrument=one.instrument,
                decimals=str(case.inputs.registry.instrument(one.instrument).decimals),
                amount=str(one.owed),
                compared=one.instrument not in case.out,
                reason=case.out.get(one.instrument, ""),
            )
            for one in owed
        ),
        shares=_shares(case, {one.instrument: one.owed or 0 for one in owed}),
    )


def _shares(case: Case, owed: dict[InstrumentId, int]) -> dict[str, str]:
    """Give the share of what is owed, by value, that is compared, in currencies that can tell."""
    prices = [one for one in case.inputs.books.prices if one.basis == "spot"]
    found = {}
    for currency in sorted({one.currency for one in prices}):
        known = {one.instrument: one.scaled for one in prices if one.currency == currency}
        known[currency] = 10**PRICE_DECIMALS
        if not owed.keys() <= known.keys():
            continue
        values = {
            name: Fraction(
                units * known[name], 10 ** case.inputs.registry.instrument(name).decimals
            )
            for name, units in owed.items()
        }
        total = sum(values.values(), Fraction())
        inside = sum((value for name, value in values.items() if name not in case.out), Fraction())
        if total:
            found[str(currency)] = write_ratio(inside / total)
    return found


def books(inputs: Inputs) -> BooksRecord:
    """Say what the books state besides what is owed and held on chain."""
    return BooksRecord(
        custody=_custody(inputs),
        reserves=_reserves(inputs),
        insurance=_insurance(inputs),
        borrowings=_borrowings(inputs),
        facts=_facts(inputs),
    )


def _custody(inputs: Inputs) -> tuple[CustodyRecord, ...]:
    """Say what custodians state."""
    rows = () if inputs.books.custody is None else inputs.books.custody.statements
    return tuple(
        CustodyRecord(
            custodian=one.custodian,
            account=one.account,
            asset=one.asset,
            decimals=str(one.decimals),
            amount=str(one.units),
            as_of=format_time(one.as_of),
            owner=one.owner,
            method=one.method,
            pool=one.pool,
            grade=_shown(inputs, "custody", one.where).grade,
            keyid=_shown(inputs, "custody", one.where).keyid or None,
        )
        for one in rows
    )


def _reserves(inputs: Inputs) -> tuple[ReserveRecord, ...]:
    """Say what is set aside."""
    rows = () if inputs.books.reserves is None else inputs.books.reserves.reserves
    return tuple(
        ReserveRecord(
            kind=one.kind,
            instrument=one.instrument,
            decimals=str(one.decimals),
            amount=str(one.units),
            holder=one.holder,
            as_of=format_time(one.as_of),
            grade=_shown(inputs, "reserves", one.where).grade,
            keyid=_shown(inputs, "reserves", one.where).keyid or None,
        )
        for one in rows
    )


def _insurance(inputs: Inputs) -> tuple[InsuranceRecord, ...]:
    """Say what is insured."""
    rows = () if inputs.books.reserves is None else inputs.books.reserves.insurance
    return tuple(
        InsuranceRecord(
            insurer=one.insurer,
            policy=one.policy,
            currency=one.currency,
            decimals=str(one.decimals),
            limit=str(one.limit),
            deductible=str(one.deductible),
            scope=one.scope,
            perils=one.perils,
            begins=format_time(one.since),
            ends=format_time(one.until),
            grade=grade_of(one.document, None),
        )
        for one in rows
    )


def _borrowings(inputs: Inputs) -> tuple[BorrowingRecord, ...]:
    """Say what the entity owes to lenders, by its books."""
    rows = () if inputs.books.reserves is None else inputs.books.reserves.borrowings
    return tuple(
        BorrowingRecord(
            lender=one.lender,
            instrument=one.instrument,
            decimals=str(one.decimals),
            amount=str(one.units),
            as_of=format_time(one.as_of),
            until=None if one.until is None else format_time(one.until),
            grade=grade_of(one.document, None),
        )
        for one in rows
    )


def _facts(inputs: Inputs) -> tuple[FactRecord, ...]:
    """Say what laws ask for and no chain or ledger says."""
    rows = () if inputs.books.facts is None else inputs.books.facts.facts
    found = []
    for one in rows:
        fields, shown = fields_of(one, ""), _shown(inputs, "facts", one.where)
        found.append(
            FactRecord(
                key=one.key,
                kind=one.kind,
                party=one.party,
                value=fields["value"],
                unit=one.unit,
                decimals=str(one.decimals),
                period=fields.get("period", ""),
                as_of=fields.get("asOf"),
                signer=one.signer,
                grade=shown.grade,
                keyid=shown.keyid or None,
            )
        )
    return tuple(found)


def _shown(inputs: Inputs, kind: str, where: str) -> Shown:
    return inputs.shown.get((kind, where), UNSHOWN)
