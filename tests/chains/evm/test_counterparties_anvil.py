"""Tokens sent on to another entity and back, on a real node, and sources that tell it otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.evm import transfer_search
from chains.evm.bounds import MAX_LOGS
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.recorded import recorded_sources
from chains.evm.transfers import LOGS_METHOD, topic_of
from chains.snapshot import CounterpartyFlow, Remark
from chains.transport import Endpoint, HttpSource
from config.caip import account_id
from tests.chains.between import kills_survived
from tests.chains.evm.fakechain import ALICE, BOB, CAROL, CHAIN, World
from tests.chains.evm.lending import NOBODY, STRANGER, TOKEN, Lent, lent, plan_of
from tests.nodes.anvil import anvil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chains.evidence import (
        Call,
        ChainEvidence,
        ChainPlan,
        Column,
        Exchange,
        Json,
        Source,
        Sweep,
    )
    from chains.snapshot import ChainSnapshot

pytestmark = pytest.mark.nodes

NATIVE_UNREAD = Remark("flows_not_read", "", 4, "on EVM chains balances and nonces alone are read")


def flow(account: str, other: str, sent: int, received: int) -> CounterpartyFlow:
    own, theirs = (account_id(CHAIN.id, one) for one in (account, other))
    return CounterpartyFlow(own, TOKEN, theirs, sent, received)


BOTH = (flow(BOB, CAROL, 200, 200), flow(ALICE, CAROL, 35, 1))
UNKNOWN = [(None, None)] * 4
KNOWN = [(None, None), (35, 1), (None, None), (200, 200)]
"""Of ALICE and BOB, each the coin and the token; of coins it cannot be known."""


@pytest.fixture(scope="module")
def life() -> Iterator[Lent]:
    with anvil("--no-mining") as node:
        yield lent(node)


class Altering:
    """A source whose word on logs is another than it gave."""

    def __init__(self, source: Source, change: Callable[[Exchange], Exchange]) -> None:
        self.name, self.operator = source.name, source.operator
        self.protocol = source.protocol
        self.source, self.change = source, change
        self.asked = 0

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        found = self.source.ask(calls)
        self.asked += sum(one.method == LOGS_METHOD for one in calls)
        return tuple(self.change(one) if one.call.method == LOGS_METHOD else one for one in found)

    def sweep(self, sweep: Sweep) -> Column:
        return self.source.sweep(sweep)


def sources_of(life: Lent) -> list[HttpSource]:
    return [
        HttpSource(Endpoint(f"node-{at}", operator, life.node.url), lambda _seconds: None)
        for at, operator in enumerate("ab", 1)
    ]


def evidence_of(
    life: Lent, plan: ChainPlan, *changes: Callable[[Exchange], Exchange]
) -> tuple[ChainEvidence, list[int]]:
    """Read with sources of which the last ones change what they say of logs."""
    sources = sources_of(life)
    told = [*([lambda one: one] * (2 - len(changes))), *changes]
    altered = [Altering(source, change) for source, change in zip(sources, told, strict=True)]
    found = read(plan, altered, World().around)
    for source in sources:
        source.close()
    return found, [one.asked for one in altered]


def snapshot_of(
    life: Lent, *changes: Callable[[Exchange], Exchange], plan: ChainPlan | None = None
) -> ChainSnapshot:
    wanted = plan or plan_of(life)
    return recheck(wanted, evidence_of(life, wanted, *changes)[0])


def sums(found: ChainSnapshot) -> list[tuple[int | None, int | None]]:
    return [(one.to_others, one.from_others) for one in found.window]


def span_of(exchange: Exchange) -> int:
    asked = exchange.call.params[0]
    assert isinstance(asked, dict)
    return int(str(asked["toBlock"]), 16) - int(str(asked["fromBlock"]), 16) + 1


def logs_of(exchange: Exchange) -> tuple[Json, ...]:
    assert isinstance(exchange.result, tuple)
    return exchange.result


def test_what_passed_between_two_entities_in_the_window(life: Lent) -> None:
    plan = plan_of(life)
    evidence, asked = evidence_of(life, plan)
    found = recheck(plan, evidence)

    assert [life.before, life.after] == [one.height for one in found.window_blocks]
    assert tuple(sorted(BOTH, key=lambda one: one.account)) == found.flows
    assert KNOWN == sums(found)
    assert [NATIVE_UNREAD] == [one for one in found.remarks if one.code == "flows_not_read"]
    # Once for what was sent, once for what came.
    assert [2, 2] == asked


def test_the_rest_of_the_reading_is_as_without(life: Lent) -> None:
    plan = plan_of(life)
    bare = snapshot_of(life, plan=replace(plan, others=()))
    found = snapshot_of(life, plan=plan)
    alone = tuple(replace(one, to_others=None, from_others=None) for one in found.window)

    assert (bare.pin, bare.balances, bare.window_blocks) == (
        found.pin,
        found.balances,
        found.window_blocks,
    )
    assert (bare.window, ()) == (alone, bare.flows)


def test_it_is_the_same_read_from_its_recording(life: Lent) -> None:
    plan = plan_of(life)
    evidence, _ = evidence_of(life, plan)
    again = read(plan, recorded_sources(evidence), World().around)

    assert evidence == again
    assert recheck(plan, evidence) == recheck(plan, again)


def test_a_reading_that_is_killed_goes_on(life: Lent) -> None:
    plan = plan_of(life)
    whole, _ = evidence_of(life, plan)

    kills = kills_survived(plan, lambda: sources_of(life), whole, 44, 37)
    assert 0 < kills < 44 - 37


def test_others_with_whom_nothing_passed_are_a_zero(life: Lent) -> None:
    found = snapshot_of(life, plan=plan_of(life, NOBODY))

    assert ((), [(None, None), (0, 0), (None, None), (0, 0)]) == (found.flows, sums(found))


def test_several_addresses_are_told_apart(life: Lent) -> None:
    found = snapshot_of(life, plan=plan_of(life, STRANGER, CAROL, NOBODY))

    expected = (flow(ALICE, STRANGER, 13, 0), *BOTH)
    assert sorted(expected, key=lambda one: (one.account, one.other)) == list(found.flows)
    assert (48, 1) == sums(found)[1]


@pytest.mark.parametrize("others", [(CAROL,), (CAROL, NOBODY), (CAROL, NOBODY, STRANGER)])
def test_lists_that_are_too_long_are_cut_and_matched(
    life: Lent, others: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(life, *others)
    expected = snapshot_of(life, plan=plan)
    monkeypatch.setattr(transfer_search, "MAX_TOPICS", 1)
    evidence, asked = evidence_of(life, plan)

    assert expected == recheck(plan, evidence)
    # The shorter side is asked for one by one, each way, whoever is on the other side.
    assert [2 * min(2, len(others))] * 2 == asked


@pytest.mark.parametrize("longest", [1, 2, 5])
@pytest.mark.parametrize("error", ["rpc_error", "too_large"])
def test_a_node_that_refuses_long_runs_is_asked_for_short_ones(
    life: Lent, longest: int, error: str
) -> None:
    def short(exchange: Exchange) -> Exchange:
        if span_of(exchange) <= longest:
            return exchange
        return replace(exchange, result=None, error=error)  # type: ignore[arg-type]  # a code

    found = snapshot_of(life, short)

    assert KNOWN == sums(found)
    assert 2 == len(found.flows)


def test_more_logs_than_are_kept_are_asked_for_in_parts(life: Lent) -> None:
    """A flood is no answer; the same run in shorter pieces is one."""

    def flooding(exchange: Exchange) -> Exchange:
        if span_of(exchange) <= 3:
            return exchange
        return replace(exchange, result=("0" * 1000,) * (MAX_LOGS // 1000 + 1))

    assert KNOWN == sums(snapshot_of(life, flooding))
    endless = snapshot_of(
        life, lambda one: replace(one, result=("0" * 1000,) * (MAX_LOGS // 1000 + 1))
    )
    assert (UNKNOWN, ()) == (sums(endless), endless.flows)


@pytest.mark.parametrize("limit", ["MAX_QUESTIONS", "MAX_WORDS", "MAX_TRANSFERS"])
def test_over_a_limit_nothing_is_known(
    life: Lent, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_search, limit, 1)
    found = snapshot_of(life)

    assert (UNKNOWN, ()) == (sums(found), found.flows)
    said = "transfers from and to others: node-1 says too_large, node-2 says too_large"
    assert Remark("flows_not_read", "", 2, said) in found.remarks


@pytest.mark.parametrize("error", ["rpc_error", "unreachable", "throttled", "no_reply"])
def test_an_error_is_unknown_and_never_none(life: Lent, error: str) -> None:
    def failing(exchange: Exchange) -> Exchange:
        return replace(exchange, result=None, error=error)  # type: ignore[arg-type]  # a code

    found = snapshot_of(life, failing)
    assert (UNKNOWN, ()) == (sums(found), found.flows)
    said = f"transfers from and to others: node-2 says {error}"
    assert Remark("flows_not_read", "", 2, said) in found.remarks
    # Only what is refused is asked for in parts: whoever does not answer is left alone.
    _, asked = evidence_of(life, plan_of(life), failing)
    assert (2, error == "rpc_error") == (asked[0], asked[1] > 1)
    # One operator is enough where one is asked for.
    assert KNOWN == sums(snapshot_of(life, failing, plan=plan_of(life, quorum=1)))
    # The window's own numbers stand.
    assert None not in {one.before for one in found.window}


def test_sources_that_differ_leave_it_unknown(life: Lent) -> None:
    def leaving_out(exchange: Exchange) -> Exchange:
        return replace(exchange, result=logs_of(exchange)[:-1])

    for quorum in (1, 2):
        found = snapshot_of(life, leaving_out, plan=plan_of(life, quorum=quorum))
        assert (UNKNOWN, ()) == (sums(found), found.flows)
        said = "transfers from and to others: sources differ, or are too few"
        assert Remark("flows_not_read", "", 2, said) in found.remarks
        assert 4 == len(found.balances)


def renamed(*places: tuple[int, str]) -> Callable[[Exchange], Exchange]:
    """Give another block's name to logs at a height, in answers about what a side moved."""

    def change(exchange: Exchange) -> Exchange:
        return replace(exchange, result=tuple(map(_renamed, logs_of(exchange))))

    def _renamed(log: Json) -> Json:
        assert isinstance(log, dict)
        assert isinstance(log["topics"], tuple)
        at = int(str(log["blockNumber"]), 16), str(log["topics"][1])
        return log | {"blockHash": f"0x{'ab' * 32}"} if at in places else log

    return change


