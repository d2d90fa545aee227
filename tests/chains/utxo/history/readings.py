"""Readings of a minted chain over each protocol, and ways to make a server lie."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from chains.evidence import Exchange
from chains.utxo.history import electrum, esplora
from tests.chains.utxo.history.minting import (
    SCRIPTS,
    Held,
    Minted,
)
from tests.chains.utxo.history.servers import Electrum, Esplora, Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from chains.evidence import Json
    from chains.index import IndexedLog
    from chains.quorum import Vote
    from chains.utxo.history.reach import Span
    from chains.utxo.history.voice import HistoryVoice
    from config.registry import UtxoFormat
    from tests.chains.utxo.history.servers import Answers


@dataclass(frozen=True, slots=True)
class Protocol:
    module: ModuleType
    answers: Callable[[Minted], Answers]

    def log(
        self,
        chain: Minted,
        span: Span,
        change: Callable[[Exchange], Exchange] = lambda exchange: exchange,
        form: UtxoFormat | None = None,
    ) -> IndexedLog:
        server = Server(self.answers(chain), change)
        return server.read(partial(self.module.missing, form or chain.form(), SCRIPTS, span))

    def vote(
        self,
        chain: Minted,
        span: Span,
        change: Callable[[Exchange], Exchange] = lambda exchange: exchange,
        form: UtxoFormat | None = None,
    ) -> Vote[HistoryVoice]:
        log = self.log(chain, span, change, form)
        vote: Vote[HistoryVoice] = self.module.history_voice(
            form or chain.form(), SCRIPTS, span, log
        )
        return vote


PROTOCOLS = {
    "electrum-1.4": Protocol(electrum, lambda chain: Electrum(chain, protocol="1.4")),
    "electrum-1.6": Protocol(electrum, Electrum),
    "esplora": Protocol(esplora, Esplora),
    "esplora-by-two": Protocol(esplora, lambda chain: Esplora(chain, page=2)),
}
TWO = ["electrum-1.6", "esplora"]


def voice(vote: Vote[HistoryVoice]) -> HistoryVoice:
    assert vote.value is not None, vote.said
    return vote.value


def coins(found: HistoryVoice) -> dict[tuple[str, int], Held]:
    return {
        (one.txid, one.vout): Held(one.script, one.units, one.height, bool(one.coinbase))
        for one in found.scan.unspents
    }


def state(chain: Minted, height: int, scripts: tuple[str, ...] = SCRIPTS) -> dict[Any, Held]:
    return {at: one for at, one in chain.states[height].items() if one.script in scripts}


def on(part: str, change: Callable[[Json], Json]) -> Callable[[Exchange], Exchange]:
    """Alter the results of calls whose method or path has a part in it."""

    def changed(exchange: Exchange) -> Exchange:
        name = f"{exchange.call.method} {exchange.call.params[:1]}"
        if part not in name or exchange.error is not None:
            return exchange
        return replace(exchange, result=change(exchange.result))

    return changed


def failing(part: str, error: str) -> Callable[[Exchange], Exchange]:
    def changed(exchange: Exchange) -> Exchange:
        name = f"{exchange.call.method} {exchange.call.params[:1]}"
        return Exchange(exchange.call, error=error) if part in name else exchange  # type: ignore[arg-type]  # a code

    return changed


def names(script: str) -> tuple[str, str]:
    digest = hashlib.sha256(bytes.fromhex(script)).digest()
    return digest[::-1].hex(), digest.hex()


def own_history(script: str, change: Callable[[Json], Json]) -> Callable[[Exchange], Exchange]:
    """Alter one script's history in either protocol."""
    changes = [on(name, change) for name in names(script)]
    return lambda exchange: changes[1](changes[0](exchange))
