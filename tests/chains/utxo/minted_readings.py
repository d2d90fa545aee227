"""Readings of minted chains, and what they must come to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chains.evidence import Surroundings
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from tests.chains.utxo.history.minting import SCRIPTS, Minted, mined, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ChainPlan, Exchange, Source
    from chains.snapshot import ChainSnapshot


@dataclass(slots=True)
class World:
    """Surroundings that count pauses and let the chain go on in them."""

    event: Callable[[], None] = lambda: None
    pauses: list[float] = field(default_factory=list)
    said: list[tuple[str, int, int]] = field(default_factory=list)

    def around(self) -> Surroundings:
        return Surroundings(self.pause, lambda *what: self.said.append(what))

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.event()


def snapshot_of(plan: ChainPlan, *sources: Source, world: World | None = None) -> ChainSnapshot:
    return recheck(plan, read(plan, sources, (world or World()).around()))


def held(chain: Minted, height: int) -> list[int]:
    """What the chain itself has at a height, script by script."""
    state = chain.states[height].values()
    return [sum(one.units for one in state if one.script == script) for script in SCRIPTS]


def totals(snapshot: ChainSnapshot) -> list[int]:
    return [one.units + one.immature for one in snapshot.balances]


def other_branch(chain: Minted, at: int, blocks: int) -> Minted:
    """The same chain up to a block, and then another."""
    fork = Minted(
        chain.blocks[:at],
        dict(chain.raw),
        dict(chain.states[at - 1]),
        chain.states[:at],
        [one for one in chain.touched if one[2] < at],
    )
    fork.add(([next(iter(fork.held))], [(SCRIPTS[2], 77)]))
    fork.grow(blocks - 1)
    return fork


def shifted(chain: Minted, seconds: int) -> Callable[[Exchange], Exchange]:
    """Give other times to runs of eleven headers: with them a block is found by its time."""

    def changed(exchange: Exchange) -> Exchange:
        match exchange.call.params:
            case (int(start), int(count)) if (
                exchange.call.method.endswith("headers") and count == 11
            ):
                raw, previous = [], chain.blocks[start - 1].name if start else "00" * 32
                for block in chain.blocks[start : start + count]:
                    time = int.from_bytes(block.header[68:72], "little") + seconds
                    root = block.header[36:68][::-1].hex()
                    raw.append(mined(previous, root, time, chain.bits))
                    previous = shown(raw[-1])
                return replace(exchange, result={"count": count, "hex": b"".join(raw).hex()})
        return exchange

    return changed
