"""accounts.csv and controls.csv: every account and every claim of a statement, one row each.

They are subjects of the statement and are made again by a verifier. Cells hold identifiers, numbers
and closed words only; free text of the inputs stays in the inputs, so that no cell can be a
formula.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from attest.rules.case import Case
    from chains.snapshot import WindowReading

ACCOUNT_COLUMNS = (
    "account",
    "asset",
    "units",
    "immature",
    "instrument",
    "method",
    "owner",
    "encumbrance",
    "band",
    "basis",
    "evidence",
)
ITEM_COLUMNS = (
    "line",
    "kind",
    "instrument",
    "units",
    "account",
    "transactions",
    "verdict",
    "reason",
    "counts",
)
TRACE_COLUMNS = (
    "line",
    "kind",
    "instrument",
    "units",
    "chain",
    "account",
    "transaction",
    "verdict",
    "side",
    "height",
)
WINDOW_COLUMNS = (
    "account",
    "asset",
    "before",
    "after",
    "received",
    "spent",
    "transactions",
    "nonce_before",
    "nonce_at",
    "nonce_after",
    "to_others",
    "from_others",
)
FLOW_COLUMNS = ("account", "asset", "other", "others_line", "sent", "received", "all")
KNOWN = {
    (True, True): "both",
    (True, False): "sent",
    (False, True): "received",
    (False, False): "neither",
}
"""Which sums are known, in a word."""
CONTROL_COLUMNS = ("line", "account", "scheme", "outcome", "grade", "reason", "warnings", "carried")


def accounts_table(case: Case) -> bytes:
    """List every position, then every balance that is not known, its units left empty."""
    rows = [
        (
            one.account,
            one.asset,
            one.units,
            one.immature,
            one.instrument or "",
            one.method,
            one.owner,
            one.tie,
            one.band,
            one.basis,
            one.evidence,
        )
        for one in case.positions
    ]
    failed = [
        (failure.account, failure.asset, *[""] * 8, failure.reason)
        for chain in case.snapshot.chains
        for failure in chain.failures
    ]
    return _write(ACCOUNT_COLUMNS, [*rows, *failed])


def items_table(case: Case) -> bytes:
    """List every reconciling item with what became of it, in the order of its file."""
    return _write(
        ITEM_COLUMNS,
        [
            (
                one.item.line,
                one.item.kind,
                one.item.instrument,
                one.item.units,
                one.item.account,
                " ".join(one.item.txids),
                one.verdict,
                one.reason,
                "yes" if one.counts else "no",
            )
            for one in case.items
        ],
    )


def trace_table(case: Case) -> bytes:
    """List every traced deposit and withdrawal with its verdict, in the order of its file."""
    return _write(
        TRACE_COLUMNS,
        [
            (
                one.row.line,
                one.row.kind,
                one.row.instrument,
                one.row.units,
                one.row.chain,
                one.row.account or "",
                one.row.txid,
                one.verdict,
                one.side or "",
                "" if one.height is None else one.height,
            )
            for one in case.traced
        ],
    )


def window_table(case: Case) -> bytes:
    """List what moved around the pinned blocks; an empty cell is not known, and never zero."""
    return _write(
        WINDOW_COLUMNS,
        [
            tuple("" if value is None else value for value in _moved(one))
            for chain in case.snapshot.chains
            for one in chain.window
        ],
    )


def _moved(one: WindowReading) -> tuple[str | int | None, ...]:
    return (
        one.account,
        one.asset,
        one.before,
        one.after,
        one.received,
        one.spent,
        one.transactions,
        one.nonce_before,
        one.nonce_at,
        one.nonce_after,
        one.to_others,
        one.from_others,
    )


def flows_table(case: Case) -> bytes:
    """List what was seen to move between each account and each address of others.

    `others_line` is the row of others.csv that names the address, and so the entity. `all` says of
    the account and asset which sums are known: `both`, `sent`, `received` or `neither`; of the
    other ones there may be more than is listed.
    """
    lines = {one.account: one.line for one in case.inputs.books.others or ()}
    flows = [flow for chain in case.snapshot.chains for flow in chain.flows]
    known = {
        (one.account, one.asset): KNOWN[one.to_others is not None, one.from_others is not None]
        for chain in case.snapshot.chains
        for one in chain.window
    }
    return _write(
        FLOW_COLUMNS,
        [
            (
                one.account,
                one.asset,
                one.other,
                lines[one.other],
                one.sent,
                one.received,
                known[one.account, one.asset],
            )
            for one in flows
        ],
    )


def controls_table(case: Case) -> bytes:
    """List the verdict on every claim, in the order of claims.csv, then on those carried forward.

    `carried` is the SHA-256 of the earlier statement, of whose claims.csv the line then is.
    """
    return _write(
        CONTROL_COLUMNS,
        [
            (
                one.line,
                one.account,
                one.scheme,
                one.outcome,
                one.grade or "",
                one.reason or "",
                " ".join(one.warnings),
                one.carried,
            )
            for one in case.controls
        ],
    )


def _write(columns: tuple[str, ...], rows: Iterable[tuple[str | int, ...]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue().encode()
