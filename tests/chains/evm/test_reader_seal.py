"""Sources that give a block whose fields are not behind its name."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.snapshot import Remark
from tests.chains.evm.fakechain import CHAIN
from tests.chains.evm.statechain import (
    TOKEN_ASSET,
    TRUTH,
    StateChain,
    classes,
    no_proofs,
    plan_of,
    reading,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.misbehaving import Json

PIN = 18
UNKNOWN = replace(CHAIN, state_trie="unknown")
HONEST = StateChain()
FIELDS = sorted(HONEST.block(PIN).keys() - {"transactions"})
NAMED = {"hash", "parentHash", "number", "timestamp"}
"""Fields that sources are compared by."""


def other(value: str) -> str:
    """Change a field's last digit, or give it one."""
    if value == "0x":
        return "0x00"
    last = "1" if value[-1] == "0" else "0" if len(value) > 3 else "2"
    return value[:-1] + last


def lying(change: Callable[[dict[str, Json]], Json]) -> StateChain:
    """A chain that changes the pin's block wherever it is asked for by number or hash."""

    def lie(method: str, params: list[Json], result: Json) -> Json:
        named = "Block" in method and params[0][:2] == "0x" and result is not None
        pin = named and result["number"] == hex(PIN)
        return change(result) if pin else result

    return StateChain(lie=lie)


def changed(field: str) -> StateChain:
    return lying(lambda block: {**block, field: other(block[field])})


@pytest.mark.parametrize("field", FIELDS)
def test_a_block_with_a_changed_field_is_no_pin(field: str) -> None:
    with pytest.raises(ChainError) as caught:
        reading(plan_of(), changed(field))
    if field not in NAMED:
        assert "node-1 says header_mismatch" in str(caught.value)


@pytest.mark.parametrize("field", FIELDS)
def test_a_source_that_gives_one_has_no_voice_beside_another(field: str) -> None:
    """Alone it is left out; where two are asked for, there is no pin without it."""
    with pytest.raises(ChainError):
        reading(plan_of(quorum=2), changed(field), StateChain())
    try:
        snapshot = reading(plan_of(), changed(field), StateChain())
    except ChainError:
        assert field in NAMED
        return
    assert snapshot.pin.block_hash == HONEST.block(PIN)["hash"]
    assert snapshot.pin.state_root == HONEST.root
    assert {one.sources for one in snapshot.balances} == {("node-2",)}
    assert {"state_proof"} == classes(snapshot, CHAIN.native)


@pytest.mark.parametrize("field", sorted(set(FIELDS) - NAMED))
def test_where_the_trie_is_not_known_such_a_block_proves_nothing(field: str) -> None:
    chain = changed(field)
    snapshot = reading(plan_of(chain=UNKNOWN), chain)
    assert {"single"} == classes(snapshot, CHAIN.native) == classes(snapshot, TOKEN_ASSET)
    assert (snapshot.pin.state_root, snapshot.proving) == (None, None)
    assert snapshot.remarks == (Remark("header_not_recomputed", "", 1),)
    assert "eth_getProof" not in {method for method, _ in chain.asked}


@pytest.mark.parametrize("field", sorted(set(FIELDS) - NAMED))
@pytest.mark.parametrize("first", [True, False])
def test_where_the_trie_is_not_known_clients_may_show_other_fields(
    field: str,
    first: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    chains = [changed(field), StateChain()][:: 1 if first else -1]
    snapshot = reading(plan_of(chain=UNKNOWN, quorum=2), *chains)
    assert snapshot.pin.state_root == HONEST.root
    assert {"state_proof"} == classes(snapshot, CHAIN.native) == classes(snapshot, TOKEN_ASSET)
    assert {one.sources for one in snapshot.balances} == {("node-1", "node-2")}


@pytest.mark.parametrize("missing", ["stateRoot", "miner", "baseFeePerGas", "logsBloom"])
def test_a_block_without_a_field_is_no_pin(missing: str) -> None:
    values: tuple[Json, ...] = (None, "", "0x", "0x0g", 7, [])
    for value in values:
        chain = lying(partial(with_field, missing, value))
        with pytest.raises(ChainError, match="node-1 says header_mismatch"):
            reading(plan_of(), chain)


def with_field(name: str, value: Json, block: dict[str, Json]) -> Json:
    return {**block, name: value}


def test_a_whole_other_block_is_seen_by_the_other_source_alone() -> None:
    """A chain that a node made up fits itself; only another operator, or an anchor, tells."""
    made_up = StateChain(replace(TRUTH, balances=dict.fromkeys(TRUTH.balances, 10**30)))
    alone = reading(plan_of(), made_up)
    assert {"state_proof"} == classes(alone, CHAIN.native)
    assert {one.units for one in alone.balances if one.asset == CHAIN.native} == {10**30}
    for quorum in (1, 2):
        with pytest.raises(ChainError, match="no agreement on block 18"):
            reading(plan_of(quorum=quorum), made_up, StateChain())


def test_a_block_that_is_whole_at_one_look_only_is_the_same_block() -> None:
    looks = [0]

    def change(block: dict[str, Json]) -> Json:
        looks[0] += 1
        return block if looks[0] == 1 else {**block, "gasUsed": "0x1"}

    snapshot = reading(plan_of(), lying(change))
    assert snapshot.pin.state_root == HONEST.root
    assert {"state_proof"} == classes(snapshot, CHAIN.native)


def test_a_source_that_serves_no_proofs_is_held_to_its_header_too() -> None:
    lie = changed("gasUsed").lie

    def both(method: str, params: list[Json], result: Json) -> Json:
        return no_proofs(method, params, lie(method, params, result))

    chain = StateChain(lie=both)
    with pytest.raises(ChainError, match="header_mismatch"):
        reading(plan_of(), chain)
