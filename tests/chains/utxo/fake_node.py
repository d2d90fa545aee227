"""A node in memory with the interface of a source, so that tests can make it lie."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from chains.evidence import ChainPlan, Exchange, PlannedAccount, Surroundings
from chains.sweep import swept
from chains.utxo.address import address_of_script
from tests.chains.utxo import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Call, Column, Json, ProtocolName, Sweep
    from config.registry import Chain

CHAIN = rows.LITECOIN_REGTEST
SCRIPTS = tuple(bytes((0, 20)) + bytes([number]) * 20 for number in (0xA1, 0xB2, 0xC3))
ADDRESSES = tuple(str(address_of_script(CHAIN, script)) for script in SCRIPTS)


@dataclass(frozen=True, slots=True)
class Output:
    """An unspent output of the fake chain."""

    txid: str
    vout: int
    script: bytes
    amount: str
    """As the node writes it."""
    height: int
    coinbase: bool = False


def txid(number: int) -> str:
    return f"{number:064x}"


OUTPUTS = (
    Output(txid(1), 0, SCRIPTS[0], "1.50000000", 10),
    Output(txid(1), 1, SCRIPTS[0], "0.00000001", 10),
    Output(txid(2), 0, SCRIPTS[1], "50.00000000", 1, coinbase=True),
    Output(txid(3), 0, SCRIPTS[1], "25.00000000", 150, coinbase=True),
    Output(txid(4), 7, SCRIPTS[1], "0.1", 200),
)
"""Of a chain whose best block is 200: the coin of block 1 is mature, that of block 150 is not."""


@dataclass(slots=True)
class FakeNode:
    """A node whose blocks are `branch` and a height; `change` may alter any exchange."""

    name: str = "node-1"
    operator: str = "acme"
    protocol: ProtocolName = "json-rpc"
    height: int = 200
    branch: str = "a"
    outputs: tuple[Output, ...] = OUTPUTS
    says_coinbase: bool = False
    """Whether the scan tells coinbase, as newer nodes do."""
    chain: Chain = CHAIN
    change: Callable[[Exchange], Exchange] = lambda exchange: exchange
    asked: list[Call] = field(default_factory=list)

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        self.asked += calls
        return tuple(self.change(self.answer(call)) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        return swept(self, sweep)

    def hash_at(self, height: int) -> str:
        form = self.chain.utxo
        if form is not None and height in (0, form.fork_height):
            return str(form.genesis if height == 0 else form.fork_hash)
        return self.branch * 8 + f"{height:056x}"

    def answer(self, call: Call) -> Exchange:
        match call.method, call.params:
            case "getblockhash", (int(height),) if height <= self.height:
                return Exchange(call, self.hash_at(height))
            case "scantxoutset", ("start", tuple(wanted)):
                return Exchange(call, self.scan(wanted))
            case "scantxoutset", ("status",):
                return Exchange(call, None)
            case "getblockheader", (str(block_hash),):
                return self.header(call, block_hash)
        return self.answer_about_a_coin(call)

    def answer_about_a_coin(self, call: Call) -> Exchange:
        match call.method, call.params:
            case "gettxout", (str(name), int(vout), False):
                return Exchange(call, self.output(name, vout))
            case "getblock", (str(block_hash), 1):
                return Exchange(call, self.block(block_hash))
        return Exchange(call, error="rpc_error")

    def scan(self, wanted: tuple[Json, ...]) -> Json:
        found = [out for out in self.outputs if f"raw({out.script.hex()})" in wanted]
        total = sum(int(Decimal(out.amount).scaleb(8)) for out in found)
        return {
            "success": True,
            "txouts": len(self.outputs),
            "height": self.height,
            "bestblock": self.hash_at(self.height),
            "unspents": tuple(self.unspent(out) for out in found),
            "total_amount": f"{total // 10**8}.{total % 10**8:08}",
        }

    def unspent(self, out: Output) -> Json:
        told: dict[str, Json] = {"coinbase": out.coinbase} if self.says_coinbase else {}
        return told | {
            "txid": out.txid,
            "vout": out.vout,
            "scriptPubKey": out.script.hex(),
            "desc": "never read",
            "amount": out.amount,
            "height": out.height,
        }

    def header(self, call: Call, block_hash: str) -> Exchange:
        height = int(block_hash[8:], 16)
        if height > self.height:
            return Exchange(call, error="rpc_error")
        best = self.hash_at(height) == block_hash
        depth = self.height - height + 1 if best else -1
        times = {"mediantime": 1_700_000_000 + height, "time": 1_700_000_600 + height}
        return Exchange(
            call, {"hash": block_hash, "height": height, "confirmations": depth, **times}
        )

    def output(self, name: str, vout: int) -> Json:
        for out in self.outputs:
            if (out.txid, out.vout) == (name, vout):
                script: Json = {"hex": out.script.hex()}
                return {"value": out.amount, "scriptPubKey": script, "coinbase": out.coinbase}
        return None

    def block(self, block_hash: str) -> Json:
        height = int(block_hash[8:], 16)
        made = [out for out in self.outputs if out.height == height]
        first = [out.txid for out in made if out.coinbase] or [txid(10**6 + height)]
        others = [out.txid for out in made if not out.coinbase]
        return {"hash": block_hash, "height": height, "tx": (*first, *others)}


def plan(chain: Chain = CHAIN, *, quorum: int = 1, confirmations: int = 1) -> ChainPlan:
    accounts = tuple(PlannedAccount(address, (chain.native,)) for address in ADDRESSES)
    return ChainPlan(chain, None, quorum, confirmations, accounts)


def surroundings(pause: Callable[[float], None] = lambda _: None) -> Surroundings:
    return Surroundings(pause, lambda _stage, _done, _all: None)


def answering(method: str, change: Callable[[Json], Json]) -> Callable[[Exchange], Exchange]:
    """Alter the result of one method."""

    def changed(exchange: Exchange) -> Exchange:
        if exchange.call.method != method or exchange.call.params == ("status",):
            return exchange
        return replace(exchange, result=change(exchange.result))

    return changed
