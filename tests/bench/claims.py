"""Claims at size: from the bytes of claims.csv to every verdict, beside bare key recovery.

    python -m tests.bench.claims [ROWS]

Bare is coincurve's recovery alone, over the same rows already decoded, shared among as many
processes as ours; only its loops are timed. Ours is timed from the file's bytes on, the starting of
its processes included. Every row has its own key and text. Others use the machine too, so each is
given by its best of several rounds, in which the two alternate.
"""

from __future__ import annotations

import base64
import hashlib
import multiprocessing
import resource
import sys
import time
from typing import TYPE_CHECKING

from coincurve import PrivateKey, PublicKey

from attest.checking import Trial, check_file
from attest.collecting import collect_seldom
from attest.processes import cores, start_method
from config.registry_files import load_registry
from proofs.eip191 import personal_digest
from proofs.utxo.bitcoinlib_message import message_hash
from tests.examples import wallet

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Barrier

    from config.registry import Chain

ROWS = 200_000
BOUND = 0.6
"""Least share of bare recovery's rate."""
REPEATS = 4
HEADER = "account,scheme,message,signature\n"
REGISTRY = load_registry()
BITCOIN, ETHEREUM = REGISTRY.chain("bitcoin"), REGISTRY.chain("ethereum")
KINDS = (wallet.P2PKH, wallet.NESTED, wallet.P2WPKH)

Decoded = tuple[bytes, bytes]
"""A signature as coincurve takes it, and the digest it is of."""


def key_of(number: int) -> PrivateKey:
    return PrivateKey(hashlib.sha256(f"bench {number}".encode()).digest())


def eip191_row(number: int) -> tuple[str, Decoded]:
    key = key_of(number)
    address = wallet.evm_address(ETHEREUM, key)
    text = f"we control {address} as of block {number}"
    signature = wallet.sign_eip191(key, text)
    data = bytes.fromhex(signature[2:])
    decoded = data[:64] + bytes((data[64] - 27,)), personal_digest(text.encode())
    return f"ethereum:{address},eip191,{text},{signature}\n", decoded


def bip137_row(number: int, kind: str = "") -> tuple[str, Decoded]:
    key, kind = key_of(number), kind or KINDS[number % len(KINDS)]
    address = wallet.utxo_address(BITCOIN, wallet.single_script(key, kind))
    text = f"we control {address} as of block {number}"
    signature = wallet.sign_message(BITCOIN, key, kind, text)
    data = base64.b64decode(signature)
    decoded = data[1:] + bytes(((data[0] - 27) & 3,)), message_hash(text.encode(), header(BITCOIN))
    return f"bitcoin:{address},bip137,{text},{signature}\n", decoded


def header(chain: Chain) -> str:
    if chain.utxo is None:
        raise ValueError(chain.name)
    return chain.utxo.message_header


def mixed_row(number: int) -> tuple[str, Decoded]:
    return eip191_row(number) if number % 2 else bip137_row(number // 2)


def recover_all(rows: list[Decoded]) -> None:
    for signature, digest in rows:
        PublicKey.from_signature_and_message(signature, digest, hasher=None)


def _bare(rows: list[Decoded], start: Barrier, out: Connection) -> None:
    start.wait()
    began = time.process_time()
    recover_all(rows)
    out.send(time.process_time() - began)


def cpu() -> float:
    """Give the seconds of work of this process and of those that it has ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def bare(rows: list[Decoded], processes: int) -> tuple[float, float]:
    """Give the seconds of bare recovery, from a common start to the last end, and of its work."""
    context = multiprocessing.get_context("spawn")
    start, ends = context.Barrier(processes + 1), []
    workers = []
    for number in range(processes):
        ours, theirs = context.Pipe()
        workers.append(context.Process(target=_bare, args=(rows[number::processes], start, theirs)))
        workers[-1].start()
        ends.append(ours)
    start.wait()
    began = time.perf_counter()
    work = sum(end.recv() for end in ends)
    taken = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return taken, work


def compare(what: str, make: Callable[[int], tuple[str, Decoded]], count: int) -> float:
    made = [make(number) for number in range(count)]
    data = (HEADER + "".join(text for text, _ in made)).encode()
    rows = [decoded for _, decoded in made]
    del made
    times = []
    for _ in range(REPEATS):
        least, least_work = bare(rows, cores())
        began, work_before = time.perf_counter(), cpu()
        controls = check_file(data, "claims.csv", Trial(REGISTRY))
        taken, work = time.perf_counter() - began, cpu() - work_before
        if [one.outcome for one in controls] != ["proved"] * count:
            sys.exit(f"{what}: not every row is proved")
        del controls
        times.append((least, taken))
        print(
            f"{what:<20} {count} rows, {len(data) / 1e6:.0f} MB: bare {count / least:6.0f}/s,"
            f" ours {count / taken:6.0f}/s,"
            f" ratio {least / taken:.2f}, of work {least_work / work:.2f}"
        )
    return min(least for least, _ in times) / min(taken for _, taken in times)


def main() -> None:
    """Print a line a measurement; end with an error if a ratio is below the bound."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    collect_seldom()
    print(f"{cores()} processes, {start_method()}")
    below = False
    for what, make in (
        ("eip191 and bip137", mixed_row),
        ("eip191", eip191_row),
        ("bip137 of three kinds", bip137_row),
    ):
        ratio = compare(what, make, count)
        below = below or ratio < BOUND
        print(f"{what:<20} best by best: ratio {ratio:.2f}, bound {BOUND}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"peak of the commanding process {peak:.0f} MB, the making of the rows included")
    if below:
        sys.exit("below the bound")


if __name__ == "__main__":
    main()
