"""A window on a real node: coins and tokens that move, states that are gone, blocks that change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chains.evidence import ChainPlan, PlannedAccount
from chains.evm.calls import NONCE_METHOD
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.recorded import recorded_sources
from chains.transport import Endpoint, HttpSource
from config.caip import AssetId
from tests.chains.between import Between
from tests.chains.evm.fakechain import ALICE, BOB, CHAIN, World
from tests.chains.evm.moving import Moved, moved
from tests.nodes.anvil import anvil
from tests.nodes.token import TOKEN_A

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chains.evidence import ChainEvidence, Sweep
    from chains.snapshot import ChainSnapshot

pytestmark = pytest.mark.nodes

TOKEN = AssetId(f"{CHAIN.id}/erc20:{TOKEN_A}")
ETHER = 10**18


def plan_of(life: Moved) -> ChainPlan:
    window = life.time(life.before) + 1, life.time(life.after)
    accounts = tuple(PlannedAccount(one, (CHAIN.native, TOKEN)) for one in (ALICE, BOB))
    return ChainPlan(CHAIN, life.time(life.pin), 2, 3, accounts, window=window)


def sources_of(life: Moved) -> list[HttpSource]:
    return [
        HttpSource(Endpoint(f"node-{at}", operator, life.node.url), lambda _seconds: None)
        for at, operator in enumerate("ab", 1)
    ]


def evidence_of(life: Moved) -> ChainEvidence:
    sources = sources_of(life)
    found = read(plan_of(life), sources, World().around)
    for source in sources:
        source.close()
    return found


@pytest.fixture(scope="module")
def life() -> Iterator[Moved]:
    with anvil() as node:
        yield moved(node)


def told(found: ChainSnapshot) -> list[tuple[int | None, ...]]:
    return [
        (one.before, one.after, one.nonce_before, one.nonce_at, one.nonce_after)
        for one in found.window
    ]


def test_what_moved_is_read_as_the_node_itself_says_it(life: Moved) -> None:
    found = recheck(plan_of(life), evidence_of(life))
    assert [life.before, life.after] == [one.height for one in found.window_blocks]
    assert [life.node.block(one.height)["hash"] for one in found.window_blocks] == [
        one.block_hash for one in found.window_blocks
    ]
    assert (life.pin, 4, ()) == (found.pin.height, len(found.balances), found.failures)
    rows = told(found)
    assert life.rows() == rows
    assert [(1, 2, 4), (1, 2, 4), (0, 1, 1), (0, 1, 1)] == [row[2:] for row in rows]
    assert [(500, 800), (11, 4)] == [rows[1][:2], rows[3][:2]]
    assert [row[0] for row in rows] != [one.units for one in found.balances]


def test_it_is_the_same_read_from_its_recording(life: Moved) -> None:
    evidence = evidence_of(life)
    again = read(plan_of(life), recorded_sources(evidence), World().around)
    assert evidence == again
    assert recheck(plan_of(life), evidence) == recheck(plan_of(life), again)


def test_without_a_window_the_node_is_asked_nothing_more(life: Moved) -> None:
    plan = plan_of(life)
    bare = ChainPlan(CHAIN, plan.as_of, 2, 3, plan.accounts)
    alone = read(bare, sources_of(life), World().around)
    evidence = evidence_of(life)
    for less, more in zip(alone.logs, evidence.logs, strict=True):
        assert less.entries == more.entries[: len(less.entries)]


def test_a_node_that_keeps_few_states_gives_the_newer_ones() -> None:
    with anvil("--prune-history", "18") as node:
        life = moved(node)
        found = recheck(plan_of(life), evidence_of(life))
        last = [life.said(address, life.after) for address in (ALICE, BOB)]
        hashes = [life.node.block(at)["hash"] for at in (life.before, life.after)]
    assert hashes == [one.block_hash for one in found.window_blocks]
    assert 4 == len(found.balances)
    assert [(None, None)] * 4 == [(row[0], row[2]) for row in told(found)]
    assert [last[0][0], last[0][1], last[1][0], last[1][1]] == [row[1] for row in told(found)]
    assert "at the window's first block" in {one.detail for one in found.remarks}


def is_nonces_at(sweep: Sweep | None, block: str) -> bool:
    """Tell whether nonces are asked for at a block."""
    if sweep is None or sweep.template.method != NONCE_METHOD:
        return False
    named = sweep.template.params[-1]
    return isinstance(named, dict) and named["blockHash"] == block


def test_a_reorganisation_at_a_windows_block_leaves_it_unknown() -> None:
    """Deeper than the node's own word on what is final, and below it the pin stands."""
    with anvil() as node:
        life = moved(node)
        plan, world = plan_of(life), World()
        depth = node.height() - life.pin - 1
        name = str(node.block(life.after)["hash"])
        first, second = sources_of(life)
        acted: list[int] = []

        def reorganise(sweep: Sweep | None) -> None:
            if is_nonces_at(sweep, name) and not acted:
                acted.append(1)
                node.ask("anvil_reorg", depth, [])

        acting = Between(first, reorganise)
        found = recheck(plan, read(plan, [acting, second], world.around))
        rows = life.rows()
        pinned, changed = (node.block(at)["hash"] for at in (life.pin, life.after))
    assert ([1], []) == (acted, world.pauses)
    assert (pinned, name != changed) == (found.pin.block_hash, True)
    assert [life.before] == [one.height for one in found.window_blocks]
    assert 4 == len(found.balances)
    assert [(row[0], None, *row[2:4], None) for row in rows] == told(found)
