"""BIP-322's `to_sign` as checked, and what can be read from it.

`to_sign` is the virtual transaction that a BIP-322 signature signs. Its fields say on what
conditions the signer can spend, and its further inputs are the coins of a proof of funds. Nothing
here checks a script: these values exist only after `proofs.utxo.btclib_bip322` has.

BIP-322 ends in "valid at time T and age S", T being nLockTime and S the first input's nSequence.
They are read as consensus gives them meaning, with two exceptions on the cautious side, both named
below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofs.control import InconclusiveProof
from proofs.timelock import SEQUENCE_DISABLED, SEQUENCE_IS_TIME, SEQUENCE_MASK
from proofs.utxo.output_script import classify

if TYPE_CHECKING:
    from proofs.control import Outpoint

FINAL = 0xFFFFFFFF
"""The nSequence of an input that takes no part in nLockTime (BIP-65)."""
ANNEX = 0x50
"""First byte of a taproot annex (BIP-341)."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input whose script was satisfied."""

    coin: Outpoint
    """What it spends; for all but the first input, as the prover states it."""
    sequence: int
    script_sig: bytes
    witness: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ToSign:
    """A verified `to_sign`; its first input is the message."""

    version: int
    lock_time: int
    inputs: tuple[Input, ...]
    unsigned_id: str
    """Transaction id without signatures, hex: what all the signatures sign."""


def lock_time_of(to_sign: ToSign) -> int:
    """Give T: the height or time from which a spend like this one is valid, 0 for none.

    With every input final, consensus ignores nLockTime and OP_CHECKLOCKTIMEVERIFY fails (BIP-65),
    so a valid proof of that shape shows a spend without a lock.
    """
    final = all(one.sequence == FINAL for one in to_sign.inputs)
    return 0 if final else to_sign.lock_time


def sequence_of(to_sign: ToSign) -> int:
    """Give S: the strictest relative lock of the inputs, 0 for none.

    The disable flag takes an nSequence out of BIP-68. Cautious: consensus heeds nSequence from
    version 2 on, BIP-322 states S for any version, so it is kept in version 0; and BIP-322 looks at
    the first input alone, while the coins of a proof of funds may have locks of their own, so the
    longest is given.

    Raises:
        InconclusiveProof: `time_locked` if some inputs count blocks and others time, which one S
        cannot say.
    """
    locks = {_relative_lock(one.sequence) for one in to_sign.inputs} - {0}
    if len({lock & SEQUENCE_IS_TIME for lock in locks}) > 1:
        raise InconclusiveProof("time_locked")
    return max(locks, default=0)


def _relative_lock(sequence: int) -> int:
    """Give the bits of nSequence that BIP-68 gives a meaning, 0 if they ask for no age."""
    if sequence & SEQUENCE_DISABLED or not sequence & SEQUENCE_MASK:
        return 0
    return sequence & (SEQUENCE_IS_TIME | SEQUENCE_MASK)


def takes_script_path(to_sign: ToSign) -> bool:
    """Tell whether some taproot input was spent by one leaf of its tree (BIP-341)."""
    return any(_is_script_path(one) for one in to_sign.inputs)


def _is_script_path(spent: Input) -> bool:
    """Tell a leaf's witness from a lone key signature, with or without an annex."""
    if classify(bytes.fromhex(spent.coin.script)).kind != "p2tr":
        return False
    has_annex = len(spent.witness) > 1 and spent.witness[-1][:1] == bytes((ANNEX,))
    return len(spent.witness) - has_annex > 1
