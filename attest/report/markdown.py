"""report.md: the predicate for people, from the first line to the last. Rendered from it alone.

Every text that came from a file is escaped, so that a name can be neither markup nor a link.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from attest.elements import required, unstated
from attest.report.forms import form_of, template
from attest.report.numbers import has_numbers, judges, numbers_of
from config.amount import format_decimal

if TYPE_CHECKING:
    from attest.findings import Finding
    from attest.predicate import Predicate

HEADLINES = {
    "pass": "PASS: every rule that applies is met",
    "fail": "FAIL: at least one rule is not met",
    "unknown": "UNKNOWN: at least one required rule could not be decided",
}
LEDGER = {
    "balance": "Balances of customers",
    "collateral": "Collateral that customers gave",
    "pending": "Withdrawals asked for and not yet debited",
}
"""Ledger kinds that customers are owed, in words."""
KINDS = {
    "withdrawal": "Withdrawals debited and not yet mined",
    "deposit": "Deposits mined and not yet credited",
    "transfer": "Transfers under way between accounts",
    "fee": "Network fees",
}
"""Kinds of reconciling items, in words."""
BASES = {
    "signature": "a signature over a text",
    "transfer": "a transaction that carries the text",
    "witness": "a witness's word",
    "signed": "a custodian's signed statement",
    "unvouched": "a statement signed by a key that is not trusted here",
    "stated": "a custodian's unsigned statement",
}
"""What a band was reached by, in words."""
_MARKUP = re.compile(r"([\\`*\[\]|<>~&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def escape(text: str) -> str:
    """Make text show as itself: markup escaped, control characters replaced."""
    return _MARKUP.sub(r"\\\1", _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))


def code(text: str) -> str:
    """Show an identifier as code; a backtick or control character in it is replaced."""
    clean = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).replace("`", "'").replace("|", "/")
    return f"`{clean}`"


def display(units: str, decimals: str) -> str:
    """Write base units in display units."""
    return format_decimal(int(units), int(decimals))


def render(predicate: Predicate) -> bytes:
    """Render the report; the same predicate gives the same bytes.

    Raises:
        InputError: the form that the statement names is not known.
    """
    source = template(form_of(predicate.tool.form).report)
    blocks = (
        ("Law and rules in force", predicate.findings.in_force),
        ("Proposals", predicate.findings.proposals),
        ("Stress", predicate.findings.stress),
    )
    text = (
        _environment()
        .from_string(source)
        .render(
            p=predicate,
            headline=HEADLINES[predicate.outcome],
            blocks=blocks,
            ledger=LEDGER,
            kinds=KINDS,
            bases=BASES,
            practitioner=required(predicate.engagement.standard, "practitioner"),
            unstated=unstated(predicate.engagement),
            numbered=any(judges(findings) for _, findings in blocks),
            open=[one for one in predicate.findings.in_force if _decides(one)],
        )
    )
    return text.encode()


def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - Markdown, escaped by its own finalizer, not HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    environment.filters.update(
        code=lambda text: _Safe(code(text)),
        units=_units,
        known=_known,
        percent=_percent,
        numbers=numbers_of,
        has_numbers=has_numbers,
        judges=judges,
    )
    return environment


def _decides(one: Finding) -> bool:
    """Tell whether a finding decides the outcome: it stands under the headline."""
    return one.status == "fail" or (one.status == "unknown" and one.required)


class _Safe(str):
    """Text that is already Markdown."""

    __slots__ = ()


def _units(units: str, decimals: str) -> _Safe:
    return _Safe(display(units, decimals))


def _known(units: str | None, decimals: str, otherwise: str) -> _Safe:
    """Write an amount, or a word where there is none."""
    return _Safe(otherwise) if units is None else _units(units, decimals)


def _percent(ratio: str) -> _Safe:
    """Write a ratio of twelve places as per cent with two, rounded down."""
    hundredths = int(ratio.replace(".", "")) // 10**8
    return _Safe(f"{format_decimal(hundredths, 2)} %")


def _finalize(value: object) -> str:
    return value if isinstance(value, _Safe) else escape(str(value))
