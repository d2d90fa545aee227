"""Asking sources for state proofs, once balances were read: the second pass of a reading.

Any source may prove a balance, since a proof needs no trust. The first that serves proofs is asked
for all that were chosen, the next for what is left. A source that gave no proof for a whole chunk
is not asked for further ones of the kind. A reply is checked as it comes; its nodes go to the
spool, and the log keeps `NODES` in its place: the store holds the reply word for word, as the nodes
on the path. A reply that does not prove anything is kept as `bad_proof`.

A token's row is looked at first; where it is not proved to hold at the pin none of its balances is
asked for, and where it is proved not to hold no other source is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from chains.evidence import HOLE, Exchange, Sweep
from chains.evm.calls import MalformedAnswer
from chains.evm.nodes import encode_nodes
from chains.evm.proven import ProvenState
from chains.evm.proving import NODES, proof_call, proof_nodes
from chains.evm.slots import storage_key
from chains.evm.trie import InvalidStateProof
from chains.sweep import collect, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chains.evidence import Call, ChainPlan, Surroundings
    from chains.evm.calls import Block
    from chains.evm.nodes import NodeSpool
    from chains.evm.selection import Pair
    from chains.recording import Recorder
    from config.caip import AssetId
    from config.slots import Slot

CHUNK = 100
"""Accounts in one sweep of proofs: some 800 kB on a main network."""

KEYS = 50
"""Slots of one contract in one call."""

CALLS = 8
"""Such calls in one request."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be proved, and where the proofs go."""

    plan: ChainPlan
    state_root: str
    contracts: dict[AssetId, str]
    """Contract of each token that can be proved."""
    spool: NodeSpool
    around: Surroundings
    rows: dict[AssetId, bool | None] = field(default_factory=dict)
    """Whether each token's row is proved to hold at the pin, so far as sources were asked."""


def prove(task: Task, chosen: Iterable[Pair], voices: Sequence[tuple[Recorder, Block]]) -> None:
    """Ask for the proofs of balances until they are there or no source gives them.

    Args:
        task: what goes for all of them.
        chosen: asset and address of each balance.
        voices: the sources that answered to the end, and how each wants the pin named.
    """
    left = tuple(chosen)
    total = len(left)
    for recorder, block in voices:
        asker = _Asker(task, recorder, block, total)
        left = asker.natives(left)
        for asset in task.contracts:
            left = asker.token(asset, left)
        if not left:
            return


@dataclass(slots=True)
class _Asker:
    """One source being asked."""

    task: Task
    recorder: Recorder
    block: Block
    total: int

    def natives(self, left: tuple[Pair, ...]) -> tuple[Pair, ...]:
        """Ask for accounts; give what is left to prove."""
        native = self.task.plan.chain.native
        addresses = [address for asset, address in left if asset == native]
        return self._gather(native, addresses, CHUNK, self._accounts, left)

    def token(self, asset: AssetId, left: tuple[Pair, ...]) -> tuple[Pair, ...]:
        """Ask for one token's balances; give what is left to prove."""
        slot = self.task.plan.slot(asset)
        addresses = [address for one, address in left if one == asset]
        if slot is None or not addresses or not self._row_holds(asset, slot):
            return left
        words = partial(self._words, self.task.contracts[asset], slot)
        return self._gather(asset, addresses, KEYS * CALLS, words, left)

    def _gather(
        self,
        asset: AssetId,
        addresses: list[str],
        size: int,
        prove: Callable[[tuple[str, ...]], set[str]],
        left: tuple[Pair, ...],
    ) -> tuple[Pair, ...]:
        """Prove balances of an asset chunk by chunk; give what is left of all."""
        proved: set[str] = set()
        for at in range(0, len(addresses), size):
            given = prove(tuple(addresses[at : at + size]))
            proved |= given
            name, undone = self.task.plan.chain.name, len(left) - len(proved)
            self.task.around.progress(f"{name}: proving balances", self.total - undone, self.total)
            if not given:
                break
        return tuple(pair for pair in left if pair[0] != asset or pair[1] not in proved)

    def _row_holds(self, asset: AssetId, slot: Slot) -> bool:
        """Prove that a token's code is the one its row was made from, or that it is not."""
        if self.task.rows.get(asset) is not None:
            return bool(self.task.rows[asset])
        contract = self.task.contracts[asset]
        places = [guard.position for guard in slot.guards]
        if slot.implementation_slot is not None:
            places.append(slot.implementation_slot)
        calls = [proof_call(contract, tuple(places), self.block)]
        if slot.implementation is not None:
            calls.append(proof_call(slot.implementation, (), self.block))
        nodes = [node for of in self._proofs(calls) for node in of or ()]
        state = ProvenState(self.task.state_root, encode_nodes(nodes), {asset: slot})
        self.task.rows[asset] = state.holds(asset, contract)
        return bool(self.task.rows[asset])

    def _words(self, contract: str, slot: Slot, addresses: tuple[str, ...]) -> set[str]:
        """Ask for the balance words of some holders; give those that are proved."""
        parts = [addresses[at : at + KEYS] for at in range(0, len(addresses), KEYS)]
        keys = [tuple(f"0x{storage_key(slot, one).hex()}" for one in part) for part in parts]
        calls = [proof_call(contract, part, self.block) for part in keys]
        proofs = zip(parts, self._proofs(calls), strict=True)
        return {one for part, nodes in proofs if nodes is not None for one in part}

    def _proofs(self, calls: Sequence[Call]) -> list[tuple[bytes, ...] | None]:
        """Ask for proofs, and keep what came back; give the nodes of those that prove something."""
        checked = [self._checked(exchange) for exchange in self.recorder.source.ask(calls)]
        self.recorder.keep([kept for kept, _ in checked])
        return [nodes for _, nodes in checked]

    def _accounts(self, addresses: tuple[str, ...]) -> set[str]:
        """Ask for the proofs of some accounts; give those that are proved."""
        sweep = Sweep(proof_call(HOLE, (), self.block), addresses)
        exchanges = spread(self.recorder.source.sweep(sweep))
        checked = [self._checked(exchange)[0] for exchange in exchanges]
        self.recorder.keep([collect(sweep, checked)])
        return {
            address for address, kept in zip(addresses, checked, strict=True) if kept.error is None
        }

    def _checked(self, exchange: Exchange) -> tuple[Exchange, tuple[bytes, ...] | None]:
        """Give what the log keeps of a reply, and its nodes, put into the store, if it proves."""
        if exchange.error is not None:
            return exchange, None
        try:
            nodes = proof_nodes(exchange.call, exchange.result, self.task.state_root)
        except (MalformedAnswer, InvalidStateProof):
            return Exchange(exchange.call, error="bad_proof"), None
        for node in nodes:
            self.task.spool.add(node)
        return Exchange(exchange.call, NODES), nodes