def test_logs_of_other_blocks_are_no_answer(life: Lent) -> None:
    plan, hers = plan_of(life, quorum=1), topic_of(CAROL)
    # The last block is known by its name, and at a height of two answers both must have one block.
    for height in (life.after, life.before + 4):
        found = snapshot_of(life, renamed((height, hers)), renamed((height, hers)), plan=plan)
        assert (UNKNOWN, ()) == (sums(found), found.flows)
        assert "malformed_answer" in {one.detail[-16:] for one in found.remarks}


def test_a_window_that_is_not_over_has_no_sums(life: Lent) -> None:
    plan = plan_of(life)
    assert plan.window is not None
    later = replace(plan, window=(plan.window[0], plan.window[1] + 10**6))
    found = snapshot_of(life, plan=later)

    assert [life.before] == [one.height for one in found.window_blocks]
    # What was seen up to the pin is kept.
    seen = [flow(ALICE, CAROL, 35, 0), flow(BOB, CAROL, 0, 200)]
    assert sorted(seen, key=lambda one: one.account) == list(found.flows)
    assert UNKNOWN == sums(found)


def test_a_window_may_end_at_the_pin(life: Lent) -> None:
    plan = plan_of(life)
    assert plan.window is not None
    found = snapshot_of(life, plan=replace(plan, window=(plan.window[0], life.time(life.pin))))

    assert [life.before, life.pin] == [one.height for one in found.window_blocks]
    assert [(None, None), (35, 0), (None, None), (0, 200)] == sums(found)


