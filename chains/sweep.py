"""Sweeps: one question about many subjects, as single calls for the wire and back. Pure.

    Sweep(Call("eth_getBalance", ("@", block)), ("0xa…", "0xb…"))
        ->  eth_getBalance 0xa… block,  eth_getBalance 0xb… block

A sweep is asked as single calls, so nothing of it depends on a source's skill with batches; it is
kept as a column, because a hundred thousand balances that differ in one word are one question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.backoff import AGAIN
from chains.evidence import HOLE, Call, Column, Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Json, Source, Sweep


def swept(source: Source, sweep: Sweep) -> Column:
    """Ask a sweep of a source that knows single calls alone."""
    return collect(sweep, source.ask(expand(sweep)))


def expand(sweep: Sweep) -> tuple[Call, ...]:
    """Give the lead, then one call a subject; raise ValueError if the template has not one hole."""
    method, params = sweep.template.method, sweep.template.params
    if sum(map(holes, params)) != 1:
        raise ValueError(f"sweep of {method} must have one {HOLE!r} in its parameters")
    at = next(place for place, param in enumerate(params) if holes(param))
    before, put, after = params[:at], _filler(params[at]), params[at + 1 :]
    calls = [Call(method, (*before, put(subject), *after)) for subject in sweep.subjects]
    return (*sweep.lead, *calls)


def collect(sweep: Sweep, exchanges: Sequence[Exchange]) -> Column:
    """Make the exchanges of `expand` one column; raise ValueError if their number is another."""
    ahead = len(sweep.lead)
    answers = exchanges[ahead:]
    if len(answers) != len(sweep.subjects):
        raise ValueError(f"{len(answers)} answers for {len(sweep.subjects)} subjects")
    errors = [(at, item.error) for at, item in enumerate(answers) if item.error is not None]
    results = tuple([item.result for item in answers])
    return Column(sweep, tuple(exchanges[:ahead]), results, tuple(errors))


def spread(column: Column) -> tuple[Exchange, ...]:
    """Give a column as the exchanges it was made of; the reverse of `collect`."""
    errors = dict(column.errors)
    calls = expand(column.sweep)[len(column.sweep.lead) :]
    answers = (
        Exchange(call, result, errors.get(at))
        for at, (call, result) in enumerate(zip(calls, column.results, strict=True))
    )
    return (*column.lead, *answers)


def silent(column: Column) -> bool:
    """Tell whether a source gave nothing for a sweep, and may give it another time."""
    return unanswered(column) and all(code in AGAIN for _, code in column.errors)


def unanswered(column: Column) -> bool:
    """Tell whether there is an error in place of every result."""
    return len(column.errors) == len(column.results)


def holes(value: Json) -> int:
    """Count the holes in a parameter."""
    if isinstance(value, str):
        return value.count(HOLE)
    if isinstance(value, dict):
        return sum(map(holes, value.values()))
    return sum(map(holes, value)) if isinstance(value, tuple) else 0


def _filler(value: Json) -> Callable[[str], Json]:
    """Give the function that puts a subject into the one hole of a parameter."""
    if isinstance(value, str):
        before, _, after = value.partition(HOLE)
        return lambda subject: f"{before}{subject}{after}"
    if isinstance(value, dict):
        key = next(key for key, item in value.items() if holes(item))
        put = _filler(value[key])
        return lambda subject: {**value, key: put(subject)}
    if isinstance(value, tuple):
        at = next(place for place, item in enumerate(value) if holes(item))
        put = _filler(value[at])
        return lambda subject: (*value[:at], put(subject), *value[at + 1 :])
    raise ValueError(f"no {HOLE!r} in {value!r}")
