"""A token small enough to be read: `balanceOf` and `decimals`, assembled by hand, for anvil.

    selector := first four bytes of the call
    balanceOf(holder)   returns storage[keccak256(holder, 3)], both words of 32 bytes, as Solidity
                        lays out `mapping(address => uint256)` in slot 3
    decimals()          returns a constant
    anything else       reverts

Balances are put into storage from outside (`anvil_setStorageAt`); the token has no transfers.

`moving` lends it some for a block: its code becomes one that also knows `transfer`, which moves the
words and says so in a `Transfer` event. The code that stands at all other blocks is the one whose
storage the registry knows.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.evm.effects import TRANSFER
from tests.nodes.assembly import assemble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.nodes.anvil import Anvil

TOKEN_A = "0x5FbDB2315678afecb367f032d93F642f64180aa3"  # noqa: S105 - an address
TOKEN_B = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"  # noqa: S105 - an address
"""Where the first two contracts of anvil's first account would lie."""

BALANCES_SLOT = 3

_DISPATCH = bytes.fromhex(
    "6000 35 60e0 1c"  # PUSH1 0, CALLDATALOAD, PUSH1 224, SHR: the selector
    "80 6370a08231 14 601d 57"  # DUP1, PUSH4 balanceOf, EQ, PUSH1 29, JUMPI
    "63313ce567 14 6038 57"  # PUSH4 decimals, EQ, PUSH1 56, JUMPI
    "6000 80 fd"  # PUSH1 0, DUP1, REVERT
)
_BALANCE_OF = bytes.fromhex(
    "5b 50"  # byte 29: JUMPDEST, POP the selector
    "6004 35 6000 52"  # PUSH1 4, CALLDATALOAD, PUSH1 0, MSTORE: the holder
    "6003 6020 52"  # PUSH1 3, PUSH1 32, MSTORE: the mapping's slot
    "6040 6000 20 54"  # KECCAK256 of the 64 bytes, SLOAD
    "6000 52 6020 6000 f3"  # MSTORE, RETURN 32 bytes
)
_DECIMALS = bytes.fromhex("5b 60")  # byte 56: JUMPDEST, PUSH1 decimals
_RETURN = bytes.fromhex("6000 52 6020 6000 f3")  # MSTORE, RETURN 32 bytes

_SLOT = "6000 52 6003 6020 52 6040 6000 20"
"""The storage slot of the holder on the stack."""
MOVING = assemble(
    f"""
    6000 35 60e0 1c
    80 6370a08231 14 @balance 57
    63a9059cbb 14 @transfer 57
    fail: 6000 80 fd
    balance: 6004 35 {_SLOT} 54 6000 52 6020 6000 f3
    transfer:
    33 {_SLOT} 80 54
    80 6024 35 11 @fail 57
    6024 35 90 03 90 55
    6004 35 {_SLOT} 80 54 6024 35 01 90 55
    6024 35 6000 52 6004 35 33 7f{TRANSFER[2:]} 6020 6000 a3
    6001 6000 52 6020 6000 f3
    """
)
"""SLOAD of the caller, refused if the amount is greater, SSTORE of what is left; SLOAD of the
receiver, SSTORE of the sum; LOG3 with the amount."""


def token_runtime(decimals: int) -> str:
    """Give the code of a token, 0x hex."""
    code = _DISPATCH + _BALANCE_OF + _DECIMALS + bytes([decimals]) + _RETURN
    return f"0x{code.hex()}"


def balance_slot(holder: str) -> str:
    """Give the storage slot of a holder's balance, 0x hex."""
    key = bytes.fromhex(holder[2:].rjust(64, "0")) + BALANCES_SLOT.to_bytes(32, "big")
    return f"0x{keccak256(key).hex()}"


def install_token(node: Anvil, token: str, decimals: int, holdings: Mapping[str, int]) -> None:
    """Put a token and its balances into the head block's state; mine two blocks afterwards."""
    node.ask("anvil_setCode", token, token_runtime(decimals))
    node.ask_all(
        [
            ("anvil_setStorageAt", [token, balance_slot(holder), f"0x{units:064x}"])
            for holder, units in holdings.items()
        ]
    )


@contextmanager
def moving(node: Anvil, token: str) -> Iterator[None]:
    """Let a token move while the block lasts; mine two blocks before and afterwards."""
    code = node.ask("eth_getCode", token, "latest")
    node.ask("anvil_setCode", token, MOVING)
    try:
        yield
    finally:
        node.ask("anvil_setCode", token, code)


def transfer_call(to: str, units: int) -> bytes:
    """Give the data of `transfer(to, units)`."""
    return bytes.fromhex(f"a9059cbb{to[2:].lower():0>64}{units:064x}")