def test_a_window_of_no_blocks_has_no_transfers(life: Lent) -> None:
    plan = plan_of(life)
    moment = life.time(life.pin)
    evidence, asked = evidence_of(life, wanted := replace(plan, window=(moment, moment)))
    found = recheck(wanted, evidence)

    assert ([0, 0], ()) == (asked, found.flows)
    assert [(None, None), (0, 0), (None, None), (0, 0)] == sums(found)


def test_a_window_that_begins_before_the_chain_is_not_searched(life: Lent) -> None:
    plan = plan_of(life)
    assert plan.window is not None
    evidence, asked = evidence_of(life, replace(plan, window=(1, plan.window[1])))

    assert [0, 0] == asked
    assert UNKNOWN == sums(recheck(replace(plan, window=(1, plan.window[1])), evidence))


def test_a_reorganisation_while_logs_are_read_leaves_them_unknown() -> None:
    with anvil("--no-mining") as node:
        life = lent(node)
        plan = plan_of(life)
        depth = node.height() - life.after + 1
        turned: list[int] = []

        def reorganise(exchange: Exchange) -> Exchange:
            if not turned:
                turned.append(1)
                node.ask("anvil_reorg", depth, [])
            return exchange

        found = snapshot_of(life, reorganise, plan=plan)

    assert ([1], UNKNOWN, ()) == (turned, sums(found), found.flows)
    assert [life.before, life.after] == [one.height for one in found.window_blocks]


def test_evidence_that_was_cut_or_changed_knows_nothing(life: Lent) -> None:
    plan = plan_of(life, quorum=1)
    whole, _ = evidence_of(life, plan)
    log = whole.logs[0]
    alone = replace(whole, logs=(log,))
    expected = recheck(plan, alone)
    assert KNOWN == sums(expected)
    *before, sent, came, last = log.entries
    parts = [(sent, came), (sent, last), (came, last), (sent, last, came)]
    for part in parts:
        cut = replace(log, entries=(*before, *part))
        found = recheck(plan, replace(whole, logs=(cut,)))
        assert (UNKNOWN, ()) == (sums(found), found.flows)
        assert expected.balances == found.balances
        assert [one.before for one in expected.window] == [one.before for one in found.window]
