"""One scan of many scripts on a real node: ours with every check, beside the bare call.

    python -m tests.bench.utxo_scan [SCRIPTS]

Needs litecoind. The bare call is what a script would do: one `scantxoutset` of the same scripts,
sent, and its reply parsed. Ours is `read` and `recheck` of addresses: their scripts, which chain
the node follows, the scan, the young coins asked about one by one in one batch, the block's header
and depth, every output and the sum decoded exactly, and each address decided. Both are timed in
turn, and the best of several counts; cycles are collected as the command does (`attest.cli.app`).

On this test network there are few outputs to walk through, so nearly all of the call is the node's
reading of the request; on a main network both take minutes more, and ours nothing of it.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import requests

from attest.collecting import collect_seldom
from chains.evidence import ChainPlan, PlannedAccount, Surroundings
from chains.recording import decode_log, encode_log
from chains.transport import Endpoint, HttpSource
from chains.utxo.address import address_of_script
from chains.utxo.calls import scan_call
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from chains.utxo.scripts import read_scripts
from config.registry_files import load_registry
from tests.nodes.litecoind import PASSWORD, USER, Litecoind, litecoind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import ChainEvidence
    from chains.snapshot import ChainSnapshot

SCRIPTS = 200_000
OLD, YOUNG = 4_000, 1_000
"""Coins on as many of the scripts; the young ones could be of a coinbase, and are asked about."""
OUTPUTS = 1000
"""Of one payment."""
ROUNDS = 5
AT_MOST = 2.0
"""Times the bare call, ours with every check."""

CHAIN = load_registry().chain("litecoin-regtest")


def scripts_of(count: int) -> list[bytes]:
    return [b"\x00\x14" + (number * 7919 + 2**80).to_bytes(20, "big") for number in range(count)]


def funded(node: Litecoind, addresses: Sequence[str]) -> None:
    """Pay old coins and young ones."""
    miner = node.address()
    node.mine(101, miner)
    for at in range(0, OLD + YOUNG, OUTPUTS):
        if at == OLD:
            node.mine(100, miner)
        amounts = dict.fromkeys(addresses[at : at + OUTPUTS], f"0.000{at % 89 + 11:02}")
        node.rpc("sendmany", "", amounts)
        node.mine(1, miner)


def bare(node: Litecoind, scripts: Sequence[bytes]) -> int:
    """Scan as a script does; give how many outputs were found."""
    wanted = [f"raw({script.hex()})" for script in scripts]
    body = {"jsonrpc": "1.0", "id": 1, "method": "scantxoutset", "params": ["start", wanted]}
    url = f"http://127.0.0.1:{node.port}/"
    reply = requests.post(url, data=json.dumps(body), auth=(USER, PASSWORD), timeout=600)
    return len(reply.json()["result"]["unspents"])


def plan_of(addresses: Sequence[str]) -> ChainPlan:
    assets = (CHAIN.native,)
    accounts = tuple(PlannedAccount(one, assets) for one in addresses)
    return ChainPlan(CHAIN, None, 1, 1, accounts)


def ours(node: Litecoind, plan: ChainPlan) -> tuple[ChainSnapshot, ChainEvidence]:
    """Read and decide; nothing is known of the plan's addresses beforehand."""
    read_scripts.cache_clear()
    scan_call.cache_clear()
    source = HttpSource(Endpoint("node-1", "acme", node.url, "core"), time.sleep)
    evidence = read(plan, [source], Surroundings(time.sleep, lambda *_: None))
    source.close()
    return recheck(plan, evidence), evidence


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Print a line a figure."""
    collect_seldom()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SCRIPTS
    scripts = scripts_of(count)
    addresses = [str(address_of_script(CHAIN, script)) for script in scripts]
    plan = plan_of(addresses)
    with litecoind() as node:
        funded(node, addresses)
        snapshot, evidence = ours(node, plan)
        found = bare(node, scripts)
        paid = sum(one.units > 0 for one in snapshot.balances)
        if len(snapshot.coins) != found or snapshot.failures or len(snapshot.balances) != count:
            sys.exit(f"the two differ: {len(snapshot.coins)} coins, {found}")
        theirs, best, again = [], [], []
        for _ in range(ROUNDS):
            theirs.append(seconds(lambda: bare(node, scripts)))
            best.append(seconds(lambda: ours(node, plan)))
            again.append(seconds(lambda: recheck(plan, evidence)))
    files = [encode_log(evidence.chain, log) for log in evidence.logs]
    if (
        recheck(plan, type(evidence)(evidence.chain, (decode_log(files[0], "bench")[1],)))
        != snapshot
    ):
        sys.exit("what was written is not what was read")
    calls = len(evidence.logs[0].exchanges)
    ratio = min(best) / min(theirs)
    print(f"{count} scripts, {found} coins on {paid} of them, {YOUNG} of them young")
    print(
        f"bare scantxoutset {min(theirs):.2f} s, read + recheck {min(best):.2f} s"
        f" (recheck alone {min(again):.2f} s), ratio {ratio:.2f}; {calls} calls,"
        f" {len(files[0]) / 1e6:.0f} MB of evidence"
    )
    print(f"ratio {ratio:.2f}, at most {AT_MOST} is asked")


if __name__ == "__main__":
    main()
