"""Logs of EVM sources taken apart into single exchanges, and put together again.

A test that changes one answer works on a flat list; `gathered` makes the columns of it that
`recheck` looks for, one subject each.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chains.evidence import HOLE, Call, Column, Exchange, Sweep
from chains.sweep import spread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chains.evidence import Entry, SourceLog


def flat(log: SourceLog) -> list[Exchange]:
    """Give every exchange of a log in order; a column's lead comes ahead of its subjects."""
    found: list[Exchange] = []
    for entry in log.entries:
        found += spread(entry) if isinstance(entry, Column) else [entry]
    return found


def gathered(log: SourceLog, exchanges: Iterable[Exchange]) -> SourceLog:
    """Put changed exchanges into a log, balances as columns behind the control call before them."""
    entries: list[Entry] = []
    lead: tuple[Exchange, ...] = ()
    for exchange in exchanges:
        template = _template(exchange.call)
        if _is_control(exchange.call):
            lead = (exchange,)
        elif template is None:
            entries.append(exchange)
            lead = ()
        else:
            subject = _subject(exchange.call)
            sweep = Sweep(template, (subject,), tuple(item.call for item in lead))
            errors = () if exchange.error is None else ((0, exchange.error),)
            entries.append(Column(sweep, lead, (exchange.result,), errors))
    return replace(log, entries=tuple(entries))


def _is_control(call: Call) -> bool:
    request = call.params[0] if call.params else None
    return call.method == "eth_call" and isinstance(request, dict) and "to" not in request


def _template(call: Call) -> Call | None:
    if call.method == "eth_getBalance":
        return replace(call, params=(HOLE, *call.params[1:]))
    if call.method == "eth_call" and not _is_control(call):
        request = call.params[0]
        assert isinstance(request, dict)
        data = f"{str(request['data'])[:-40]}{HOLE}"
        return replace(call, params=({**request, "data": data}, *call.params[1:]))
    return None


def _subject(call: Call) -> str:
    if call.method == "eth_getBalance":
        return str(call.params[0])
    request = call.params[0]
    assert isinstance(request, dict)
    return str(request["data"])[-40:]
