"""An EVM chain in memory whose state is a real trie: it proves what it says, and lies when told to.

Two accounts of each kind that matter, and a token behind a proxy with a guard. Sources ask it
without a network; the same sources serve over HTTP where a test wants sockets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

from eth_hash.backends.pysha3 import keccak256

from chains.evidence import ChainPlan, Exchange, PlannedAccount
from chains.evm.address import checksummed
from chains.evm.header import header_rlp
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.slots import number_of, storage_key
from chains.evm.trie import EMPTY_CODE, EMPTY_ROOT
from chains.sweep import swept
from chains.wire import decode_json
from config.caip import AssetId
from config.slots import Guard, Slot
from tests.chains.evm import oracle
from tests.chains.evm.fakechain import CHAIN, GENESIS_TIME, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableSequence, Sequence

    from chains.evidence import (
        Call,
        ChainEvidence,
        Column,
        ProtocolName,
        Source,
        Surroundings,
        Sweep,
    )
    from chains.snapshot import ChainSnapshot
    from config.registry import Chain
    from tests.misbehaving import Json

ETHEREUM = replace(CHAIN, state_trie="ethereum")
"""The chain of these tests, known to prove its state as Ethereum does."""

TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3"  # noqa: S105 - an address
BEHIND = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"
"""The token's implementation."""
TOKEN_ASSET = AssetId(f"{CHAIN.id}/erc20:{TOKEN}")
PLACE = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"
"""Where a proxy of EIP-1967 keeps its implementation."""
SWITCH = f"0x{7:064x}"
PROXY_CODE, CODE = bytes.fromhex("6001"), bytes.fromhex("6002")
NOBODY = "0x" + "00" * 18 + "dEaD"
METHOD_UNKNOWN = {"error": {"code": -32601, "message": "the method does not exist"}}
GONE: Literal["unreachable"] = "unreachable"
"""In place of a result: the source does not answer any more."""
ZEROS = "0x" + "00" * 32


def code_hash(code: bytes) -> str:
    return f"0x{keccak256(code).hex()}"


ROW = Slot(
    asset=TOKEN_ASSET,
    layout="solidity",
    slot=9,
    bits=255,
    code_hash=code_hash(PROXY_CODE),
    source="made for tests",
    checked="made for tests",
    implementation_slot=PLACE,
    implementation=BEHIND,
    implementation_code_hash=code_hash(CODE),
    guards=(Guard(SWITCH, f"0x{0xFF:064x}", f"0x{1:064x}", "the switch is on"),),
)


def holder(number: int) -> str:
    return checksummed(keccak256(f"holder {number}".encode())[12:])


HOLDERS = tuple(holder(number) for number in range(12))


