"""Reading an EVM chain at size: ours with every check, beside a bare loop over the same node.

    python -m tests.bench.evm_reading [ACCOUNTS]

Needs anvil. The bare loop is what a script would do: batches of a thousand `eth_getBalance`, each
sent, parsed and turned into numbers, and nothing checked. Ours is `read` and `recheck`: chain and
tips, the pin by number and hash and at the end again, its header computed again, a control call
with each batch, every reply's ids and form, the evidence kept, and the balances decided from it.
Both are timed in turn, and the best of several counts; for two operators the bare loop counts
twice. The bare loop names its block by number, as scripts do; asked by hash, as ours is, the node
itself takes longer.

State proofs are left out of the first figures: anvil builds the whole trie anew for each, 33 a
second at 10,000 accounts. There a source that says it serves none stands in for the node, which is
how most public endpoints answer. Their figure stands by itself, at 200 accounts.

The last figure is of 100,000 accounts, two operators, no proofs, read from anvil by a process of
its own, its peak memory with it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from attest.collecting import collect_seldom
from chains.evidence import ChainPlan, Column, Exchange, PlannedAccount, Surroundings
from chains.evm.address import checksummed
from chains.evm.calls import by_hash, by_number
from chains.evm.proving import PROOF_METHOD
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.recording import decode_log, encode_log
from chains.transport import Endpoint, HttpSource
from config.registry_files import load_registry
from tests.nodes.anvil import Anvil, anvil

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Call, ChainEvidence, ProtocolName, Sweep
    from chains.evm.calls import Block
    from chains.snapshot import ChainSnapshot

ACCOUNTS = 10_000
MANY = 100_000
PROVED = 200
ROUNDS = 15
BATCH = 1000
AT_LEAST = 0.5
"""Of the bare loop's rate, ours with every check."""


@dataclass(slots=True)
class Counted:
    """What one source was sent."""

    requests: int = 0
    calls: int = 0

    def __call__(self, calls: int) -> None:
        self.requests += 1
        self.calls += calls


@dataclass(slots=True)
class Proofless:
    """A source that says of every proof that it does not serve it, as most endpoints do."""

    source: HttpSource
    name: str = field(init=False)
    operator: str = field(init=False)
    protocol: ProtocolName = "json-rpc"

    def __post_init__(self) -> None:
        self.name, self.operator = self.source.name, self.source.operator

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        if calls[0].method == PROOF_METHOD:
            return tuple(Exchange(call, error="rpc_error") for call in calls)
        return self.source.ask(calls)

    def sweep(self, sweep: Sweep) -> Column:
        if sweep.template.method == PROOF_METHOD:
            places = range(len(sweep.subjects))
            return Column(sweep, (), (None,) * len(places), tuple((p, "rpc_error") for p in places))
        return self.source.sweep(sweep)


def addresses_of(count: int) -> list[str]:
    return [checksummed((number * 7919 + 2**64).to_bytes(20)) for number in range(count)]


def funded(node: Anvil, addresses: Sequence[str]) -> None:
    """Give each address a balance of its own, below two blocks."""
    for at in range(0, len(addresses), BATCH):
        part = enumerate(addresses[at : at + BATCH], at)
        node.ask_all([("anvil_setBalance", [one, hex(10**18 + place)]) for place, one in part])
    node.mine(3)


def bare(url: str, addresses: Sequence[str], block: Block) -> list[int]:
    """Read balances as a script does."""
    found: list[int] = []
    with requests.Session() as session:
        for at in range(0, len(addresses), BATCH):
            batch = [
                {"jsonrpc": "2.0", "id": at, "method": "eth_getBalance", "params": [one, block]}
                for at, one in enumerate(addresses[at : at + BATCH])
            ]
            headers = {"Content-Type": "application/json"}
            reply = session.post(url, data=json.dumps(batch), headers=headers, timeout=60)
            found += [int(item["result"], 16) for item in reply.json()]
    return found


def plan_of(addresses: Sequence[str], operators: int) -> ChainPlan:
    chain = load_registry().chain("anvil")
    accounts = tuple(PlannedAccount(one, (chain.native,)) for one in addresses)
    return ChainPlan(chain, None, operators, chain.confirmations, accounts)


