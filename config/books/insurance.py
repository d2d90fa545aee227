"""Policies of insurance, the tables `[[insurance]]` of reserves.toml.

    [[insurance]]
    insurer = "Example Mutual"
    policy = "CR-2026-118"
    currency = "jpy"
    limit = "3000000000"
    deductible = "0"
    scope = ["hot", "cold"]
    perils = ["theft", "insider", "key_loss"]
    from = "2026-04-01T00:00:00+09:00"
    until = "2027-04-01T00:00:00+09:00"

| peril | loss by |
|---|---|
| `theft` | somebody outside, among them theft by intrusion |
| `insider` | somebody inside |
| `key_loss` | keys destroyed or lost |
| `fraud` | deception of the entity or its staff |
| `custodian_failure` | a third party that holds the coins failing |
| `other` | what the policy names besides |

`scope` says which holdings are insured, by how they are kept. A policy pays up to its limit less
its deductible, from `from` up to `until`. Refused: a policy stated twice, one that ends before it
begins, a deductible above the limit, no scope or peril, and a signature, since no form of an
insurer's signed statement is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as model

from config.amount import parse_decimal
from config.books.document import Document, check_document
from config.books.parties import refuse_signature
from config.books.tables import places, refuse_twice
from config.declaration import Name  # noqa: TC001 - the model reads the annotation at run time
from config.strict import STRICT
from config.times import parse_time

if TYPE_CHECKING:
    from config.books.tables import Table
    from config.caip import InstrumentId
    from config.registry import Registry

InsuredScope = Literal["hot", "cold"]
Peril = Literal["theft", "insider", "key_loss", "fraud", "custodian_failure", "other"]


@model(frozen=True, slots=True, config=STRICT)
class InsuranceRow:
    """A table, its texts not read yet."""

    insurer: Name
    policy: Name
    currency: Name
    limit: str
    deductible: str
    scope: tuple[InsuredScope, ...]
    perils: tuple[Peril, ...]
    until: str
    since: str = Field(alias="from")
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Insurance:
    """A policy."""

    where: str
    insurer: str
    policy: str
    """The policy's number or name, in the insurer's words."""
    currency: InstrumentId
    limit: int
    """Base units of the currency, above zero."""
    deductible: int
    """Base units of the currency, no more than the limit."""
    decimals: int
    scope: tuple[InsuredScope, ...]
    perils: tuple[Peril, ...]
    since: int
    """Unix seconds from which it covers."""
    until: int
    """Unix seconds at which it ends, later than `since`."""
    document: Document | None


def read_insurance(
    rows: tuple[InsuranceRow, ...], name: str, registry: Registry
) -> tuple[Insurance, ...]:
    """Make the policies of a file's tables.

    Raises:
        InputError: as the module says, with the key path.
    """
    tables = places(name, "insurance", rows)
    found = tuple(_policy(table, row, registry) for table, row in zip(tables, rows, strict=True))
    refuse_twice(tables, "policy", [(one.insurer, one.policy) for one in found])
    return found


def _policy(table: Table, row: InsuranceRow, registry: Registry) -> Insurance:
    _check_words(table, "scope", row.scope)
    _check_words(table, "perils", row.perils)
    check_document(row.document, table)
    refuse_signature(row.document, table)
    currency = table.read("currency", registry.instrument, row.currency)
    limit = table.read("limit", parse_decimal, row.limit, currency.decimals)
    deductible = table.read("deductible", parse_decimal, row.deductible, currency.decimals)
    if not limit:
        raise table.error("limit", "limit is zero", "leave the policy out")
    if deductible > limit:
        what = f"deductible {row.deductible} is above the limit {row.limit}"
        raise table.error("deductible", what)
    since = table.read("from", parse_time, row.since)
    until = table.read("until", parse_time, row.until)
    if until <= since:
        raise table.error("until", f"ends at {row.until}, begins at {row.since}")
    return Insurance(
        where=table.where,
        insurer=row.insurer,
        policy=row.policy,
        currency=currency.id,
        limit=limit,
        deductible=deductible,
        decimals=currency.decimals,
        scope=row.scope,
        perils=row.perils,
        since=since,
        until=until,
        document=row.document,
    )


def _check_words(table: Table, key: str, words: tuple[str, ...]) -> None:
    if not words or len(set(words)) != len(words):
        raise table.error(key, "a word is given twice" if words else "empty")