class Trie(Protocol):
    """Nodes of a state."""

    @property
    def root(self) -> bytes: ...

    def proof(self, key: bytes) -> tuple[bytes, ...]: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction that moved coins; its gas cost nothing."""

    height: int
    sender: str
    recipient: str
    value: int


@dataclass(frozen=True, slots=True)
class State:
    """Accounts and one token, as a chain's trie holds them."""

    balances: Mapping[str, int]
    units: Mapping[str, int] = field(default_factory=dict)
    """Words of the token, by holder."""
    words: Mapping[str, int] = field(
        default_factory=lambda: {PLACE: int(BEHIND, 16), SWITCH: 0xAB01}
    )
    """Other words of the token, by place."""
    codes: Mapping[str, bytes] = field(default_factory=lambda: {TOKEN: PROXY_CODE, BEHIND: CODE})
    returned: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What contracts return, by contract and data; the token answers for itself."""
    sent: Mapping[str, Sent] = field(default_factory=dict)
    """Transactions, by their identifier; balances are as they are whatever these say."""


TRUTH = State(
    {one: 10**18 + number for number, one in enumerate(HOLDERS)},
    {one: 500 + number for number, one in enumerate(HOLDERS)},
)


@dataclass(slots=True)
class StateChain:
    """Answers as a node does that has the same state at every block."""

    state: State = TRUTH
    height: int = 20
    lie: Callable[[str, list[Json], Json], Json] = lambda _method, _params, result: result
    """Changes a result; Ellipsis makes it an error of the node's, GONE that it does not answer."""
    asked: MutableSequence[tuple[str, list[Json]]] = field(default_factory=list)
    knows_hashes: bool = True
    """Whether a state call may name its block by hash (EIP-1898)."""
    trie: Callable[[Mapping[bytes, bytes]], Trie] = oracle.Trie
    """Builds the trie of the accounts."""
    _blocks: list[dict[str, Json]] = field(init=False)
    _accounts: Trie = field(init=False)
    _storage: oracle.Trie = field(init=False)
    _leaves: dict[str, list[bytes]] = field(init=False)

    def __post_init__(self) -> None:
        places = {bytes.fromhex(place[2:]): word for place, word in self.state.words.items()}
        places |= {storage_key(ROW, one): word for one, word in self.state.units.items()}
        self._storage = oracle.Trie(
            {
                keccak256(place): oracle.encode(_integer(word))
                for place, word in places.items()
                if word
            }
        )
        named = self.state.balances.keys() | self.state.codes.keys()
        self._leaves = {one: self._leaf(one) for one in named}
        self._accounts = self.trie(
            {
                keccak256(bytes.fromhex(one[2:])): oracle.encode(leaf)
                for one, leaf in self._leaves.items()
            }
        )
        self._blocks, parent = [], ZEROS
        for height in range(self.height + 1):
            self._blocks.append(self._block(height, parent))
            parent = self._blocks[-1]["hash"]

    @property
    def root(self) -> str:
        return f"0x{self._accounts.root.hex()}"

    def block(self, height: int) -> dict[str, Json]:
        return self._blocks[height]

    def answer(self, method: str, params: list[Json]) -> dict[str, Json]:
        self.asked.append((method, params))
        known = getattr(self, f"_{method}", None)
        if known is None:
            return METHOD_UNKNOWN
        if not self.knows_hashes and isinstance(params[-1:] and params[-1], dict):
            return {"error": {"code": -32602, "message": "invalid argument 1"}}
        result = self.lie(method, params, known(*params))
        if result is ... or result == GONE:
            return {"error": {"code": -32000, "message": "no"} if result is ... else GONE}
        return {"result": result}

    def _leaf(self, address: str) -> list[bytes]:
        code = self.state.codes.get(address)
        return [
            _integer(5),
            _integer(self.state.balances.get(address, 0)),
            self._storage.root if address == TOKEN else EMPTY_ROOT,
            EMPTY_CODE if code is None else keccak256(code),
        ]

    def _block(self, height: int, parent: str) -> dict[str, Json]:
        block: dict[str, Json] = {
            "parentHash": parent,
            "sha3Uncles": ZEROS,
            "miner": "0x" + "00" * 20,
            "stateRoot": self.root,
            "transactionsRoot": ZEROS,
            "receiptsRoot": ZEROS,
            "logsBloom": "0x" + "00" * 256,
            "difficulty": "0x0",
            "number": hex(height),
            "gasLimit": "0x1c9c380",
            "gasUsed": "0x0",
            "timestamp": hex(GENESIS_TIME + 12 * height),
            "extraData": "0x",
            "mixHash": ZEROS,
            "nonce": "0x" + "00" * 8,
            "baseFeePerGas": "0x7",
        }
        return {**block, "hash": f"0x{keccak256(header_rlp(block)).hex()}", "transactions": []}

    def _eth_chainId(self) -> Json:  # noqa: N802 - the method's name
        return hex(31337)

    def _eth_getBlockByNumber(self, tag: str, _full: bool) -> Json:  # noqa: FBT001, N802 - as in JSON-RPC
        heights = {"latest": self.height, "finalized": self.height - 2}
        return self._at(heights[tag] if tag in heights else int(tag, 16))

    def _eth_getBlockByHash(self, block_hash: str, _full: bool) -> Json:  # noqa: FBT001, N802 - as in JSON-RPC
        return next((one for one in self._blocks if one["hash"] == block_hash), None)

    def _eth_getBalance(self, address: str, _block: Json) -> Json:  # noqa: N802 - the same
        return hex(self.state.balances.get(address, 0))

    def _eth_getTransactionCount(self, _address: str, _block: Json) -> Json:  # noqa: N802 - the same
        return hex(5)

    def _eth_getCode(self, address: str, _block: Json) -> Json:  # noqa: N802 - the same
        return f"0x{self.state.codes.get(address, b'').hex()}"

    def _eth_call(self, call: dict[str, str], block: Json) -> Json:
        if "to" not in call:
            named = block["blockHash"] if isinstance(block, dict) else block
            at = next(one for one in self._blocks if named in {one["hash"], one["number"]})
            words = (at["number"], at["parentHash"], hex(31337), at["timestamp"])
            return "0x" + "".join(f"{int(word, 16):064x}" for word in words)
        returned = self.state.returned.get((call["to"], call["data"]))
        if returned is not None:
            return returned
        units = {one[2:].lower(): word for one, word in self.state.units.items()}
        return f"0x{units.get(call['data'][-40:], 0) & ((1 << ROW.bits) - 1):064x}"

    def _eth_getProof(self, address: str, keys: list[str], _block: Json) -> Json:  # noqa: N802 - the same
        known = self._leaves.get(address)
        leaf = known or [b"", b"", EMPTY_ROOT, EMPTY_CODE]
        storage = self._storage if known is not None and address == TOKEN else None
        return {
            "address": address.lower(),
            "accountProof": _texts(self._accounts, keccak256(bytes.fromhex(address[2:]))),
            "nonce": hex(int.from_bytes(leaf[0])),
            "balance": hex(int.from_bytes(leaf[1])),
            "storageHash": f"0x{leaf[2].hex()}",
            "codeHash": f"0x{leaf[3].hex()}",
            "storageProof": [
                {
                    "key": key,
                    "value": hex(self._word(key)) if storage else "0x0",
                    "proof": _texts(storage, keccak256(bytes.fromhex(key[2:]))) if storage else [],
                }
                for key in keys
            ],
        }

    def _eth_getTransactionByHash(self, txid: str) -> Json:  # noqa: N802 - the same
        one = self.state.sent.get(txid)
        return one and {
            **self._place(txid, one),
            "hash": txid,
            "type": "0x2",
            "from": one.sender.lower(),
            "to": one.recipient.lower(),
            "value": hex(one.value),
        }

    def _eth_getTransactionReceipt(self, txid: str) -> Json:  # noqa: N802 - the same
        one = self.state.sent.get(txid)
        return one and {
            **self._place(txid, one),
            "status": "0x1",
            "gasUsed": hex(21_000),
            "effectiveGasPrice": "0x0",
            "contractAddress": None,
            "logs": [],
        }

    def _place(self, txid: str, one: Sent) -> dict[str, Json]:
        block_hash = self._blocks[one.height]["hash"]
        return {"transactionHash": txid, "blockHash": block_hash, "blockNumber": hex(one.height)}

    def _word(self, key: str) -> int:
        held = {f"0x{storage_key(ROW, one).hex()}": word for one, word in self.state.units.items()}
        return {**held, **self.state.words}.get(key, 0)

    def _at(self, height: int) -> Json:
        return self._blocks[height] if 0 <= height <= self.height else None


