"""Deposit contracts small enough to be read, assembled by hand, for anvil. Nobody deploys these.

forwarder    parentAddress() returns storage[0]; any other call sends all coins there
fixed        returns the parent that stands in its code at two places, whatever is called
clone        45 bytes that hand every call to an implementation (EIP-1167)
collector    parentAddress() as above; flushTokens(token) sends all of a token to the parent; any
             other call sends all coins there. It is a row of the registry, for `anvil`'s examples
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tests.nodes.assembly import assemble

if TYPE_CHECKING:
    from tests.nodes.anvil import Anvil

FORWARDER = "0x" + (
    "600035 60e0 1c"  # PUSH1 0, CALLDATALOAD, PUSH1 224, SHR: the selector
    "6300821de3 14 601b 57"  # PUSH4 parentAddress(), EQ, PUSH1 27, JUMPI
    "6000 80 80 80 47 6000 54 5a f1 00"  # CALL(GAS, storage[0], SELFBALANCE, 0, 0, 0, 0), STOP
    "5b 6000 54 6000 52 6020 6000 f3"  # byte 27: JUMPDEST, return storage[0]
).replace(" ", "")
OFFSETS = (1, 30)
"""Where the parent stands in `fixed`."""

COLLECTOR = assemble(
    """
    6000 35 60e0 1c
    80 6300821de3 14 @parent 57
    80 633ef13367 14 @flush 57
    6000 80 80 80 47 6000 54 5a f1 15 @fail 57 00
    parent: 6000 54 6000 52 6020 6000 f3
    flush:
    6370a08231 60e0 1b 6000 52 30 6004 52
    6020 6040 6024 6000 6004 35 5a fa 15 @fail 57
    63a9059cbb 60e0 1b 6000 52 6000 54 6004 52 6040 51 6024 52
    6020 6060 6044 6000 6000 6004 35 5a f1 15 @fail 57 00
    fail: 6000 80 fd
    """
)
"""After the selector: the parent's word is read; or balanceOf(this) is asked of the token in the
call's first word, and transfer(parent, that) sent to it; or CALL(parent, own balance). Nothing
writes storage."""


def digest(code: str) -> str:
    """Give the SHA-256 of code."""
    return hashlib.sha256(bytes.fromhex(code[2:])).hexdigest()


def fixed(parent: str, other: str = "") -> str:
    """Give code with a parent in it; the second place may name another one."""
    first, second = (one[2:].lower() for one in (parent, other or parent))
    return f"0x73{first}60005260206000f373{second}"


def clone(implementation: str) -> str:
    """Give a minimal proxy's code."""
    return f"0x363d3d373d3d3d363d73{implementation[2:].lower()}5af43d82803e903d91602b57fd5bf3"


def install(node: Anvil, address: str, code: str, parent: str | None = None) -> None:
    """Put a contract into the head block's state; mine two blocks afterwards."""
    node.ask("anvil_setCode", address, code)
    if parent is not None:
        word = f"0x{parent[2:].lower():0>64}"
        node.ask("anvil_setStorageAt", address, f"0x{0:064x}", word)
