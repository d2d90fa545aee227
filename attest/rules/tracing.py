"""The rule about traced deposits and withdrawals."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attest.rules.case import NAMED, Result
from attest.tracing import WORDS

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from attest.tracing import Traced


def traced(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """traced/1: every traced row touches declared accounts.

    Takes no parameters. A summary, then the first rows that the chain contradicts; what is not
    known is counted in a result of its own, whatever else was found.
    """
    del parameters
    if not case.traced:
        return (Result("not_applicable", "", "no deposits or withdrawals were given to trace"),)
    amiss = [one for one in case.traced if one.contradicted]
    unknown = [one for one in case.traced if not one.contradicted and one.verdict != "touches"]
    found: tuple[Result, ...] = ()
    if amiss:
        text = f"{len(amiss)} of {len(case.traced)} traced rows are contradicted by their chains"
        found += (Result("breach", "", text, _counts(case)),)
        found += tuple(_row(one) for one in amiss[:NAMED])
    if unknown:
        text = f"not known of {len(unknown)} of {len(case.traced)} traced rows"
        lines = " ".join(str(one.row.line) for one in unknown[:NAMED])
        found += (Result("unknown", "", text, {**_counts(case), "first_lines": lines}),)
    text = f"all {len(case.traced)} traced rows touch declared accounts"
    return found or (Result("pass", "", text, _counts(case)),)


def _counts(case: Case) -> dict[str, str]:
    """Give how many rows have each verdict that any has."""
    met = Counter(one.verdict for one in case.traced)
    return {verdict: str(met[verdict]) for verdict in WORDS if met[verdict]}


def _row(one: Traced) -> Result:
    row = one.row
    return Result(
        "breach",
        row.instrument,
        f"{row.kind} on line {row.line}: {WORDS[one.verdict]}",
        {
            "line": str(row.line),
            "units": str(row.units),
            "chain": row.chain,
            "transaction": row.txid,
            "verdict": one.verdict,
        },
    )
