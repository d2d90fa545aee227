"""Rebuilding: an auditor makes a published commitment again from the ledger and the secret.

The trees are built under the published header, and must be the published trees byte for byte; the
header must be the one that this ledger gives. What comes of it is a list of differences, which is
empty, or names what differs. A liability that was rebuilt is of the best grade there is: its total
is the sum of the ledger's rows, each of which its customer can check. That the ledger is complete
no rebuilding shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.liabilities.committing import commit_ledger
from attest.liabilities.header import Edition, build_header, rules_in
from attest.statement import canonical
from config.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from attest.liabilities.build import Builder
    from attest.liabilities.committing import Sheets
    from attest.liabilities.header import Rule
    from config.ledger.totals import Ledger
    from proofs.liabilities.commitment import Commitment


@dataclass(frozen=True, slots=True)
class Difference:
    """What is another one than was published."""

    what: str
    published: str
    rebuilt: str


class OtherLedger(InputError):  # noqa: N818 - a verdict, named by what it is
    """The ledger has other assets than the published header, so that no tree can be compared."""

    def __init__(self, differences: tuple[Difference, ...]) -> None:
        super().__init__("the ledger's assets are not those of the published header")
        self.differences = differences


def rebuild(
    published: Commitment, sheets: Sheets, master: bytes, place: Path, builder: Builder
) -> tuple[Difference, ...]:
    """Build the trees of a published commitment again.

    Args:
        published: the commitment.
        sheets: the ledger.
        master: the secret of 32 bytes.
        place: where the private folder goes.
        builder: what does the work.

    Raises:
        RefusedLedger: rows of the ledger are refused.
        InputError: the header is none that can be built under; or a file is refused.
    """
    found: list[Difference] = []

    def header(ledger: Ledger) -> dict[str, object]:
        found.extend(_header_differences(published, ledger))
        if any(one.what.startswith("assets") for one in found):
            raise OtherLedger(tuple(found))
        return published.header

    try:
        made = commit_ledger(sheets, master, header, place, builder)
    except OtherLedger as other:
        return other.differences
    return (*found, *_tree_differences(published, made))


def _header_differences(published: Commitment, ledger: Ledger) -> list[Difference]:
    """Compare what the ledger decides of the header."""
    header = published.header
    own = build_header({}, ledger.assets, _rules(published, ledger), Edition())
    return [
        Difference(f"{key}.{place}", _text(said), _text(met))
        for key in ("assets", "ledger")
        for place, said, met in _unlike(header.get(key), own[key])
    ]


def _rules(published: Commitment, ledger: Ledger) -> tuple[Rule, ...]:
    """Give the published rules, one an asset of the ledger, as far as there are so many."""
    rules = rules_in(published.header)
    return tuple(rules[min(index, len(rules) - 1)] for index in range(len(ledger.assets)))


def _unlike(said: object, met: object) -> list[tuple[int, object, object]]:
    """List the entries of two lists that differ, by place."""
    if not isinstance(said, list) or not isinstance(met, list):
        return [(0, said, met)]
    size = max(len(said), len(met))
    both = ([*rows, *[None] * (size - len(rows))] for rows in (said, met))
    return [
        (place, one, other)
        for place, (one, other) in enumerate(zip(*both, strict=True))
        if one != other
    ]


def _text(value: object) -> str:
    return canonical(value).decode()


def _tree_differences(published: Commitment, made: Commitment) -> list[Difference]:
    found = [
        Difference(f"{one.instrument}: {name}", str(said), str(met))
        for one, other in zip(published.trees, made.trees, strict=True)
        for name, said, met in (
            ("total", one.total, other.total),
            ("height", one.height, other.height),
            ("root", one.root.hex(), other.root.hex()),
        )
        if said != met
    ]
    if published.digest != made.digest:
        found.append(Difference("set", published.digest.hex(), made.digest.hex()))
    return found
