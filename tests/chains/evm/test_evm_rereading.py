"""Reading balances again at a stated pin, from nodes that have moved on, lie or say nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chains.errors import ChainError
from chains.evm.rereading import NAMED, compare_balances
from chains.rereading import REREADERS
from chains.snapshot import Balance, Question
from config.caip import AssetId, account_id
from tests.chains.evm import statechain
from tests.chains.evm.fakechain import (
    ALICE,
    BOB,
    CHAIN,
    COIN,
    COIN_ASSET,
    GENESIS_TIME,
    FakeChain,
    World,
    plan_of,
)
from tests.chains.evm.fakenodes import fork, nodes, reading

if TYPE_CHECKING:
    from chains.evidence import ChainPlan
    from chains.evm.rereading import Difference
    from chains.snapshot import ChainSnapshot
    from tests.misbehaving import Script

MOMENT = GENESIS_TIME + 84
PLAN = plan_of(as_of=MOMENT, questions=(Question(CHAIN.id, "code", BOB),))


@pytest.fixture(scope="module")
def stated() -> ChainSnapshot:
    return reading(PLAN, FakeChain())


def again(
    stated: ChainSnapshot, *behaviours: FakeChain | Script, plan: ChainPlan = PLAN
) -> tuple[Difference, ...]:
    with nodes(*behaviours) as sources:
        return compare_balances(plan, stated, sources, World().around)


def test_the_same_state_is_no_difference(stated: ChainSnapshot) -> None:
    assert compare_balances is REREADERS["evm"]
    assert (4, 1) == (len(stated.balances), len(stated.answers))
    assert () == again(stated, FakeChain())
    assert () == again(stated, FakeChain(height=4_000, finalized=3_990))
    assert () == again(stated, FakeChain(), FakeChain())


def test_several_blocks_of_one_second_are_told_apart() -> None:
    # All blocks have one time: read by time alone, the last of them would be found.
    plan = plan_of(as_of=GENESIS_TIME)
    stated = reading(plan, FakeChain(seconds=0, height=20))
    later = FakeChain(seconds=0, height=40, finalized=38)

    assert 18 == stated.pin.height
    assert () == again(stated, later, plan=plan)


def test_progress_is_said(stated: ChainSnapshot) -> None:
    world = World()
    with nodes(FakeChain()) as sources:
        compare_balances(PLAN, stated, sources, world.around)

    assert [("anvil: reading again", 2, 4), ("anvil: reading again", 4, 4)] == world.progress


def test_every_difference_names_both_values(stated: ChainSnapshot) -> None:
    poorer = FakeChain(balances={ALICE: 6}, tokens={COIN: {ALICE: 499}})
    place = f"{CHAIN.id}:{ALICE}"

    assert again(stated, poorer) == (
        ("balance_mismatch", f"{place} {CHAIN.native}: statement 7, node 6"),
        ("balance_mismatch", f"{place} {COIN_ASSET}: statement 500, node 499"),
    )


def test_every_node_is_heard(stated: ChainSnapshot) -> None:
    poorer = FakeChain(balances={ALICE: 6})

    assert 1 == len(again(stated, FakeChain(), poorer))
    assert 1 == len(again(stated, poorer, FakeChain()))
    assert 2 == len(again(stated, poorer, poorer))


def test_an_account_that_got_code_is_seen(stated: ChainSnapshot) -> None:
    contract = FakeChain(tokens={COIN: {ALICE: 500}, BOB: {}})
    said = f"code of {BOB}: statement 0x, node 0x6001"

    assert (("answer_mismatch", said),) == again(stated, contract)


@pytest.mark.parametrize("result", [None, "0x", "0x00", 7, "0x1" + "0" * 64])
def test_what_is_no_balance_is_not_read(stated: ChainSnapshot, result: object) -> None:
    met = again(stated, FakeChain(overrides={"eth_getBalance": result}))

    assert {"not_read_again"} == {code for code, _ in met}
    assert 2 == len(met)


def test_a_node_that_says_nothing(stated: ChainSnapshot) -> None:
    met = again(stated, FakeChain(height=3))

    assert {"not_read_again"} == {code for code, _ in met}


def test_a_token_without_code_is_not_read(stated: ChainSnapshot) -> None:
    met = again(stated, FakeChain(tokens={}))

    assert ["not_read_again", "not_read_again"] == [code for code, _ in met]


def test_a_node_that_knows_no_hashes_is_asked_by_number(stated: ChainSnapshot) -> None:
    poorer = FakeChain(knows_hashes=False, balances={ALICE: 6})

    assert () == again(stated, FakeChain(knows_hashes=False))
    assert ["balance_mismatch"] == [code for code, _ in again(stated, poorer)]


def test_by_number_the_block_must_stay(stated: ChainSnapshot) -> None:
    def before(chain: FakeChain, method: str, _number: int) -> None:
        if method == "eth_getBlockByNumber":
            fork(chain)

    moved = FakeChain(knows_hashes=False, before=before)
    gone = FakeChain(knows_hashes=False, overrides={"eth_getBlockByNumber": None})
    said = (("not_read_again", f"node-1 no longer has block {stated.pin.height}"),)

    assert said == again(stated, moved)
    assert said == again(stated, gone)


def test_differences_are_named_up_to_a_limit() -> None:
    holders = [f"0x{number:040x}" for number in range(1, NAMED + 10)]
    plan = plan_of(*holders, as_of=MOMENT, assets=(CHAIN.native,))
    stated = reading(plan, FakeChain())
    richer = FakeChain(balances=dict.fromkeys(holders, 1))

    assert NAMED == len(again(stated, richer, plan=plan))


def test_nothing_stated_needs_nothing_read() -> None:
    stated = replace(reading(PLAN, FakeChain()), balances=(), answers=())

    assert () == again(stated, FakeChain())


def test_what_cannot_be_asked_for_is_an_error(stated: ChainSnapshot) -> None:
    foreign = AssetId("eip155:1/slip44:60")
    odd = Balance(account_id(CHAIN.id, ALICE), foreign, 1, 0, "single", ("node-1",))

    with pytest.raises(ChainError, match="cannot ask for it"):
        again(replace(stated, balances=(odd,)), FakeChain())


PROVED = statechain.plan_of()


@pytest.fixture(scope="module")
def proved() -> ChainSnapshot:
    found = statechain.reading(PROVED, statechain.StateChain())
    assert {"state_proof"} == {one.evidence for one in found.balances}
    return found


def met_by(stated: ChainSnapshot, chain: statechain.StateChain) -> tuple[Difference, ...]:
    return compare_balances(PROVED, stated, statechain.sources(chain), World().around)


def pruned(method: str, params: list[Any], result: Any) -> Any:  # noqa: ANN401 - JSON
    """Keep blocks alone: no state of any age."""
    del params
    return result if method in {"eth_getBlockByNumber", "eth_chainId"} else ...


def test_what_is_proved_is_said_to_be_where_the_node_has_the_block_alone(
    proved: ChainSnapshot,
) -> None:
    believed = replace(proved.balances[0], evidence="quorum")
    mixed = replace(proved, balances=(believed, *proved.balances[1:]))
    first, *others = met_by(mixed, statechain.StateChain(lie=pruned))
    name = f"{believed.account} {believed.asset}"
    assert ("not_read_again", f"{name}: rpc_error") == first
    assert {"not_read_again"} == {code for code, _ in others}
    assert all(detail.endswith("proved by the node's own block") for _, detail in others)


def test_a_word_is_proved_to_be_a_balance_by_a_row_alone(proved: ChainSnapshot) -> None:
    sources = statechain.sources(statechain.StateChain(lie=pruned))
    met = compare_balances(replace(PROVED, slots=()), proved, sources, World().around)
    said = {
        f"{one.account} {one.asset}": ""
        if one.asset != PROVED.chain.native
        else "; proved by the node's own block"
        for one in proved.balances
    }
    expected = {("not_read_again", f"{name}: rpc_error{end}") for name, end in said.items()}
    assert expected >= {*met}
    assert {True, False} == {detail.endswith("rpc_error") for _, detail in met}


def test_what_is_proved_is_not_proved_by_another_root(proved: ChainSnapshot) -> None:
    other = replace(proved, pin=replace(proved.pin, state_root="0x" + "11" * 32))
    met = met_by(other, statechain.StateChain(lie=pruned))
    assert {"not_read_again"} == {code for code, _ in met}
    assert not any("proved" in detail for _, detail in met)


def test_an_answer_that_differs_from_what_is_proved_is_named(proved: ChainSnapshot) -> None:
    lie = statechain.on("eth_getBalance", lambda _params, _result: "0x1")
    met = met_by(proved, statechain.StateChain(lie=lie))
    assert {"balance_mismatch"} == {code for code, _ in met}
    assert len(statechain.HOLDERS) == len(met)


def test_a_block_whose_fields_are_not_its_own_confirms_nothing(proved: ChainSnapshot) -> None:
    def change(params: list[Any], result: Any) -> Any:  # noqa: ANN401 - JSON
        del params
        return {**result, "gasUsed": "0x1"}

    lie = statechain.on("eth_getBlockByNumber", change)
    met = met_by(proved, statechain.StateChain(lie=lie))
    assert {"not_read_again"} == {code for code, _ in met}


def test_a_node_that_answers_from_another_state_is_not_heard() -> None:
    stated = reading(PLAN, FakeChain())
    assert {"single"} == {one.evidence for one in stated.balances}
    met = again(stated, FakeChain(state_height=20))
    assert {"not_read_again"} == {code for code, _ in met}
    assert all(detail.endswith(": wrong_state") for _, detail in met if "code of" not in detail)
