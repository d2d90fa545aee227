"""An EVM chain in memory that answers JSON-RPC as a node does, and lies when told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.evidence import ChainPlan, PlannedAccount, Surroundings
from chains.evm.attempt import attempt_call
from chains.evm.calls import CONTROL_CODE
from config.caip import AssetId, ChainId
from config.registry import Chain

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.snapshot import Question
    from tests.misbehaving import Json

CHAIN = Chain(
    id=ChainId("eip155:31337"),
    name="anvil",
    title="Anvil",
    family="evm",
    network="test",
    native=AssetId("eip155:31337/slip44:60"),
    confirmations=3,
    source="made for tests",
    checked="made for tests",
)
ALICE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
BOB = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
CAROL = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
COIN = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
COIN_ASSET = AssetId(f"{CHAIN.id}/erc20:{COIN}")
GENESIS_TIME = 1_700_000_000
BLOCK_SECONDS = 12
NOT_FOUND = {"error": {"code": -32001, "message": "Resource not found"}}


def plan_of(
    *accounts: str,
    assets: tuple[AssetId, ...] = (CHAIN.native, COIN_ASSET),
    as_of: int | None = None,
    quorum: int = 1,
    confirmations: int = CHAIN.confirmations,
    questions: tuple[Question, ...] = (),
) -> ChainPlan:
    planned = tuple(PlannedAccount(account, assets) for account in accounts or (ALICE, BOB))
    return ChainPlan(CHAIN, as_of, quorum, confirmations, planned, questions)


@dataclass(slots=True)
class World:
    """A `Surroundings` that keeps what it was told."""

    pauses: list[float] = field(default_factory=list)
    progress: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def around(self) -> Surroundings:
        return Surroundings(
            self.pauses.append, lambda stage, done, of: self.progress.append((stage, done, of))
        )


@dataclass(slots=True)
class FakeChain:
    """The state is the same at every block unless `balance_at` says otherwise."""

    height: int = 20
    chain_id: int = 31337
    fork: str = "a"
    """Blocks from `fork_height` on have hashes of this fork."""
    fork_height: int = 0
    finalized: int | None = 18
    """None: the node refuses the tag."""
    knows_hashes: bool = True
    """Whether a state call may name its block by hash (EIP-1898)."""
    balances: dict[str, int] = field(default_factory=lambda: {ALICE: 7, BOB: 0})
    tokens: dict[str, dict[str, int]] = field(default_factory=lambda: {COIN: {ALICE: 500}})
    seconds: int = BLOCK_SECONDS
    state_height: int | None = None
    """The block whose state answers whatever block is asked for; None: the one asked for."""
    overrides: dict[str, Json] = field(default_factory=dict)
    """The whole result of a method, whatever its parameters; a control call is answered still."""
    attempts: dict[str, str] = field(default_factory=dict)
    """What an attempt gives, by its subject: 01 or 00 and data, hex without 0x."""
    before: Callable[[FakeChain, str, int], None] = lambda _chain, _method, _number: None
    """Called before each answer with the method and the number of the call, from 1."""
    asked: int = 0

    def answer(self, method: str, params: list[Json]) -> dict[str, Json]:
        self.asked += 1
        self.before(self, method, self.asked)
        control = method == "eth_call" and "to" not in params[0]
        if method in self.overrides and not control:
            return {"result": self.overrides[method]}
        known = getattr(self, f"_{method}", None)
        if known is None:
            return {"error": {"code": -32601, "message": "the method does not exist"}}
        return known(*params)  # type: ignore[no-any-return]

    def block_hash(self, height: int) -> str:
        fork = self.fork if height >= self.fork_height else "a"
        return f"0x{keccak256(f'{fork} {height}'.encode()).hex()}"

    def time(self, height: int) -> int:
        return GENESIS_TIME + self.seconds * height

    def block(self, height: int) -> Json:
        if not 0 <= height <= self.height:
            return None
        return {
            "number": hex(height),
            "hash": self.block_hash(height),
            "parentHash": self.block_hash(height - 1) if height else "0x" + "00" * 32,
            "timestamp": hex(self.time(height)),
            "size": "0x267",
            "transactions": [],
        }

    def _eth_chainId(self) -> dict[str, Json]:  # noqa: N802 - the method's name
        return {"result": hex(self.chain_id)}

    def _eth_getBlockByNumber(self, tag: str, _full: bool) -> dict[str, Json]:  # noqa: FBT001, N802 - as in JSON-RPC
        if tag == "finalized" and self.finalized is None:
            return {"error": {"code": -39001, "message": "unknown block"}}
        heights = {"latest": self.height, "finalized": self.finalized or 0}
        return {"result": self.block(heights[tag] if tag in heights else int(tag, 16))}

    def _eth_getBlockByHash(self, block_hash: str, _full: bool) -> dict[str, Json]:  # noqa: FBT001, N802 - as in JSON-RPC
        height = self._height_of(block_hash)
        return {"result": None if height is None else self.block(height)}

    def _eth_getBalance(self, address: str, block: Json) -> dict[str, Json]:  # noqa: N802 - the same
        return self._at(block) or {"result": hex(self.balances.get(address, 0))}

    def _eth_getCode(self, address: str, block: Json) -> dict[str, Json]:  # noqa: N802 - the same
        return self._at(block) or {"result": "0x6001" if address in self.tokens else "0x"}

    def _eth_call(self, call: dict[str, str], block: Json) -> dict[str, Json]:
        if "to" not in call:
            return self._at(block) or self._tried(call["data"], block)
        holders = self.tokens.get(call["to"])
        if holders is None:
            return self._at(block) or {"result": "0x"}
        units = {holder[2:].lower(): units for holder, units in holders.items()}
        return self._at(block) or {"result": f"0x{units.get(call['data'][-40:], 0):064x}"}

    def _tried(self, code: str, block: Json) -> dict[str, Json]:
        """Run creation code: the control code, or one that attempts another call."""
        if code == CONTROL_CODE:
            return {"result": self._state_at(block)}
        for subject, given in self.attempts.items():
            call = attempt_call(subject, block, telling=True)
            if call is not None and call.params[0] == {"data": code}:
                return {"result": self._state_at(block) + given}
        return {"error": {"code": -32000, "message": "execution reverted"}}

    def _state_at(self, block: Json) -> str:
        """Run the control code: number, parent hash, chain and time of the block asked for."""
        named = int(block, 16) if isinstance(block, str) else self._height_of(block["blockHash"])
        height = (named or 0) if self.state_height is None else self.state_height
        parent = self.block_hash(height - 1) if height else "0x" + "00" * 32
        return f"0x{height:064x}{parent[2:]}{self.chain_id:064x}{self.time(height):064x}"

    def _at(self, block: Json) -> dict[str, Json] | None:
        """Refuse a block that is not there; None if it is."""
        if isinstance(block, str):
            return None if int(block, 16) <= self.height else NOT_FOUND
        if not self.knows_hashes:
            return {"error": {"code": -32602, "message": "invalid argument 1"}}
        return None if self._height_of(block["blockHash"]) is not None else NOT_FOUND

    def _height_of(self, block_hash: str) -> int | None:
        heights = range(self.height + 1)
        return next((at for at in heights if self.block_hash(at) == block_hash), None)
