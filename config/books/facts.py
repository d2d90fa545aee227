"""facts.toml: what laws ask for and no chain or ledger says.

    [[party]]
    name = "Example Audit LLC"
    key = "books/keys/auditor.pub"

    [[fact]]
    key = "trading_volume"
    kind = "customer_spot"
    value = "36000000000000"
    unit = "jpy"
    period = "FY2026"

    [[fact]]
    key = "reconciliation_missed_days"
    value = 0
    period = { from = "2026-04-01", to = "2026-11-30" }

    [[fact]]
    key = "net_assets"
    value = "4200000000"
    unit = "jpy"
    as_of = "2026-09-30T15:00:00Z"

    [[fact]]
    key = "last_audit"
    kind = "customer_crypto"
    value = "2026-06-30"
    signer = "Example Audit LLC"
    document = { signature = "books/documents/audit-2026.dsse.json" }

    [[fact]]
    key = "custodian_tier"
    party = "Acme Trust"
    value = 2
    as_of = "2026-09-30T15:00:00Z"

Keys, and for each the form of its value and what it must say besides, are the table of
`config.books.fact_keys`. `period` is a fiscal year, `FY2026` for the one that begins in 2026 by the
calendar of the pack that asks, or the first and last day. `signer` is who says it, the entity
itself if it is left out.

A fact that is not stated is unknown, never zero: zero is stated. Refused besides what every file is
refused for: an unknown key or kind, a value of another form, a unit, period, time, kind or party
missing or given where the key has none, one thing stated twice, and a period that ends before it
begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pydantic import Field
from pydantic.dataclasses import dataclass as model

from config.amount import parse_decimal
from config.books.document import Document, check_document, document_paths
from config.books.fact_keys import FACT_KEYS, FactName
from config.books.parties import Party, check_parties, check_signer, key_paths
from config.books.tables import Table, open_tables, places, refuse_twice
from config.calendar import FISCAL_YEAR
from config.declaration import Name  # noqa: TC001 - the model reads the annotation at run time
from config.errors import InputError, shown
from config.strict import STRICT
from config.times import parse_date, parse_time

if TYPE_CHECKING:
    from datetime import date

    from config.books.fact_keys import FactKey
    from config.caip import InstrumentId
    from config.registry import Registry

SHARE_DECIMALS = 18
MAX_COUNT = 2**53 - 1
"""Larger integers have no canonical JSON (RFC 8785)."""


@model(frozen=True, slots=True, config=STRICT)
class _SpanRow:
    first: str = Field(alias="from")
    last: str = Field(alias="to")


@model(frozen=True, slots=True, config=STRICT)
class _Row:
    """A table `[[fact]]`, its texts not read yet."""

    key: FactName
    value: int | str
    kind: Name | None = None
    party: Name | None = None
    unit: Name | None = None
    period: _SpanRow | Name | None = None
    as_of: str | None = None
    signer: Name | None = None
    document: Document | None = None


@model(frozen=True, slots=True, config=STRICT)
class _File:
    fact: tuple[_Row, ...]
    party: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both counted, of the place the fact is about."""

    first: date
    last: date


Period: TypeAlias = "str | Span"
"""The label of a fiscal year, `FY2026`, whose days a pack's calendar says; or the days."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact."""

    where: str
    """Its place in the file: `fact.0`."""
    key: FactName
    kind: str
    """One of the key's kinds; empty if it has none."""
    party: str
    """Whom it is about; empty if the key is about nobody."""
    value: int | date
    """As the key's form says: base units, a count, a share times 10**SHARE_DECIMALS, a date, or
    Unix seconds."""
    unit: InstrumentId | None
    """What money is counted in; None if it is no money."""
    decimals: int
    """Decimal places by which the value was read: the unit's, SHARE_DECIMALS, or 0."""
    period: Period | None
    as_of: int | None
    """Unix seconds of the moment it is about; None if the key is of a period or an event."""
    signer: str
    """Who says it; empty: the entity."""
    document: Document | None


@dataclass(frozen=True, slots=True)
class Facts:
    """The whole file."""

    facts: tuple[Fact, ...]
    parties: tuple[Party, ...]

    def paths(self) -> tuple[str, ...]:
        """List the files that the rows name: documents, signatures and keys."""
        return document_paths([one.document for one in self.facts], key_paths(self.parties))

    def of(self, key: FactName, kind: str = "", party: str = "") -> tuple[Fact, ...]:
        """Give the facts of a key, kind and party, one a period, in file order."""
        return tuple(
            one for one in self.facts if (one.key, one.kind, one.party) == (key, kind, party)
        )


