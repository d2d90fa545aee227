"""A commitment over a million accounts and ten assets, from Parquet to set hash.

    python -m tests.bench.liabilities [ACCOUNTS] [SHARES] [RAY]

SHARES is a number, `auto`, or `all`: one, two and the choice by asset, one after another. The bare
limit is a loop of hashlib calls, as many as the commitment needs and over messages as long, on all
cores in the same run: one hash or HMAC a call and nothing around it. Two ratios are printed: of
work, the seconds that processors spent, since others use the machine too; and of time, reading the
ledger included in both. Every build has a process of its own. Peak memory is at most what is
printed: of that process, and as often as there are cores of the largest that it started.
"""

from __future__ import annotations

import hmac
import os
import random
import resource
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from attest.liabilities.build import Builder, local_crew
from attest.liabilities.cluster import ray_cluster
from attest.liabilities.committing import Sheets, Wish, commit_ledger, header_for
from attest.liabilities.header import Edition, rules_in
from attest.liabilities.proving import open_prover
from attest.liabilities.tasks import Counted, PadTask
from attest.processes import Team, cores, share_out
from config.registry_files import load_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from attest.liabilities.build import Crew, Run
    from attest.liabilities.proving import Prover
    from attest.liabilities.tasks import Answer, BuildPlan, Task
    from config.ledger.totals import Ledger
    from proofs.liabilities.commitment import Commitment

INSTRUMENTS = ("btc", "eth", "usdt", "usdc", "ltc", "sol", "xrp", "trx", "bch", "doge")
HELD = 0.35
"""A customer holds each asset so often: 3.5 balances a head."""
PINS: dict[str, object] = {
    "asOf": "2026-11-30T15:00:00Z",
    "entity": "Bench",
    "network": "main",
    "pins": [{"chain": "eip155:1", "height": "1", "blockHash": "0x" + "00" * 32}],
}
CHUNK = 20_000
"""Hash calls of each kind that one task of the bare loop makes."""


@dataclass(slots=True)
class Calls:
    """What a commitment hashes."""

    customers: int = 0
    balances: int = 0
    draws: int = 0
    shares: int = 0
    pads: int = 0
    pad_numbers: int = 0
    nodes: int = 0
    heights: list[int] = field(default_factory=list)

    @property
    def hashes(self) -> tuple[int, int, int]:
        """SHA-256 of accounts, ids and leaves; of nodes; and HMACs."""
        leaves = self.shares + self.pads
        hmacs = 2 * self.customers + self.draws + leaves + 2 * self.pad_numbers
        return 2 * self.customers + leaves, self.nodes, hmacs


def make(folder: Path, accounts: int) -> tuple[Path, Path]:
    """Write a ledger and its customers as Parquet; amounts as they are, most small, a few large."""
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 - it starts a thread
    from pyarrow import parquet  # noqa: PLC0415 - the same

    chance, registry = random.Random(5), load_registry()  # noqa: S311 - a ledger to be made again
    names = [one for one in INSTRUMENTS if one in {row.id for row in registry.instruments}]
    schema = pa.schema([(name, pa.string()) for name in ("customer", "instrument", "amount")])
    ledger, customers = folder / "ledger.parquet", folder / "customers.parquet"
    people = pa.schema([("customer", pa.string()), ("identifier", pa.string())])
    with (
        parquet.ParquetWriter(ledger, schema) as rows,
        parquet.ParquetWriter(customers, people) as who,
    ):
        for start in range(0, accounts, 100_000):
            ids = [f"{number:010d}" for number in range(start, min(start + 100_000, accounts))]
            mails = [f"customer{one}@example.com" for one in ids]
            who.write_table(pa.table({"customer": ids, "identifier": mails}, people))
            held = [
                (one, name) for one in ids for name in names if chance.random() < 3.5 / len(names)
            ]
            amounts = [f"{chance.paretovariate(1.2):.6f}" for _ in held]
            columns = {
                "customer": [one for one, _ in held],
                "instrument": [name for _, name in held],
                "amount": amounts,
            }
            rows.write_table(pa.table(columns, schema))
    return ledger, customers


class Counting:
    """A crew that counts what is hashed."""

    def __init__(self, crew: Crew) -> None:
        self.calls, self._crew = Calls(), crew

    @contextmanager
    def __call__(self, plan: BuildPlan) -> Iterator[Run]:
        with self._crew(plan) as run:
            yield partial(self._counted, run)

    def _counted(self, run: Run, tasks: Iterator[Task]) -> Iterator[Answer]:
        listed = list(tasks)
        pads = [task for task in listed if isinstance(task, PadTask)]
        if pads:
            self.calls.pads = sum(pads[0].needs)
            self.calls.pad_numbers = max(pads[0].needs)
        for answer in run(iter(listed)):
            if isinstance(answer, Counted) and not pads:
                self.calls.shares += sum(map(sum, answer.counts[:-1]))
            yield answer


def quiet(_stage: str, _done: int, _total: int) -> None:
    """Say nothing: a bench prints its figures alone."""


Counts = tuple[int, int, int]


