"""Addresses after a stated last index: read with the others, remarked, and counted nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.evidence import MarginAddress
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.recorded import recorded_sources
from chains.evm.state import holding_sweeps, probe_sweeps, readable_assets
from chains.snapshot import Remark
from chains.transport import Endpoint, HttpSource
from tests.chains.evm.fakechain import ALICE, BOB, CAROL, CHAIN, COIN, COIN_ASSET, World, plan_of
from tests.chains.evm.lived import Lived, snapshot_of
from tests.nodes.anvil import anvil
from tests.nodes.token import TOKEN_A, install_token

if TYPE_CHECKING:
    from chains.evidence import ChainPlan
    from tests.misbehaving import Json

EMPTY = "0x" + "00" * 18 + "dEaD"
CALL = "0x1"


def test_margins_are_asked_for_every_asset_after_the_accounts() -> None:
    alone = plan_of(ALICE, assets=(COIN_ASSET,))
    plan = replace(alone, margin=(MarginAddress(BOB, 5),))

    assert readable_assets(alone) == {COIN_ASSET: COIN}
    assert readable_assets(plan) == {COIN_ASSET: COIN, CHAIN.native: None}
    subjects = [sweep.subjects for sweep in holding_sweeps(plan, CALL, 100)]
    assert subjects == [(ALICE[2:].lower(), BOB[2:].lower()), (BOB,)]
    assert probe_sweeps(plan, CALL) == probe_sweeps(alone, CALL)


def margin_plan(*addresses: str) -> ChainPlan:
    margin = tuple(MarginAddress(address, 10 + at) for at, address in enumerate(addresses))
    return replace(plan_of(ALICE, BOB), margin=margin)


def nothing_for(address: str) -> Lived:
    """Give a node that fails at every question about an address."""

    def lie(_method: str, params: list[Json], reply: dict[str, Json]) -> dict[str, Json]:
        asked = address[2:].lower() in str(params).lower()
        return {"error": {"code": -32000, "message": "no"}} if asked else reply

    return Lived(lie=lie)


def test_what_cannot_be_read_is_counted() -> None:
    plan = margin_plan(CAROL, EMPTY)
    found = snapshot_of(plan, nothing_for(CAROL))

    told = [one for one in found.remarks if one.code in ("beyond_last_index", "margin_not_read")]
    assert told == [Remark("margin_not_read", "", 1)]
    assert found.failures == ()


@pytest.mark.nodes
def test_a_real_node_is_looked_at_beyond_the_last_index() -> None:
    token = COIN_ASSET.replace(COIN, TOKEN_A)
    plan = replace(
        plan_of(ALICE, assets=(CHAIN.native, type(COIN_ASSET)(token))),
        margin=(MarginAddress(BOB, 3), MarginAddress(CAROL, 4), MarginAddress(EMPTY, 5)),
        window=(0, 4_000_000_000),
    )
    with anvil() as node:
        node.ask("anvil_setBalance", BOB, hex(9))
        node.ask("anvil_setBalance", CAROL, "0x0")
        install_token(node, TOKEN_A, 6, {CAROL: 11})
        node.ask("anvil_mine", hex(10), hex(12))
        source = HttpSource(Endpoint("node-1", "a", node.url), lambda _seconds: None)
        evidence = read(plan, [source], World().around)
        source.close()
    found = recheck(plan, evidence)

    told = [one.detail for one in found.remarks if one.code == "beyond_last_index"]
    assert told == [
        f"index 3, {CHAIN.id}:{BOB}: 9 base units of {CHAIN.native}",
        f"index 4, {CHAIN.id}:{CAROL}: 11 base units of {token}",
    ]
    assert {one.account for one in found.balances} == {f"{CHAIN.id}:{ALICE}"}
    assert read(plan, recorded_sources(evidence), World().around) == evidence
