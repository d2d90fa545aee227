"""BIP-322 of one key: our scheme beside the library's own verification, one after the other.

    python -m tests.bench.bip322 [ROWS]

Both take the same texts and addresses and run in this process. Others use the machine too, so each
is given by its best of several rounds, in which the two alternate.
"""

from __future__ import annotations

import hashlib
import sys
import time
from typing import TYPE_CHECKING

from btclib_wallet import bip322
from coincurve import PrivateKey

from config.registry_files import load_registry
from proofs.bip322 import verify
from proofs.control import Signing
from tests.examples import wallet

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 2_000
BOUND = 0.9
"""Least share of the library's rate."""
REPEATS = 8
BITCOIN = load_registry().chain("bitcoin")


def made(number: int) -> tuple[Signing, tuple[bytes, str, str]]:
    key = PrivateKey(hashlib.sha256(f"bench {number}".encode()).digest())
    address = wallet.utxo_address(BITCOIN, wallet.single_script(key, wallet.P2WPKH))
    text = f"we control {address} as of block {number}"
    signature = wallet.sign_bip322(key, BITCOIN, wallet.P2WPKH, text)
    message = text.encode()
    return Signing(BITCOIN, (address,), message, signature), (message, address, signature)


def rate(work: Callable[[], object], count: int) -> float:
    began = time.process_time()
    work()
    return count / (time.process_time() - began)


def theirs(rows: list[tuple[bytes, str, str]]) -> None:
    for message, address, signature in rows:
        bip322.assert_as_valid(message, address, signature)


def ours(rows: list[Signing]) -> None:
    for signing in rows:
        verify(signing)


def main() -> None:
    """Print the ratio; end with an error if it is below the bound."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    pairs = [made(number) for number in range(count)]
    signings, plain = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    rates = [
        (rate(lambda: theirs(plain), count), rate(lambda: ours(signings), count))
        for _ in range(REPEATS)
    ]
    library, own = (max(column) for column in zip(*rates, strict=True))
    ratio = own / library
    print(f"bip322 P2WPKH: library {library:.0f}/s, ours {own:.0f}/s, ratio {ratio:.2f}")
    if ratio < BOUND:
        sys.exit(f"below the bound of {BOUND}")


if __name__ == "__main__":
    main()
