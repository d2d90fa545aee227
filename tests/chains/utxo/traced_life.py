"""A minted chain with transactions that no planned history shows whole, around a pin in the past.

| transaction | where | spends |
|---|---|---|
| foreign | far below the pin, touches no account | a stranger's coin |
| deposit | below the pin, pays an account | two strangers' coins |
| out | above the pin | an account's coin |
| foreign_late | above the pin, touches no account | a stranger's coin |
| waiting | in no block | a stranger's coin |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chains.snapshot import Question
from tests.chains.utxo.fake_server import FakeServer, lived, median_at, plan_of
from tests.chains.utxo.history.minting import MINER, SCRIPTS, Minted, written

if TYPE_CHECKING:
    from chains.evidence import ChainPlan, ProtocolName
    from chains.snapshot import ChainSnapshot

BOTH: tuple[ProtocolName, ...] = ("electrum", "esplora")
STRANGER, OTHER = "0014" + "d4" * 20, "0014" + "e5" * 20
ALL = (*SCRIPTS, MINER, STRANGER, OTHER)
UNKNOWN = "ab" * 32
MARK = "6a0401020304"
MINED = ("foreign", "deposit", "out", "foreign_late")


@dataclass(frozen=True, slots=True)
class Life:
    """The chain, its transactions by name, and the pin's height."""

    chain: Minted
    txids: dict[str, str]
    pinned: int

    def server(self, protocol: ProtocolName = "electrum", **more: Any) -> FakeServer:  # noqa: ANN401
        """A server that knows the strangers' scripts too."""
        return FakeServer(self.chain, protocol=protocol, scripts=ALL, **more)

    def plan(
        self,
        *names: str,
        quorum: int = 1,
        confirmations: int = 3,
        **form: Any,  # noqa: ANN401 - fields of the chain's row
    ) -> ChainPlan:
        """A plan that asks what transactions moved, each by its name or txid."""
        at = median_at(self.pinned)
        plan = plan_of(self.chain, as_of=at, quorum=quorum, confirmations=confirmations, **form)
        txids = [self.txids.get(name, name) for name in names]
        asked = tuple(Question(plan.chain.id, "movement", txid) for txid in txids)
        return replace(plan, questions=asked)

    def told(self, found: ChainSnapshot) -> dict[str, str]:
        """Answers by name."""
        names = {txid: name for name, txid in self.txids.items()}
        return {names[one.question.subject]: one.value for one in found.answers}

    def height(self, name: str) -> int:
        """The block that holds a transaction."""
        blocks = enumerate(self.chain.blocks)
        return next(at for at, block in blocks if self.txids[name] in block.txids)


def mined_coin(chain: Minted) -> tuple[str, int]:
    """A coin of nobody that a plan knows."""
    return next(at for at, one in chain.held.items() if one.script == MINER)


def traced_life() -> Life:
    """Make the chain."""
    chain = lived(12)
    (foreign,) = chain.add(([mined_coin(chain)], [(MARK, 0), (STRANGER, 900), (OTHER, 80)]))
    chain.grow(9)
    spent = [(foreign, 1), mined_coin(chain)]
    (deposit,) = chain.add((spent, [(SCRIPTS[0], 700), (STRANGER, 100), (MARK, 0)]))
    chain.grow(3)
    pinned = chain.height
    chain.grow(5)
    (out,) = chain.add(([(deposit, 0)], [(OTHER, 400), (SCRIPTS[1], 290)]))
    chain.grow(1)
    (late,) = chain.add(([(foreign, 2)], [(MARK, 1), (STRANGER, 70)]))
    chain.grow(4)
    raw, waiting = written(((deposit, 1),), [(SCRIPTS[0], 90)])
    chain.raw[waiting] = raw
    found = (foreign, deposit, out, late, waiting)
    return Life(chain, dict(zip((*MINED, "waiting"), found, strict=True)), pinned)
