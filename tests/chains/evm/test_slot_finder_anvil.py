"""The finder against a real node and compiled tokens of every layout."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from eth_hash.backends.pysha3 import keccak256

from chains.evm.calls import Header
from chains.evm.slot_finder import NoSlotError, find_slot, holders_for
from chains.evm.slots import place_of
from chains.transport import Endpoint, HttpSource
from config.caip import AssetId, ChainId
from config.slots import Guard, Slot
from tests.nodes.anvil import Anvil, anvil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chains.evm.slot_finder import Found, Reason

VECTORS = Path(__file__).parents[2] / "vectors" / "slots" / "tokens.json"
CODE: dict[str, str] = json.loads(VECTORS.read_text())["code"]

CHAIN = ChainId("eip155:31337")
TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3"  # noqa: S105 - an address
BEHIND = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"
"""An implementation, a ledger or a beacon."""
OTHER = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0"
EIP1967 = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"
ZEPPELINOS = "0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3"
BEACON = "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50"
RAY = 10**27


def word(number: int | str) -> str:
    return f"0x{int(number, 16) if isinstance(number, str) else number:064x}"


def code_hash(name: str) -> str:
    return f"0x{keccak256(bytes.fromhex(CODE[name][2:])).hex()}"


@dataclass(frozen=True, slots=True)
class Bench:
    """A node into which tokens are put."""

    node: Anvil

    def put(self, name: str, at: str = TOKEN, words: Mapping[str, str] | None = None) -> None:
        self.node.ask("anvil_setCode", at, CODE[name])
        for place, value in (words or {}).items():
            self.node.ask("anvil_setStorageAt", at, word(place), value)
        self.node.mine(1)

    def find(self, holder: str | None = None) -> Found:
        block = self.node.block(self.node.height())
        header = Header(
            int(block["number"], 16),
            block["hash"],
            block["parentHash"],
            int(block["timestamp"], 16),
        )
        source = HttpSource(Endpoint("node-1", "unnamed", self.node.url), lambda _seconds: None)
        return find_slot(source, CHAIN, TOKEN, holders_for(holder), header)

    def refusal(self, holder: str | None = None) -> tuple[Reason, str]:
        with pytest.raises(NoSlotError) as caught:
            self.find(holder)
        return caught.value.reason, caught.value.what


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with anvil() as running:
        yield running


@pytest.fixture
def bench(node: Anvil) -> Iterator[Bench]:
    before = node.ask("evm_snapshot")
    yield Bench(node)
    node.ask("evm_revert", before)


def row(found: Found, name: str) -> Slot:
    """Give the row but for what says where it was found, which is checked here."""
    assert found.slot.source.startswith("attest find-slot at block ")
    assert (AssetId(f"{CHAIN}/erc20:{TOKEN}"), code_hash(name), "") == (
        found.slot.asset,
        found.slot.code_hash,
        found.slot.checked,
    )
    return replace(found.slot, source="")


def made(name: str, layout: str, slot: int | str, bits: int, **more: object) -> Slot:
    return Slot(
        asset=AssetId(f"{CHAIN}/erc20:{TOKEN}"),
        layout=layout,  # type: ignore[arg-type] # the row's own check is what is wanted
        slot=slot,
        bits=bits,
        code_hash=code_hash(name),
        source="",
        checked="",
        **more,  # type: ignore[arg-type] # the same
    )


@pytest.mark.parametrize(
    ("name", "layout", "slot", "bits"),
    [
        ("Plain", "solidity", 5, 256),
        ("Narrow", "solidity", 0, 96),
        ("Flagged", "solidity", 9, 255),
        ("VyperOrder", "vyper", 3, 256),
        ("Solady", "solady", 0x87A211A2, 256),
        (
            "Namespaced",
            "solidity",
            "0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00",
            256,
        ),
        ("Harmless", "solidity", 1, 256),
    ],
)
def test_a_plain_token_has_a_row(
    bench: Bench, name: str, layout: str, slot: int | str, bits: int
) -> None:
    bench.put(name)

    assert made(name, layout, slot, bits) == row(bench.find(), name)


@pytest.mark.parametrize(
    ("proxy", "place"), [("Proxy1967", EIP1967), ("ProxyZeppelinos", ZEPPELINOS)]
)
def test_a_proxy_is_followed_to_its_implementation(bench: Bench, proxy: str, place: str) -> None:
    bench.put("Flagged", BEHIND)
    bench.put(proxy, TOKEN, {place: word(BEHIND)})

    expected = made(
        proxy,
        "solidity",
        9,
        255,
        implementation_slot=place,
        implementation=BEHIND,
        implementation_code_hash=code_hash("Flagged"),
    )
    found = bench.find()

    assert expected == row(found, proxy)
    assert not [note for note in found.notes if note.startswith("look:")]


def test_a_switch_is_guarded_with_all_its_bits(bench: Bench) -> None:
    # A word of three members: address, the switch, and a flag that decides nothing.
    bench.put("Switched", TOKEN, {"0x3": word((1 << 168) | int(OTHER, 16))})

    guard = Guard(
        position=word(3),
        mask=word(0xFF << 160),
        value=word(0),
        meaning="balanceOf fails, or gives zero, where this differs",
    )

    assert made("Switched", "solidity", 2, 256, guards=(guard,)) == row(bench.find(), "Switched")


def test_a_switch_that_was_thrown_is_refused(bench: Bench) -> None:
    bench.put("Plain", OTHER)
    bench.put("Switched", TOKEN, {"0x3": word((1 << 160) | int(OTHER, 16))})

    assert "elsewhere" == bench.refusal()[0]


@pytest.mark.parametrize(
    ("name", "index", "reason"),
    [
        # Multiplied by 1e27, all ones overflow: the index need not even be turned.
        ("Scaled", RAY, "not_plain"),
        ("Scaled", RAY + 1, "not_plain"),
        ("Scaled", 0, "not_plain"),
        ("Multiplied", 1, "factor"),
        ("Multiplied", 2, "not_plain"),
        ("Multiplied", 0, "not_plain"),
    ],
)
def test_a_scaled_token_is_refused_at_every_index(
    bench: Bench, name: str, index: int, reason: Reason
) -> None:
    bench.put(name, TOKEN, {"0x0": word(index)})

    assert reason == bench.refusal()[0]


def test_an_index_read_for_holders_alone_is_seen_with_a_holder(bench: Bench) -> None:
    holder = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
    place = "0x" + place_of("solidity", 1, holder).hex()
    bench.put("Shy", TOKEN, {"0x0": word(1), place: word(5)})

    assert "factor" == bench.refusal(holder)[0]


def test_what_a_node_cannot_show_is_said(bench: Bench) -> None:
    bench.put("Shy", TOKEN, {"0x0": word(1)})
    try:
        told: object = bench.find().notes[-1][:9]
    except NoSlotError as refused:
        # A node that lists access for a changed state sees the factor without a holder.
        told = refused.reason

    assert told in {"not seen:", "factor"}


@pytest.mark.parametrize(
    ("name", "reason", "part"),
    [
        ("Salted", "no_layout", "no layout that is known leads to any of 0x"),
        ("High", "not_plain", "back the word of solidity 0: 0x0 gives 0x0, 0x3e7 gives 0x0, "),
        ("Summed", "holder_words", "solidity 0 and solidity 1"),
        ("Frozen", "holder_words", "a second word of one holder decides"),
    ],
)
def test_other_layouts_are_refused(bench: Bench, name: str, reason: Reason, part: str) -> None:
    bench.put(name)
    met, what = bench.refusal()

    assert reason == met
    assert part in what


def test_a_ledger_of_another_contract_is_refused(bench: Bench) -> None:
    bench.put("Plain", BEHIND)
    bench.put("Fronted", TOKEN, {"0x0": word(BEHIND)})

    assert ("elsewhere", f"balanceOf reads storage of {BEHIND.lower()}") == bench.refusal()


def test_a_beacon_is_refused(bench: Bench) -> None:
    bench.put("Plain", OTHER)
    bench.put("Beacon", BEHIND, {"0x0": word(OTHER)})
    bench.put("BeaconProxy", TOKEN, {BEACON: word(BEHIND)})

    assert ("elsewhere", f"balanceOf reads storage of {BEHIND.lower()}") == bench.refusal()


def test_an_address_without_code_is_refused(bench: Bench) -> None:
    assert ("no_code", f"no code at {TOKEN}") == bench.refusal()


def test_a_word_beside_a_custom_implementation_is_known_by_what_it_holds(bench: Bench) -> None:
    custom = CODE["Proxy1967"].replace(EIP1967[2:], word(7)[2:])
    bench.put("Plain", BEHIND)
    bench.node.ask("anvil_setCode", TOKEN, custom)
    bench.node.ask("anvil_setStorageAt", TOKEN, word(7), word(BEHIND))
    bench.node.mine(1)
    slot = bench.find().slot

    assert (word(7), BEHIND, 5) == (slot.implementation_slot, slot.implementation, slot.slot)