@dataclass(frozen=True, slots=True)
class Direct:
    """A source that asks a chain without a network."""

    name: str
    operator: str
    answer: Callable[[str, list[Json]], dict[str, Json]]
    protocol: ProtocolName = "json-rpc"

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        return tuple(self._answer(call) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        return swept(self, sweep)

    def _answer(self, call: Call) -> Exchange:
        params = json.loads(json.dumps(call.params))
        answer = self.answer(call.method, params)
        if "error" in answer:
            return Exchange(call, error=GONE if answer["error"] == GONE else "rpc_error")
        return Exchange(call, result=decode_json(json.dumps(answer["result"]).encode()))


def sources(*chains: StateChain, operators: str = "abcdef") -> list[Source]:
    return [
        Direct(f"node-{number}", operator, chain.answer)
        for number, (chain, operator) in enumerate(zip(chains, operators, strict=False), 1)
    ]


def plan_of(
    *addresses: str,
    chain: Chain = ETHEREUM,
    assets: tuple[AssetId, ...] = (CHAIN.native, TOKEN_ASSET),
    quorum: int = 1,
    slots: tuple[Slot, ...] = (ROW,),
    seed: str | None = None,
) -> ChainPlan:
    planned = tuple(PlannedAccount(one, assets) for one in addresses or HOLDERS)
    return ChainPlan(chain, None, quorum, 3, planned, slots=slots, seed=seed)


def evidence_of(
    plan: ChainPlan,
    *chains: StateChain,
    operators: str = "abcdef",
    around: Surroundings | None = None,
) -> ChainEvidence:
    return read(plan, sources(*chains, operators=operators), around or World().around)


def reading(plan: ChainPlan, *chains: StateChain, operators: str = "abcdef") -> ChainSnapshot:
    return recheck(plan, evidence_of(plan, *chains, operators=operators))


def classes(snapshot: ChainSnapshot, asset: AssetId) -> set[str]:
    """Give the classes and failures of an asset's balances."""
    found = {str(one.evidence) for one in snapshot.balances if one.asset == asset}
    return found | {str(one.reason) for one in snapshot.failures if one.asset == asset}


def _integer(number: int | str) -> bytes:
    value = number_of(number)
    return value.to_bytes((value.bit_length() + 7) // 8)


def _texts(trie: Trie, key: bytes) -> list[str]:
    return [f"0x{node.hex()}" for node in trie.proof(key)]


def on(
    method: str, change: Callable[[list[Json], Json], Json]
) -> Callable[[str, list[Json], Json], Json]:
    """Lie about one method alone; not about the call that asks for the state."""

    def lie(asked: str, params: list[Json], result: Json) -> Json:
        control = asked == "eth_call" and "to" not in params[0]
        return change(params, result) if asked == method and not control else result

    return lie


def no_proofs(_method: str, _params: list[Json], result: Json) -> Json:
    """Serve everything but proofs."""
    return ... if _method == "eth_getProof" else result


def spoil(reply: Json) -> Json:
    """Change a proof so that it leads nowhere."""
    first = reply["accountProof"][0]
    return {**reply, "accountProof": [first[:-1] + ("0" if first[-1] != "0" else "1")]}


BAD_PROOFS = on("eth_getProof", lambda _params, reply: spoil(reply))
