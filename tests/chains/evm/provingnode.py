"""A real node with two hundred accounts and tokens of every layout, and readings of it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eth_hash.backends.pysha3 import keccak256

from chains.evidence import ChainPlan, PlannedAccount
from chains.evm.address import checksummed
from chains.evm.calls import token_balance_call
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.slots import storage_key
from chains.transport import Endpoint, HttpSource
from config.caip import AssetId
from config.registry_files import load_registry
from config.slots import Guard, Slot
from tests.chains.evm.fakechain import World
from tests.chains.evm.forwarding import forwarded
from tests.misbehaving import serve
from tests.nodes.anvil import Anvil, anvil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chains.snapshot import ChainSnapshot
    from tests.chains.evm.forwarding import Change

CHAIN = load_registry().chain("anvil")
NATIVE = CHAIN.native
CODE: dict[str, str] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "slots" / "tokens.json").read_text()
)["code"]
EIP1967 = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"
NOBODY = "0x" + "00" * 18 + "dEaD"


def address(name: str) -> str:
    return checksummed(keccak256(name.encode())[12:])


def code_hash(name: str) -> str:
    return f"0x{keccak256(bytes.fromhex(CODE[name][2:])).hex()}"


def word(number: int) -> str:
    return f"0x{number:064x}"


def row(name: str, slot: int, layout: str = "solidity", bits: int = 256, **more: Any) -> Slot:  # noqa: ANN401 - fields
    return Slot(
        asset=AssetId(f"{CHAIN.id}/erc20:{address(name)}"),
        layout=layout,  # type: ignore[arg-type] # short for a test
        slot=slot,
        bits=bits,
        code_hash=code_hash(name),
        source="made for tests",
        checked="made for tests",
        **more,
    )


BEHIND = address("Flagged")
ROWS = (
    row(
        "Proxy1967",
        9,
        bits=255,
        implementation_slot=EIP1967,
        implementation=BEHIND,
        implementation_code_hash=code_hash("Flagged"),
    ),
    row(
        "Switched",
        2,
        guards=(Guard(word(3), word(0xFF << 160), word(0), "balances lie elsewhere"),),
    ),
    row("Plain", 5),
    row("VyperOrder", 3, layout="vyper"),
    row("Solady", 0x87A211A2, layout="solady"),
)
TOKENS = tuple(one.asset for one in ROWS)
PROXY, SWITCHED = TOKENS[:2]
HOLDERS = tuple(address(f"holder {number}") for number in range(200))
FEW = HOLDERS[:6]


@dataclass(frozen=True, slots=True)
class Proving:
    """A node with accounts and tokens, below its head."""

    node: Anvil
    pin: int
    """Height at which everything is as it was put there."""

    def put(self, contract: str, place: str, value: int) -> None:
        self.node.ask("anvil_setStorageAt", contract, place, word(value))

    def nodes_own(self, asset: AssetId, of: str) -> int:
        """Ask the node by number, by another client than the one under test."""
        block = hex(self.pin)
        if asset == NATIVE:
            return int(self.node.ask("eth_getBalance", of, block), 16)
        call = token_balance_call(asset.rpartition(":")[2], of, block)
        return int(self.node.ask(call.method, *call.params), 16)


@contextmanager
def proving() -> Iterator[Proving]:
    with anvil() as node:
        found = Proving(node, 3)
        node.ask_all(
            [
                ("anvil_setBalance", [one, hex(10**18 * number + 7)])
                for number, one in enumerate(HOLDERS)
            ]
        )
        for slot in ROWS:
            contract = slot.asset.rpartition(":")[2]
            name = next(name for name in CODE if address(name) == contract)
            node.ask("anvil_setCode", contract, CODE[name])
            words = {
                f"0x{storage_key(slot, one).hex()}": (1 << slot.bits) - 1 - number
                for number, one in enumerate(HOLDERS if slot.asset == PROXY else FEW)
            }
            node.ask_all(
                [
                    ("anvil_setStorageAt", [contract, place, word(value)])
                    for place, value in words.items()
                ]
            )
        node.ask("anvil_setCode", BEHIND, CODE["Flagged"])
        found.put(address("Proxy1967"), EIP1967, int(BEHIND, 16))
        found.put(address("Switched"), word(3), (1 << 168) | int(NOBODY, 16))
        # A holder whose word has the bit that is not of the balance.
        flagged = f"0x{storage_key(ROWS[0], HOLDERS[4]).hex()}"
        found.put(address("Proxy1967"), flagged, (1 << 255) | 44)
        node.mine(3)
        yield found


def plan_of(
    *addresses: str,
    assets: tuple[AssetId, ...] = (NATIVE, PROXY),
    quorum: int = 1,
    trie: str = "ethereum",
) -> ChainPlan:
    accounts = tuple(PlannedAccount(one, assets) for one in addresses or FEW)
    chain = replace(CHAIN, state_trie=trie)  # type: ignore[arg-type] # one of two
    return ChainPlan(chain, None, quorum, 1, accounts, slots=ROWS)


@contextmanager
def sources_of(chain: Proving, *changes: Change | None) -> Iterator[list[HttpSource]]:
    """Give a source for each change: the node itself for None, else with a liar before it."""
    found: list[HttpSource] = []
    if not changes:
        yield found
        return
    *others, last = changes
    with sources_of(chain, *others) as before:
        name, operator = f"node-{len(changes)}", "abcdef"[len(others)]
        if last is None:
            source = HttpSource(Endpoint(name, operator, chain.node.url), lambda _seconds: None)
            yield [*before, source]
            source.close()
            return
        with serve(forwarded(chain.node, last)) as server:
            source = HttpSource(Endpoint(name, operator, server.url), lambda _seconds: None)
            yield [*before, source]
            source.close()


def reading(chain: Proving, plan: ChainPlan, *changes: Change | None) -> ChainSnapshot:
    with sources_of(chain, *(changes or (None,))) as sources:
        evidence = read(plan, sources, World().around)
    return recheck(plan, evidence)
