"""A real EVM node on which tokens are sent on to another entity, and come from it, around a pin.

    before | to CAROL 30 and 5, from CAROL 200, 11 between accounts, 13 to a stranger | pin
           | to CAROL 200 | after, with 1 from CAROL in it

The block `before` has 7 to CAROL in it, and after `after` come 50 from her; neither counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.evidence import ChainPlan, PlannedAccount
from chains.evm.effects import TRANSFER
from config.caip import AssetId
from tests.chains.evm.fakechain import ALICE, BOB, CAROL, CHAIN
from tests.nodes.token import TOKEN_A, balance_slot

if TYPE_CHECKING:
    from tests.nodes.anvil import Anvil

STRANGER = "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"
NOBODY = "0x" + "00" * 18 + "dEaD"
TOKEN = AssetId(f"{CHAIN.id}/erc20:{TOKEN_A}")
CODE = (
    "6000 35 60e0 1c"  # the selector
    "80 6370a08231 14 601e 57"  # balanceOf
    "80 63a9059cbb 14 6039 57"  # transfer
    "6000 80 fd"  # REVERT
    # byte 30: storage[keccak256(holder, 3)]
    "5b 50 6004 35 6000 52 6003 6020 52 6040 6000 20 54 6000 52 6020 6000 f3"
    # byte 57: the caller's balance less the units, the recipient's with them
    "5b 50 6003 6020 52 33 6000 52 6024 35 6040 6000 20 80 54 82 90 03 90 55"
    "6004 35 6000 52 6040 6000 20 80 54 82 01 90 55"
    # LOG3 of the units, from the caller to the recipient, and true
    f"6000 52 6004 35 33 7f {TRANSFER[2:]} 6020 6000 a3 6001 6000 52 6020 6000 f3"
)
HOLDINGS = {ALICE: 1000, BOB: 500, CAROL: 900, STRANGER: 100}


@dataclass(frozen=True, slots=True)
class Lent:
    """A node, and the heights that are read at."""

    node: Anvil
    before: int
    pin: int
    after: int

    def time(self, height: int) -> int:
        return int(self.node.block(height)["timestamp"], 16)


def pay(node: Anvil, *transfers: tuple[str, str, int]) -> None:
    """Send tokens, all in a block of their own."""
    txids = []
    for sender, recipient, units in transfers:
        data = f"0xa9059cbb{recipient[2:].lower():0>64}{units:064x}"
        call = {"from": sender, "to": TOKEN_A, "data": data, "gas": hex(200_000)}
        txids.append(node.ask("eth_sendTransaction", call))
    node.mine(1)
    receipts = [node.ask("eth_getTransactionReceipt", txid) for txid in txids]
    assert {("0x1", hex(node.height()))} == {
        (one["status"], one["blockNumber"]) for one in receipts
    }


def wait(node: Anvil, blocks: int) -> None:
    node.ask("anvil_mine", hex(blocks), hex(12))


def lent(node: Anvil) -> Lent:
    """Let tokens move around three blocks of a node that mines when it is told to."""
    node.mine(3)
    node.ask("anvil_setCode", TOKEN_A, f"0x{CODE.replace(' ', '')}")
    for holder, units in HOLDINGS.items():
        node.ask("anvil_setStorageAt", TOKEN_A, balance_slot(holder), f"0x{units:064x}")
    wait(node, 3)
    pay(node, (ALICE, CAROL, 7))
    before = node.height()
    wait(node, 2)
    pay(node, (ALICE, CAROL, 30))
    pay(node, (ALICE, CAROL, 5), (CAROL, BOB, 200))
    pay(node, (ALICE, BOB, 11))
    pay(node, (ALICE, STRANGER, 13))
    pay(node, (BOB, CAROL, 0))
    wait(node, 4)
    pin = node.height()
    wait(node, 2)
    pay(node, (BOB, CAROL, 200))
    wait(node, 2)
    pay(node, (CAROL, ALICE, 1))
    after = node.height()
    wait(node, 2)
    pay(node, (CAROL, ALICE, 50))
    wait(node, 8)
    return Lent(node, before, pin, after)


def plan_of(life: Lent, *others: str, quorum: int = 2) -> ChainPlan:
    """Plan to read two accounts, and what moved between them and others: CAROL if none is named."""
    window = life.time(life.before) + 1, life.time(life.after)
    accounts = tuple(PlannedAccount(one, (CHAIN.native, TOKEN)) for one in (ALICE, BOB))
    named = tuple(sorted(others or (CAROL,)))
    return ChainPlan(CHAIN, life.time(life.pin), quorum, 3, accounts, window=window, others=named)
