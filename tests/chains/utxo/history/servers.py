"""Servers in memory over a minted chain, so that tests can make them lie."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from chains.evidence import Exchange, SourceLog
from chains.index import index_log
from tests.chains.utxo.history.minting import SCRIPTS, Minted

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Call, Json
    from chains.index import IndexedLog


class Answers(Protocol):
    """What a server says."""

    def answer(self, call: Call) -> Json: ...


@dataclass(slots=True)
class Server:
    """Asked until nothing is missing; `change` may alter any exchange."""

    answers: Answers
    change: Callable[[Exchange], Exchange] = lambda exchange: exchange
    name: str = "server-1"
    operator: str = "acme"
    rounds: list[tuple[Call, ...]] = field(default_factory=list)

    def read(self, missing: Callable[[IndexedLog], tuple[Call, ...]]) -> IndexedLog:
        log = index_log(SourceLog(self.name, self.operator, ()))
        for _ in range(1000):
            calls = missing(log)
            if not calls:
                return log
            self.rounds.append(calls)
            given = tuple(self.change(self.asked(call)) for call in calls)
            log = index_log(SourceLog(self.name, self.operator, log.log.entries + given))
        raise AssertionError("the reading does not end")

    def asked(self, call: Call) -> Exchange:
        try:
            return Exchange(call, self.answers.answer(call))
        except (LookupError, StopIteration, ValueError):
            return Exchange(call, error="rpc_error")


@dataclass(slots=True)
class Electrum:
    chain: Minted
    scripts: tuple[str, ...] = SCRIPTS
    protocol: str = "1.6"
    mempool: tuple[tuple[str, str, int], ...] = ()
    """Script, txid and 0 or -1."""

    def answer(self, call: Call) -> Json:
        match call.method, call.params:
            case "server.features", ():
                return {"genesis_hash": self.chain.blocks[0].name, "hosts": {}}
            case "blockchain.block.header", (int(height),):
                return self.chain.blocks[height].header.hex()
            case "blockchain.block.headers", (int(start), int(count)):
                return self.headers(start, count)
            case "blockchain.scripthash.get_history", (str(name),):
                return self.history(name)
            case "blockchain.transaction.get", (str(txid),):
                return self.chain.raw[txid].hex()
            case "blockchain.transaction.get_merkle", (str(txid), int(height)):
                siblings, position = self.chain.branch(txid, height)
                return {"block_height": height, "merkle": siblings, "pos": position}
        raise LookupError(call.method)

    def headers(self, start: int, count: int) -> Json:
        given = [block.header.hex() for block in self.chain.blocks[start : start + count]]
        form: dict[str, Json] = {"count": len(given), "max": 2016}
        return form | (
            {"hex": "".join(given)} if self.protocol == "1.4" else {"headers": (*given,)}
        )

    def history(self, name: str) -> Json:
        for script in self.scripts:
            if hashlib.sha256(bytes.fromhex(script)).digest()[::-1].hex() == name:
                pending = ((txid, at) for one, txid, at in self.mempool if one == script)
                listed = (*self.chain.history(script), *pending)
                return tuple({"tx_hash": txid, "height": height} for txid, height in listed)
        raise LookupError(name)


@dataclass(slots=True)
class Esplora:
    chain: Minted
    scripts: tuple[str, ...] = SCRIPTS
    page: int = 25

    def answer(self, call: Call) -> Json:
        (path,) = call.params
        assert isinstance(path, str)
        match path.split("/")[1:]:
            case ["block-height", height]:
                return self.chain.blocks[int(height)].name
            case ["block", name, "header"]:
                return next(b.header.hex() for b in self.chain.blocks if b.name == name)
            case ["scripthash", name, "txs", "chain", *rest]:
                return self.listed(name, rest[0] if rest else None)
            case ["tx", txid, "hex"]:
                return self.chain.raw[txid].hex()
            case ["tx", txid, "merkle-proof"]:
                return self.proof(txid)
        raise LookupError(path)

    def listed(self, name: str, last: str | None) -> Json:
        for script in self.scripts:
            if hashlib.sha256(bytes.fromhex(script)).hexdigest() == name:
                newest = self.chain.history(script)[::-1]
                start = 1 + [txid for txid, _ in newest].index(last) if last else 0
                return tuple(
                    {"txid": txid, "status": {"confirmed": True, "block_height": height}}
                    for txid, height in newest[start : start + self.page]
                )
        raise LookupError(name)

    def proof(self, txid: str) -> Json:
        height = next(at for at, b in enumerate(self.chain.blocks) if txid in b.txids)
        siblings, position = self.chain.branch(txid, height)
        return {"block_height": height, "merkle": siblings, "pos": position}