def bare_task(task: Counts) -> None:
    """Make so many hash calls over messages of the lengths that polv1 has."""
    leaves, nodes, hmacs = task
    leaf, node, key, message = (os.urandom(size) for size in (180, 169, 32, 46))
    for _ in range(leaves):
        sha256(leaf).digest()
    for _ in range(nodes):
        sha256(node).digest()
    for _ in range(hmacs):
        hmac.digest(key, message, "sha256")


def bare_begin() -> Callable[[Counts], None]:
    return bare_task


def bare(calls: Calls) -> None:
    """Make as many calls as the commitment, on all cores."""
    parts = max(1, sum(calls.hashes) // CHUNK)
    leaves, nodes, hmacs = (one // parts for one in calls.hashes)
    team: Team[Counts, None] = Team(bare_begin, cores(), "hashes")
    for _ in share_out(team, iter([(leaves, nodes, hmacs)] * parts)):
        pass


def work() -> float:
    """Seconds that processors spent for this process and those that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def peak() -> int:
    """Megabytes at most: of this process, and for each core of the largest that has ended."""
    this, largest = (
        resource.getrusage(who).ru_maxrss // 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return this + cores() * largest


def timed(what: Callable[[], object]) -> tuple[float, float]:
    """Give seconds and work of a call."""
    began, before = time.monotonic(), work()
    what()
    return time.monotonic() - began, work() - before


def measure(folder: Path, accounts: int, shares: int | None, crew: Crew) -> None:
    """Commit, hash bare, prove, and print what came of it."""
    place, counting = folder / f"private-{accounts}-{shares}-{os.getpid()}", Counting(crew)
    made: list[tuple[Commitment, Ledger]] = []
    files = Sheets(folder / "ledger.parquet", folder / "customers.parquet", load_registry())

    def header(ledger: Ledger) -> dict[str, object]:
        found.append(ledger)
        return header_for(ledger, PINS, Edition(), Wish(shares))

    found: list[Ledger] = []
    builder = Builder(counting, quiet)

    def build() -> None:
        commitment = commit_ledger(files, b"\x11" * 32, header, place, builder)
        made.append((commitment, found[0]))

    seconds, spent = timed(build)
    (commitment, ledger), calls = made[0], counting.calls
    calls.customers, calls.balances = ledger.customers, sum(one.holders for one in ledger.assets)
    counts = [rule.splitting.count for rule in rules_in(commitment.header)]
    first = sum(one.holders * k for one, k in zip(ledger.assets, counts, strict=True))
    calls.draws = (
        calls.shares
        - first
        + sum(one.holders * (k - 1) for one, k in zip(ledger.assets, counts, strict=True))
    )
    calls.nodes = sum((1 << tree.height) - 1 for tree in commitment.trees)
    most = peak()
    alone, least = timed(lambda: bare(calls))
    prover = open_prover(place)
    _, proving = timed(lambda: [prover.prove(*prover.found(n)) for n in sample(prover)])
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    shown = ",".join(sorted({str(one) for one in counts}))
    print(
        f"{accounts:>10,} accounts  k {shown:<5}  {calls.balances:>11,} balances  "
        f"{calls.shares:>11,} shares  {calls.pads:>10,} pads  "
        f"{sum(calls.hashes) / accounts:5.1f} calls/account"
    )
    print(
        f"{'':10}  work {spent:7.1f} s  bare {least:7.1f} s  ratio {least / spent:.2f}  "
        f"{accounts / spent:8.0f} accounts/s/core"
    )
    print(
        f"{'':10}  time {seconds:7.1f} s  bare {alone:7.1f} s  ratio {alone / seconds:.2f}  "
        f"{accounts / seconds:8.0f} accounts/s"
    )
    print(
        f"{'':10}  peak {most} MB  folder {size / 1e6:.0f} MB  "
        f"a proof {1000 * proving / len(sample(prover)):.0f} ms"
    )
    print(f"{'':10}  set {commitment.digest.hex()}")


def sample(prover: Prover) -> list[int]:
    """Some customers who are owed something."""
    chance = random.Random(3)  # noqa: S311 - which customers, not which secrets
    drawn = (chance.randrange(len(prover)) for _ in range(200))
    return [n for n in drawn if prover.found(n)[0].holdings][:50]


def apart(what: Callable[..., object], *arguments: object) -> None:
    """Call in a process of its own: what it starts and holds is no other's."""
    process = get_context("spawn").Process(target=what, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def measure_on_ray(folder: Path, accounts: int, shares: int | None, address: str) -> None:
    """Do the same on a cluster, whose workers' seconds are not counted as work."""
    print("on Ray:")
    with ray_cluster(address) as crew:
        measure(folder, accounts, shares, crew)


def main() -> None:
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    asked = sys.argv[2] if len(sys.argv) > 2 else "auto"
    named: dict[str, list[int | None]] = {"all": [1, 2, None], "auto": [None]}
    wishes = named[asked] if asked in named else [int(asked)]
    print(f"{cores()} cores; hashlib of {sys.version.split()[0]}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        apart(make, folder, accounts)
        for shares in wishes:
            apart(measure, folder, accounts, shares, local_crew(cores()))
        if len(sys.argv) > 3:
            apart(measure_on_ray, folder, accounts, wishes[-1], sys.argv[3])


if __name__ == "__main__":
    main()
