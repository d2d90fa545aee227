"""Whether the time locks of a BIP-322 proof are over at a pin.

A proof with lock time T and sequence S says that its signer can spend from T on, and each coin once
it is S old (BIP-322, "Time locks"). Heights and times compare as consensus does for the block after
the pin: nLockTime with its height or the median time past (BIP-65, BIP-113), nSequence with the
coin's own height (BIP-68, BIP-112). A relative lock in units of time needs each coin's own median
time past, which is not read; it stays undecided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chains.snapshot import ChainSnapshot
    from proofs.control import Proof

TIME_THRESHOLD = 500_000_000
"""nLockTime below it is a height, otherwise Unix seconds (BIP-65)."""
SEQUENCE_DISABLED = 1 << 31
SEQUENCE_IS_TIME = 1 << 22
SEQUENCE_MASK = 0xFFFF
"""Flags of nSequence (BIP-68)."""


def locks_hold(proof: Proof, read: ChainSnapshot, scripts: tuple[str, ...]) -> bool:
    """Tell whether a spend at the pin would satisfy the proof's lock time and sequence.

    Args:
        proof: a verified proof.
        read: the chain at its pin.
        scripts: output scripts in hex whose coins the relative lock is about.
    """
    return _absolute(proof.lock_time, read) and _relative(proof.sequence, read, scripts)


def _absolute(lock_time: int, read: ChainSnapshot) -> bool:
    if lock_time < TIME_THRESHOLD:
        return lock_time <= read.pin.height
    return lock_time < read.pin.block_time


def _relative(sequence: int, read: ChainSnapshot, scripts: tuple[str, ...]) -> bool:
    if not sequence or sequence & SEQUENCE_DISABLED:
        return True
    if sequence & SEQUENCE_IS_TIME:
        return False
    age = sequence & SEQUENCE_MASK
    coins = [coin for coin in read.coins if coin.script in scripts]
    return bool(coins) and all(read.pin.height + 1 - coin.height >= age for coin in coins)
