"""A real EVM node on which two accounts move around three blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chains.evm.calls import NONCE_METHOD, token_balance_call
from tests.chains.evm.fakechain import ALICE, BOB, CAROL
from tests.nodes.token import TOKEN_A, install_token

if TYPE_CHECKING:
    from tests.nodes.anvil import Anvil

ETHER = 10**18


@dataclass(frozen=True, slots=True)
class Moved:
    """A node, and the heights that are read at."""

    node: Anvil
    before: int
    pin: int
    after: int

    def time(self, height: int) -> int:
        return int(self.node.block(height)["timestamp"], 16)

    def said(self, address: str, height: int) -> tuple[int, int, int]:
        """Coins, tokens and nonce as the node itself says them, asked by another client."""
        block = hex(height)
        token = token_balance_call(TOKEN_A, address, block)
        calls: list[tuple[str, list[Any]]] = [
            ("eth_getBalance", [address, block]),
            (token.method, list(token.params)),
            (NONCE_METHOD, [address, block]),
        ]
        coins, tokens, nonce = (int(text, 16) for text in self.node.ask_all(calls))
        return coins, tokens, nonce

    def rows(self) -> list[tuple[int | None, ...]]:
        """Coins, then tokens of each account: before, after, and the three nonces."""
        found: list[tuple[int | None, ...]] = []
        for address in (ALICE, BOB):
            heights = (self.before, self.pin, self.after)
            first, at, last = (self.said(address, height) for height in heights)
            found += [(first[kind], last[kind], first[2], at[2], last[2]) for kind in (0, 1)]
        return found


def send(node: Anvil, sender: str, ether: int) -> None:
    """Pay somebody, in a block of its own."""
    call = {"from": sender, "to": CAROL, "value": hex(ether * ETHER)}
    node.ask("eth_sendTransaction", call)


def moved(node: Anvil) -> Moved:
    """Let two accounts move around three blocks."""
    node.mine(5)
    install_token(node, TOKEN_A, 6, {ALICE: 500, BOB: 11})
    send(node, ALICE, 3)
    node.ask("anvil_mine", hex(3), hex(12))
    before = node.height()
    node.ask("anvil_mine", hex(2), hex(12))
    send(node, ALICE, 1)
    send(node, BOB, 2)
    install_token(node, TOKEN_A, 6, {ALICE: 800})
    node.ask("anvil_mine", hex(4), hex(12))
    pin = node.height()
    node.ask("anvil_mine", hex(2), hex(12))
    send(node, ALICE, 4)
    send(node, ALICE, 5)
    install_token(node, TOKEN_A, 6, {BOB: 4})
    node.ask("anvil_mine", hex(3), hex(12))
    after = node.height()
    node.ask("anvil_mine", hex(8), hex(12))
    return Moved(node, before, pin, after)