def ours(
    url: str, plan: ChainPlan, counted: Counted, *, proofs: bool = False
) -> tuple[ChainSnapshot, ChainEvidence]:
    """Read and decide with as many operators as the plan's quorum, all of them one node."""
    sources = [
        HttpSource(Endpoint(f"node-{at}", f"operator-{at}", url), time.sleep, pace=counted)
        for at in range(1, plan.quorum + 1)
    ]
    around = Surroundings(time.sleep, lambda _stage, _done, _total: None)
    evidence = read(plan, sources if proofs else [Proofless(one) for one in sources], around)
    for source in sources:
        source.close()
    return recheck(plan, evidence), evidence


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(node: Anvil, addresses: Sequence[str], operators: int) -> float:
    """Print how fast both read the same balances, and that they agree; give the ratio."""
    plan, counted = plan_of(addresses, operators), Counted()
    snapshot, _ = ours(node.url, plan, counted)
    pin: list[Block] = [by_number(snapshot.pin.height), by_hash(snapshot.pin.block_hash)]
    if [one.units for one in snapshot.balances] != bare(node.url, addresses, pin[0]):
        sys.exit(f"the two differ: {snapshot.pin}, {len(snapshot.failures)} failed")
    numbered, hashed, best = [], [], []
    for _ in range(ROUNDS):
        numbered.append(seconds(lambda: bare(node.url, addresses, pin[0])))
        hashed.append(seconds(lambda: bare(node.url, addresses, pin[1])))
        best.append(seconds(lambda: ours(node.url, plan, Counted())))
    ratios = [operators * min(times) / min(best) for times in (numbered, hashed)]
    print(
        f"{operators} source(s), {len(addresses)} balances: read + recheck {min(best):.3f} s"
        f" ({len(addresses) / min(best):.0f} accounts/s); {counted.requests} requests of"
        f" {counted.calls} calls\n"
        f"  bare loop, block by number {operators * min(numbered):.3f} s, ratio {ratios[0]:.2f};"
        f" block by hash as ours {operators * min(hashed):.3f} s, ratio {ratios[1]:.2f}"
    )
    return ratios[0]


def proved(url: str, addresses: Sequence[str]) -> None:
    """Print the figure with state proofs."""
    counted, found = Counted(), []
    taken = seconds(lambda: found.append(ours(url, plan_of(addresses, 2), counted, proofs=True)))
    snapshot, evidence = found[0]
    again = seconds(lambda: recheck(plan_of(addresses, 2), evidence))
    shown = sum(one.evidence == "state_proof" for one in snapshot.balances)
    print(
        f"2 sources, {len(addresses)} accounts with proofs: {taken:.3f} s"
        f" ({shown / taken:.0f} accounts/s), {shown} proved, recheck alone {again:.3f} s;"
        f" {counted.requests} requests, {len(evidence.nodes) / 1e3:.0f} kB of nodes"
    )


def many(url: str, count: int) -> None:
    """Observe many accounts, write the evidence, read it back; print what it took."""
    plan, counted, phases = plan_of(addresses_of(count), 2), Counted(), []
    started = time.perf_counter()
    snapshot, evidence = ours(url, plan, counted)
    phases.append(("read + recheck", time.perf_counter() - started))
    started = time.perf_counter()
    files = [encode_log(evidence.chain, log) for log in evidence.logs]
    phases.append(("written", time.perf_counter() - started))
    started = time.perf_counter()
    logs = tuple(decode_log(file, "bench")[1] for file in files)
    again = recheck(plan, type(evidence)(evidence.chain, logs, evidence.nodes))
    phases.append(("read back and rechecked", time.perf_counter() - started))
    if again != snapshot or len(snapshot.balances) != count:
        sys.exit("what was written is not what was read")
    told = ", ".join(f"{what} {taken:.1f} s" for what, taken in phases)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    size = sum(map(len, files)) / 1e6
    print(
        f"2 sources, {count} accounts: {told}; {counted.requests} requests,"
        f" {size:.0f} MB of evidence, peak {peak:.0f} MB",
        flush=True,
    )


def main() -> None:
    """Print a line a figure."""
    collect_seldom()
    if sys.argv[1:2] == ["many"]:
        many(sys.argv[2], int(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS
    print("balances alone: the sources say that they serve no proofs")
    with anvil() as node:
        funded(node, addresses_of(count))
        ratio = compare(node, addresses_of(count), 1)
        compare(node, addresses_of(count), 2)
    with anvil() as node:
        funded(node, addresses_of(PROVED))
        proved(node.url, addresses_of(PROVED))
    with anvil() as node:
        funded(node, addresses_of(MANY))
        command: list[Any] = [sys.executable, "-m", "tests.bench.evm_reading", "many"]
        subprocess.run([*command, node.url, str(MANY)], check=True)  # noqa: S603 - ourselves
    print(f"ratio of one source {ratio:.2f}, at least {AT_LEAST} is asked")


if __name__ == "__main__":
    main()
