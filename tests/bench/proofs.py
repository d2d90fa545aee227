"""State proofs at size: ours beside the `trie` package, on the same proofs in one run.

    python -m tests.bench.proofs

Every proof begins as the bytes a node sends, for both. Timings are noisy; the ratio is of one run.
The tries of a thousand and of twenty thousand accounts are built by `trie` too.
"""

from __future__ import annotations

import io
import resource
import sys
import time
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from attest.collecting import collect_seldom
from chains.evm.nodes import NodeSpool, NodeStore
from chains.evm.trie import EMPTY_CODE, EMPTY_ROOT, StateReader, check_proof
from tests.chains.evm import oracle
from tests.chains.evm.mainnet import PROOFS, Recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZES = (1_000, 20_000)
REPEATS = 50
"""Of the recorded proofs, which are few."""

SAMPLE = 2_000
"""Proofs of a built trie that both check."""


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(what: str, proofs: Sequence[Recorded], repeats: int = 1) -> None:
    """Print how fast both check the same proofs, and that they agree."""
    for one in proofs:
        theirs = oracle.check(one.root, one.key, one.proof)
        if (check_proof(one.root, one.key, one.proof) or oracle.ABSENT) != theirs:
            sys.exit(f"{one.name}: the two differ")
    count = len(proofs) * repeats
    ours = count / seconds(
        lambda: [check_proof(p.root, p.key, p.proof) for _ in range(repeats) for p in proofs]
    )
    other = count / seconds(
        lambda: [oracle.check(p.root, p.key, p.proof) for _ in range(repeats) for p in proofs]
    )
    depth = sum(len(one.proof) for one in proofs) / len(proofs)
    print(
        f"{what:<22} {depth:4.1f} nodes  ours {ours:8.0f}/s  trie {other:7.0f}/s"
        f"  ratio {ours / other:4.1f}"
    )


def build(accounts: int) -> tuple[oracle.Trie, list[bytes]]:
    addresses = [keccak256(number.to_bytes(8))[:20] for number in range(accounts)]
    leaf = oracle.encode([b"\x05", (10**21).to_bytes(9), EMPTY_ROOT, EMPTY_CODE])
    return oracle.Trie({keccak256(address): leaf for address in addresses}), addresses


def gather(spool: NodeSpool, proofs: Sequence[Sequence[bytes]]) -> None:
    for proof in proofs:
        for node in proof:
            spool.add(node)


def bulk(trie: oracle.Trie, addresses: Sequence[bytes]) -> None:
    """Print how fast a store is written, opened, and read by a reader with its cache."""
    spool, out = NodeSpool(io.BytesIO()), io.BytesIO()
    # Nodes come once for each proof that they are in; the upper ones many times.
    proofs = [trie.proof(keccak256(address)) for address in addresses]
    given = sum(map(len, proofs))
    adding = seconds(lambda: gather(spool, proofs))
    writing = seconds(lambda: spool.write(out))
    data = out.getvalue()
    opening = seconds(lambda: NodeStore(data))
    store = NodeStore(data)
    reader = StateReader(trie.root, store.get)
    reading = seconds(lambda: [reader.account(address) for address in addresses])
    print(
        f"  store: {given} nodes gathered in {adding:.2f} s, {len(store)} written in"
        f" {writing:.2f} s ({len(data) / 1e6:.1f} MB), opened in {opening * 1e3:.1f} ms"
    )
    print(
        f"  reader over it: {len(addresses) / reading:.0f} accounts/s,"
        f" {store.used()} of {len(store)} nodes used"
    )


def main() -> None:
    """Print a line a bench."""
    collect_seldom()
    compare("recorded of mainnet", PROOFS, REPEATS)
    for size in SIZES:
        trie, addresses = build(size)
        sample = [
            Recorded(address.hex(), trie.root, keccak256(address), trie.proof(keccak256(address)))
            for address in addresses[:SAMPLE]
        ]
        compare(f"{size} accounts", sample)
        bulk(trie, addresses)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"peak {peak:.0f} MB, the building of the tries included")


if __name__ == "__main__":
    main()
