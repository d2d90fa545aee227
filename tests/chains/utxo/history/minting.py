"""A chain made for a test: blocks that link, with easy work, and every state of all its outputs.

Written apart from the code under test: transactions, trees and headers are put together here by
hand, so that both must be wrong in the same way to agree.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.registry import UtxoFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

SCRIPTS = tuple("0014" + f"{number:02x}" * 20 for number in (0xA1, 0xB2, 0xC3))
MINER = "0014" + "ee" * 20
"""Gets what the tests do not ask about."""
EASY = 0x207FFFFF
LIMIT = "7f" + "f" * 62
NULL = "00" * 32
SUBSIDY = 5_000_000_000
SPACING = 600
START = 1_700_000_000

Outpoint = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Held:
    """An unspent output."""

    script: str
    units: int
    height: int
    coinbase: bool


@dataclass(frozen=True, slots=True)
class Block:
    header: bytes
    txids: tuple[str, ...]

    @property
    def name(self) -> str:
        return shown(self.header)


@dataclass(slots=True)
class Minted:
    """A growing chain."""

    blocks: list[Block] = field(default_factory=list)
    raw: dict[str, bytes] = field(default_factory=dict)
    held: dict[Outpoint, Held] = field(default_factory=dict)
    states: list[dict[Outpoint, Held]] = field(default_factory=list)
    touched: list[tuple[str, str, int]] = field(default_factory=list)
    """Script, txid and height, in the order of the chain."""
    bits: int = EASY
    spacing: int = SPACING

    @property
    def height(self) -> int:
        return len(self.blocks) - 1

    def add(
        self,
        *transactions: tuple[Sequence[Outpoint], Sequence[tuple[str, int]]],
        reward: str = MINER,
        witness: bool = False,
    ) -> tuple[str, ...]:
        """Add a block of transactions, each its inputs and outputs; give their txids."""
        height = len(self.blocks)
        coinbase = ([(NULL, 0xFFFFFFFF)], [(reward, SUBSIDY)])
        txids = [self._apply(coinbase, height, coinbase=True)]
        txids += [self._apply(one, height, coinbase=False, witness=witness) for one in transactions]
        previous = self.blocks[-1].name if self.blocks else NULL
        time = START + height * self.spacing
        header = mined(previous, tree(txids)[-1][0], time, self.bits)
        self.blocks.append(Block(header, tuple(txids)))
        self.states.append(dict(self.held))
        return tuple(txids[1:])

    def grow(self, count: int) -> None:
        for _ in range(count):
            self.add()

    def history(self, script: str) -> tuple[tuple[str, int], ...]:
        """What touches a script, in the order of the chain."""
        return tuple((txid, height) for name, txid, height in self.touched if name == script)

    def branch(self, txid: str, height: int) -> tuple[tuple[str, ...], int]:
        """Siblings from the leaves up, and the place in the block."""
        levels = tree(self.blocks[height].txids)
        position = at = self.blocks[height].txids.index(txid)
        siblings = []
        for level in levels[:-1]:
            siblings.append(level[min(at ^ 1, len(level) - 1)])
            at //= 2
        return tuple(siblings), position

    def form(self, **change: object) -> UtxoFormat:
        values: dict[str, object] = {
            "genesis": self.blocks[0].name,
            "p2pkh": (0x6F,),
            "p2sh": (0xC4,),
            "message_header": "Bitcoin Signed Message:\n",
            "hrp": "bcrt",
            "proof_of_work": "sha256d",
            "pow_limit": LIMIT,
        }
        return UtxoFormat(**(values | change))  # type: ignore[arg-type]  # each by its own name

    def _apply(
        self,
        transaction: tuple[Sequence[Outpoint], Sequence[tuple[str, int]]],
        height: int,
        *,
        coinbase: bool,
        witness: bool = False,
    ) -> str:
        inputs, outputs = transaction
        raw, txid = written(inputs, outputs, unlock=height if coinbase else None, witness=witness)
        scripts = [self.held.pop(one).script for one in inputs if not coinbase]
        for vout, (script, units) in enumerate(outputs):
            if height:  # The coinbase of the first block is no chain's to spend.
                self.held[txid, vout] = Held(script, units, height, coinbase)
            scripts.append(script)
        self.raw[txid] = raw
        self.touched += [(script, txid, height) for script in dict.fromkeys(scripts)]
        return txid


def written(
    inputs: Sequence[Outpoint],
    outputs: Sequence[tuple[str, int]],
    *,
    unlock: int | None = None,
    witness: bool = False,
) -> tuple[bytes, str]:
    """Write a transaction; `unlock` makes it unique, as a height does a coinbase."""
    push = b"" if unlock is None else b"\x04" + struct.pack("<I", unlock)
    body = bytes([len(inputs)]) + b"".join(
        bytes.fromhex(txid)[::-1] + struct.pack("<IB", vout, len(push)) + push + b"\xff" * 4
        for txid, vout in inputs
    )
    body += bytes([len(outputs)]) + b"".join(
        struct.pack("<qB", units, len(script) // 2) + bytes.fromhex(script)
        for script, units in outputs
    )
    version, lock = struct.pack("<i", 2), struct.pack("<I", 0)
    plain = version + body + lock
    stack = b"\x01\x02\xab\xcd" * len(inputs)
    return version + b"\x00\x01" + body + stack + lock if witness else plain, shown(plain)


def tree(txids: Sequence[str]) -> list[list[str]]:
    """All levels of a Merkle tree in display order, the leaves first, the root last."""
    levels = [list(txids)]
    while len(levels[-1]) > 1:
        level = levels[-1]
        pairs = [(level[at], level[min(at + 1, len(level) - 1)]) for at in range(0, len(level), 2)]
        levels.append([shown(bytes.fromhex(a)[::-1] + bytes.fromhex(b)[::-1]) for a, b in pairs])
    return levels


def mined(previous: str, root: str, time: int, bits: int) -> bytes:
    """Find a header whose hash meets its target."""
    target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3)
    front = struct.pack("<i", 0x20000000) + bytes.fromhex(previous)[::-1]
    front += bytes.fromhex(root)[::-1] + struct.pack("<II", time, bits)
    for nonce in range(1 << 20):
        header = front + struct.pack("<I", nonce)
        if int(shown(header), 16) <= target:
            return header
    raise ValueError(f"no header found for bits {bits:#x}")


def shown(data: bytes) -> str:
    """Hash twice, and write it as people do."""
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()[::-1].hex()


def small_chain() -> Minted:
    """Ten blocks in which the three scripts are paid, spend, and pay one another."""
    chain = Minted()
    chain.grow(2)
    chain.add(reward=SCRIPTS[0])  # 2
    first = (chain.blocks[2].txids[0], 0)
    (pay,) = chain.add(([first], [(SCRIPTS[0], 700), (SCRIPTS[1], 300), (MINER, 1)]))  # 3
    chain.grow(1)
    (move,) = chain.add(  # 5
        ([(pay, 0)], [(SCRIPTS[1], 400), (SCRIPTS[0], 250)]), witness=True
    )
    (burn,) = chain.add(([(pay, 1), (move, 0)], [(SCRIPTS[2], 650)]))  # 6
    chain.grow(1)
    chain.add(  # 8
        ([(burn, 0)], [(SCRIPTS[0], 600)]), ([(move, 1)], [(SCRIPTS[0], 200)]), reward=SCRIPTS[1]
    )
    chain.grow(1)
    return chain