def parse_facts(data: bytes, name: str, registry: Registry) -> Facts:
    """Read facts.toml.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        registry: the instruments known, the entity's own among them.

    Raises:
        InputError: as the module says, with the key path.
    """
    file = open_tables(_File, data, name)
    check_parties(file.party, name, "party")
    if not file.fact:
        raise InputError.at(name, "fact", "empty", "leave the file out if there is none")
    tables = places(name, "fact", file.fact)
    facts = tuple(
        _fact(table, row, file.party, registry)
        for table, row in zip(tables, file.fact, strict=True)
    )
    refuse_twice(tables, "key", [(one.key, one.kind, one.party, one.period) for one in facts])
    found = Facts(facts, file.party)
    Table(name, "").read("", found.paths)
    return found


def _fact(table: Table, row: _Row, parties: tuple[Party, ...], registry: Registry) -> Fact:
    key = FACT_KEYS[row.key]
    _check_about(table, row, key)
    check_document(row.document, table)
    check_signer(row.document, row.signer or "", parties, table)
    unit, decimals = None, SHARE_DECIMALS if key.form == "share" else 0
    if row.unit is not None:
        instrument = table.read("unit", registry.instrument, row.unit)
        unit, decimals = instrument.id, instrument.decimals
    return Fact(
        where=table.where,
        key=row.key,
        kind=row.kind or "",
        party=row.party or "",
        value=_value(table, row.value, key, decimals),
        unit=unit,
        decimals=decimals,
        period=None if row.period is None else _period(table, row.period),
        as_of=None if row.as_of is None else table.read("as_of", parse_time, row.as_of),
        signer=row.signer or "",
        document=row.document,
    )


def _check_about(table: Table, row: _Row, key: FactKey) -> None:
    """Hold what the key must say, and what it has none of, against the row."""
    wanted = {
        "kind": (bool(key.kinds), row.kind),
        "party": (key.party, row.party),
        "unit": (key.form == "money", row.unit),
        "period": (key.over == "period", row.period),
        "as_of": (key.over == "as_of", row.as_of),
    }
    for field, (needed, met) in wanted.items():
        if needed and met is None:
            raise table.error(field, f"missing: {row.key} has one")
        if not needed and met is not None:
            raise table.error(field, f"{row.key} has none")
    if row.kind is not None and row.kind not in key.kinds:
        hint = f"one of: {', '.join(key.kinds)}"
        raise table.error("kind", f"{shown(row.kind)} is not known of {row.key}", hint)


def _value(table: Table, met: int | str, key: FactKey, decimals: int) -> int | date:
    """Read a value in the form of its key; a number without quotes is a count and nothing else."""
    if isinstance(met, int):
        if key.form != "count":
            raise table.error("value", f"number for a {key.form}: {met}", "write it in quotes")
        if not 0 <= met <= MAX_COUNT:
            raise table.error("value", f"count out of range: {met}, allowed are 0 to {MAX_COUNT}")
        return met
    match key.form:
        case "count":
            raise table.error("value", f"text for a count: {shown(met)}", "write it without quotes")
        case "date":
            return table.read("value", parse_date, met)
        case "time":
            return table.read("value", parse_time, met)
        case "money":
            return table.read("value", parse_decimal, met, decimals)
    share = table.read("value", parse_decimal, met, decimals)
    if share > 10**SHARE_DECIMALS:
        raise table.error("value", f"share above 1: {shown(met)}", "write 5 % as 0.05")
    return share


def _period(table: Table, stated: _SpanRow | str) -> Period:
    if isinstance(stated, str):
        if FISCAL_YEAR.fullmatch(stated) is None:
            hint = 'write "FY2026", or { from = "2026-04-01", to = "2027-03-31" }'
            raise table.error("period", f"period not understood: {shown(stated)}", hint)
        return stated
    first = table.read("period.from", parse_date, stated.first)
    last = table.read("period.to", parse_date, stated.last)
    if last < first:
        raise table.error("period.to", f"ends on {last}, begins on {first}")
    return Span(first, last)
