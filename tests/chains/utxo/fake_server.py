"""Index servers in memory over a minted chain, as sources that tests can make lie."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chains.evidence import ChainPlan, Exchange, MarginAddress, PlannedAccount
from chains.sweep import swept
from chains.utxo.address import address_of_script
from config.caip import AssetId, ChainId
from config.registry import Chain
from tests.chains.utxo.history.minting import SCRIPTS, START, Minted, small_chain
from tests.chains.utxo.history.servers import Electrum, Esplora

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Call, Column, Json, ProtocolName, Sweep

SPACING = 600


@dataclass(slots=True)
class FakeServer:
    """A server of either protocol; `change` may alter any exchange."""

    chain: Minted
    name: str = "server-1"
    operator: str = "acme"
    protocol: ProtocolName = "electrum"
    change: Callable[[Exchange], Exchange] = lambda exchange: exchange
    tip: int | None = None
    """Where it says that its chain ends; at its end if None."""
    scripts: tuple[str, ...] = SCRIPTS
    before: Callable[[Call], None] = lambda _: None
    """Called ahead of every answer."""
    asked: list[Call] = field(default_factory=list)
    sweeps: list[Sweep] = field(default_factory=list)

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        return tuple(self._exchange(call) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        self.sweeps.append(sweep)
        return swept(self, sweep)

    def _exchange(self, call: Call) -> Exchange:
        self.asked.append(call)
        self.before(call)
        try:
            exchange = Exchange(call, self._answer(call))
        except (LookupError, StopIteration, ValueError):
            exchange = Exchange(call, error="rpc_error")
        return self.change(exchange)

    def _answer(self, call: Call) -> Json:
        tip = self.chain.height if self.tip is None else self.tip
        if call.method == "blockchain.headers.subscribe":
            header = self.chain.blocks[min(tip, self.chain.height)].header
            return {"height": tip, "hex": header.hex()}
        if call.params == ("/blocks/tip/height",):
            return str(tip)
        if self.protocol == "electrum":
            return Electrum(self.chain, self.scripts).answer(call)
        return Esplora(self.chain, self.scripts).answer(call)


def lived(blocks: int = 30) -> Minted:
    """A chain whose scripts moved in its first ten blocks, and in some later ones."""
    chain = small_chain()
    chain.grow(blocks - chain.height)
    return chain


def row_of(chain: Minted, **form: object) -> Chain:
    found = ChainId(f"bip122:{chain.blocks[0].name[:32]}")
    return Chain(
        id=found,
        name="minted",
        title="Minted",
        family="utxo",
        network="test",
        native=AssetId(f"{found}/slip44:1"),
        confirmations=1,
        source="written for a test",
        checked="written for a test",
        utxo=chain.form(**form),
    )


def plan_of(
    chain: Minted,
    *,
    as_of: int | None = None,
    quorum: int = 1,
    confirmations: int = 3,
    window: tuple[int, int] | None = None,
    margin: tuple[str, ...] = (),
    scripts: tuple[str, ...] = SCRIPTS,
    **form: object,
) -> ChainPlan:
    row = row_of(chain, **form)
    accounts = tuple(PlannedAccount(address_in(row, one), (row.native,)) for one in scripts)
    beyond = tuple(MarginAddress(address_in(row, one), at) for at, one in enumerate(margin, 1000))
    return ChainPlan(row, as_of, quorum, confirmations, accounts, window=window, margin=beyond)


def address_in(row: Chain, script: str) -> str:
    return str(address_of_script(row, bytes.fromhex(script)))


def median_at(height: int) -> int:
    """The median time past of a block of a minted chain, by hand."""
    times = [START + at * SPACING for at in range(max(0, height - 10), height + 1)]
    return sorted(times)[len(times) // 2]


def failing(exchange: Exchange, error: str) -> Exchange:
    return replace(exchange, result=None, error=error)  # type: ignore[arg-type]  # a code


@dataclass(slots=True)
class FakeCore:
    """A node of the Bitcoin Core family over a minted chain."""

    chain: Minted
    name: str = "node-1"
    operator: str = "core"
    protocol: ProtocolName = "json-rpc"
    indexes: bool = True
    """Whether it knows transactions by their identifier."""
    change: Callable[[Exchange], Exchange] = lambda exchange: exchange
    asked: list[Call] = field(default_factory=list)

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        self.asked += calls
        return tuple(self.change(self._exchange(call)) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        return swept(self, sweep)

    def _exchange(self, call: Call) -> Exchange:
        blocks = self.chain.blocks
        match call.method, call.params:
            case "getblockhash", (int(height),) if height < len(blocks):
                return Exchange(call, blocks[height].name)
            case "scantxoutset", ("start", tuple(wanted)):
                return Exchange(call, self._scan({str(one)[4:-1] for one in wanted}))
            case "getrawtransaction", (str(txid), bool(placed)):
                return self._transaction(call, txid, placed=placed)
            case "getblockheader", (str(name), *_):
                names = [block.name for block in blocks]
                if name not in names:
                    return Exchange(
                        call, {"hash": name, "height": 0, "confirmations": -1, "mediantime": 0}
                    )
                height = names.index(name)
                told: dict[str, Json] = {"hash": name, "height": height}
                told["mediantime"] = median_at(height)
                return Exchange(call, told | {"confirmations": len(blocks) - height})
        plain = {"getblockcount": self.chain.height, "scantxoutset": None}
        return Exchange(call, plain.get(call.method, ""))

    def _transaction(self, call: Call, txid: str, *, placed: bool) -> Exchange:
        raw = self.chain.raw.get(txid)
        if raw is None or not self.indexes:
            return Exchange(call, error="rpc_error")
        if not placed:
            return Exchange(call, raw.hex())
        blocks = [block.name for block in self.chain.blocks if txid in block.txids]
        where: dict[str, Json] = {"blockhash": blocks[0]} if blocks else {}
        return Exchange(call, where | {"hex": raw.hex(), "txid": txid})

    def _scan(self, wanted: set[str]) -> Json:
        held = {at: one for at, one in self.chain.held.items() if one.script in wanted}
        total = sum(one.units for one in held.values())
        listed: Json = tuple(
            {
                "txid": txid,
                "vout": vout,
                "scriptPubKey": one.script,
                "amount": _shown(one.units),
                "coinbase": one.coinbase,
                "height": one.height,
            }
            for (txid, vout), one in held.items()
        )
        best: dict[str, Json] = {
            "bestblock": self.chain.blocks[-1].name,
            "height": self.chain.height,
        }
        return best | {"success": True, "unspents": listed, "total_amount": _shown(total)}


def _shown(units: int) -> str:
    return f"{units // 10**8}.{units % 10**8:08}"
