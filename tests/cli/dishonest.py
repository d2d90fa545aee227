"""Bundles of a dishonest signer: changed where he wants, consistent everywhere, signed by him.

    retold, rescanned     change what every source of a chain is said to have answered
    answered              let every source have answered one question more
    replaced              change a file's text
    resign                work through the changed files anew, and sign what comes out

Whatever such a bundle says follows from its own evidence, so that only the verifier's own nodes or
criteria can show the lie.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attest import bundle
from attest.cli.load import tool
from attest.inputs import criteria_in
from attest.observation import log_name, nodes_name
from attest.pipeline import EVIDENCE, work_through
from chains.evm.proving import PROOF_METHOD
from chains.recording import decode_log, encode_log
from chains.utxo.answers import read_amount
from config.amount import format_decimal
from config.caip import ChainId
from tests.chains.columns import flat, gathered
from tests.conftest import in_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.keys import SigningKey
    from chains.evidence import Exchange

Files = dict[str, bytes]
Result = Any
"""A result as a recording holds it: arrays are tuples."""


def resign(files: Mapping[str, bytes], key: SigningKey) -> Files:
    """Make a bundle of changed inputs, criteria and evidence."""
    work = work_through(files, criteria_in(files), tool())
    return in_memory(bundle.sign(bundle.draft(work), key))


def replaced(files: Mapping[str, bytes], name: str, old: str, new: str) -> Files:
    """Change every place of some text in a file; it must be there."""
    text = files[name].decode()
    assert old in text
    return {**files, name: text.replace(old, new).encode()}


def retold(files: Mapping[str, bytes], chain: str, change: Callable[[Exchange], Exchange]) -> Files:
    """Change the exchanges in every log of a chain."""
    return _relogged(files, chain, lambda exchanges: tuple(change(one) for one in exchanges))


def answered(files: Mapping[str, bytes], chain: str, invented: Exchange) -> Files:
    """Add an exchange to every log of a chain."""
    return _relogged(files, chain, lambda exchanges: (*exchanges, invented))


def _relogged(
    files: Mapping[str, bytes],
    chain: str,
    change: Callable[[tuple[Exchange, ...]], tuple[Exchange, ...]],
) -> Files:
    """Change every log of a chain; whoever lies about a state leaves the proofs of it out."""
    folder = EVIDENCE + log_name(ChainId(chain), "").removesuffix(".jsonl")
    store = EVIDENCE + nodes_name(ChainId(chain))
    found = {name: data for name, data in files.items() if name != store}
    for name in (name for name in found if name.startswith(folder)):
        of, log = decode_log(files[name], name)
        told = change(tuple(one for one in flat(log) if one.call.method != PROOF_METHOD))
        found[name] = encode_log(of, gathered(log, told))
    assert found != files
    return found


def rescanned(
    files: Mapping[str, bytes], chain: str, change: Callable[[list[Result]], list[Result]]
) -> Files:
    """Change the coins of every scan, and the total with them."""

    def rescan(exchange: Exchange) -> Exchange:
        result: Result = exchange.result
        if exchange.call.method != "scantxoutset":
            return exchange
        coins = change([dict(coin) for coin in result["unspents"]])
        total = format_decimal(sum(read_amount(coin["amount"]) for coin in coins), 8)
        lie = {**result, "unspents": tuple(coins), "total_amount": total}
        return replace(exchange, result=lie)

    return retold(files, chain, rescan)
