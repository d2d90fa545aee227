"""A sweep over HTTP: its lead goes with every request, and decides what of it is taken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chains.evidence import HOLE, Call, Exchange, Sweep
from chains.transport import Limits
from tests.chains.echo import GOOD, QUICK, echo, source_at
from tests.misbehaving import Reply, faulty, first, honest, serve

if TYPE_CHECKING:
    from chains.evidence import Column
    from tests.misbehaving import Json, Script

CONTROL = Call("eth_call", ("control",))
SUBJECTS = tuple(f"{number:#x}" for number in range(5))
SWEEP = Sweep(Call("eth_getBalance", (HOLE,)), SUBJECTS, (CONTROL,))


def sweep(script: Script, limits: Limits = QUICK, asked: Sweep = SWEEP) -> tuple[Column, list[int]]:
    """Give what came of a sweep, and how many calls each request had."""
    with serve(script) as server:
        source = source_at(server.url, limits=limits)
        column = source.sweep(asked)
        source.close()
    return column, [len(one) if isinstance(one, list) else 1 for one in server.requests]


def telling(*states: str) -> Script:
    """Answer each request from the next of some states; the last one stays."""

    def script(request: Json, number: int) -> Reply:
        state = states[min(number, len(states)) - 1]

        def answer(method: str, params: list[Json]) -> dict[str, Json]:
            return {"result": state} if method == "eth_call" else echo(method, params)

        return honest(answer)(request, number)

    return script


def test_the_lead_goes_ahead_of_every_request() -> None:
    column, sizes = sweep(telling("now"), Limits(batch=3))
    assert (SUBJECTS, ()) == (column.results, column.errors)
    assert column.lead == (Exchange(CONTROL, "now"),)
    assert sizes == [3, 3, 2]


def test_what_comes_with_another_state_is_asked_again() -> None:
    column, sizes = sweep(telling("now", "old", "now"), Limits(batch=3))
    assert (SUBJECTS, ()) == (column.results, column.errors)
    assert sizes == [3, 3, 3, 2]


def test_what_always_comes_with_another_state_is_never_taken() -> None:
    column, sizes = sweep(telling("now", "old"), Limits(batch=3, attempts=2))
    assert column.results == (*SUBJECTS[:2], None, None, None)
    assert column.errors == ((2, "other_state"), (3, "other_state"), (4, "other_state"))
    assert column.lead == (Exchange(CONTROL, "now"),)
    assert sizes == [3, 3, 3, 2, 2]


def test_an_item_asked_again_comes_with_the_lead_too() -> None:
    def drop_third(items: list[dict[str, Json]]) -> list[dict[str, Json]]:
        return items[:3] + items[4:]

    column, sizes = sweep(first(faulty(echo, drop_third), GOOD))
    assert (SUBJECTS, ()) == (column.results, column.errors)
    assert sizes == [6, 2]


def test_nothing_is_taken_without_an_answer_to_the_lead() -> None:
    def drop_lead(items: list[dict[str, Json]]) -> list[dict[str, Json]]:
        return items[1:]

    column, sizes = sweep(first(faulty(echo, drop_lead), GOOD))
    assert (SUBJECTS, ()) == (column.results, column.errors)
    assert sizes == [6, 6]
    column, _ = sweep(faulty(echo, drop_lead))
    assert column.lead == (Exchange(CONTROL, error="no_reply"),)
    assert {"no_reply"} == {code for _, code in column.errors}
    assert (None,) * 5 == column.results


def test_a_refused_lead_is_an_answer_like_another() -> None:
    def refusing(method: str, params: list[Json]) -> dict[str, Json]:
        return {"error": {"code": -32000}} if method == "eth_call" else echo(method, params)

    column, sizes = sweep(honest(refusing), Limits(batch=3))
    assert (SUBJECTS, ()) == (column.results, column.errors)
    assert column.lead == (Exchange(CONTROL, error="rpc_error"),)
    assert sizes == [3, 3, 2]


@pytest.mark.parametrize(("cap", "sizes"), [(4, [6, 3, 3, 2]), (2, [6, 3, 2, 2, 2, 2, 2])])
def test_where_smaller_requests_are_wanted_each_has_the_lead(cap: int, sizes: list[int]) -> None:
    column, met = sweep(capped(cap))
    assert (SUBJECTS, ()) == (column.results, column.errors)
    assert met == sizes


def test_where_one_call_a_request_is_wanted_the_lead_goes_once() -> None:
    column, sizes = sweep(capped(1))
    assert (SUBJECTS, ()) == (column.results, column.errors)
    assert column.lead == (Exchange(CONTROL, "control"),)
    assert [1] * 6 == sizes[3:]


def test_a_sweep_without_lead_or_subjects() -> None:
    column, sizes = sweep(GOOD, QUICK, Sweep(SWEEP.template, SUBJECTS))
    assert (SUBJECTS, (), [5]) == (column.results, column.lead, sizes)
    column, sizes = sweep(GOOD, QUICK, Sweep(SWEEP.template, (), (CONTROL,)))
    assert ((), (Exchange(CONTROL, "control"),), [1]) == (column.results, column.lead, sizes)


def capped(cap: int) -> Script:
    def script(request: Json, number: int) -> Reply:
        if isinstance(request, list) and len(request) > cap:
            return Reply(json.dumps({"id": None, "error": {"code": -32600}}).encode(), 413)
        return GOOD(request, number)

    return script
