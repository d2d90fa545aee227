"""What a source may make us keep: no result beyond the size its method can have.

Evidence is what was answered, word for word, and all of it is held and written. A source that sends
megabytes in place of a balance, many times over, would fill memory and make a recording too large
to be read again. Such a result is kept as `malformed_answer`, which it is. Proofs are left as they
are: they are checked when they come, and only their nodes are kept (`chains.evm.prover`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chains.evidence import Column, Exchange
from chains.evm.calls import MAX_CODE_BYTES
from chains.evm.proving import PROOF_METHOD
from chains.evm.transfers import LOGS_METHOD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import Call, ErrorCode, Json, Source, Sweep

MAX_WORD = 66
"""Characters of a balance of either kind, or a nonce: 0x and 64 digits."""

MAX_BLOCK = 1 << 22
"""Characters of a block and of all names in it; one with 20,000 transactions takes a third."""

MAX_LOGS = 1 << 23
"""Characters of all logs in one answer, some ten thousand; of a longer one half is asked for."""

MAX_TEXT = 2 + 2 * MAX_CODE_BYTES
"""Characters of code, and of what a contract returns."""


class Bounded:
    """A source whose results have a size."""

    def __init__(self, source: Source) -> None:
        """Stand before a source."""
        self.name = source.name
        self.operator = source.operator
        self.protocol = source.protocol
        self._source = source

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give one exchange a call, in the order of the calls."""
        return tuple(map(_bounded, self._source.ask(calls)))

    def sweep(self, sweep: Sweep) -> Column:
        """Give one result a subject, in the order of the subjects; each a number, or a proof."""
        column = self._source.sweep(sweep)
        if sweep.template.method == PROOF_METHOD:
            return column
        lead = tuple(map(_bounded, column.lead))
        long = [
            at
            for at, one in enumerate(column.results)
            if (len(one) > MAX_WORD if isinstance(one, str) else not _fits(one, MAX_WORD))
        ]
        if not long and lead == column.lead:
            return column
        errors: dict[int, ErrorCode] = dict(column.errors)
        errors.update((at, "malformed_answer") for at in long)
        results = (None if at in errors else one for at, one in enumerate(column.results))
        return Column(sweep, lead, tuple(results), tuple(sorted(errors.items())))


def _bounded(exchange: Exchange) -> Exchange:
    method = exchange.call.method
    if method == LOGS_METHOD and not _fits(exchange.result, MAX_LOGS):
        return replace(exchange, result=None, error="too_large")
    limit = MAX_BLOCK if method.startswith("eth_getBlock") else MAX_TEXT
    if method in {PROOF_METHOD, LOGS_METHOD} or _fits(exchange.result, limit):
        return exchange
    return replace(exchange, result=None, error="malformed_answer")


def _fits(value: Json, limit: int) -> bool:
    return _left(value, limit) >= 0


def _left(value: Json, limit: int) -> int:
    """Give what is left of a number of characters after a value, negative if it is longer."""
    if isinstance(value, str):
        return limit - len(value)
    items = value.items() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    for item in items:
        limit = _left(item, limit - 1)
        if limit < 0:
            break
    return limit
