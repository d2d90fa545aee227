from __future__ import annotations

import pytest

from proofs.control import InconclusiveProof, Outpoint
from proofs.utxo.to_sign import FINAL, Input, ToSign, lock_time_of, sequence_of, takes_script_path

TIME = 1 << 22
DISABLED = 1 << 31
TAPROOT = "5120" + 32 * "11"
SEGWIT = "0014" + 20 * "11"


def made(*sequences: int, lock_time: int = 0, version: int = 2) -> ToSign:
    inputs = tuple(
        Input(Outpoint(64 * "0", 0, SEGWIT, 0), sequence, b"", ()) for sequence in sequences
    )
    return ToSign(version, lock_time, inputs, "")


def spent(script: str, *witness: bytes) -> ToSign:
    return ToSign(0, 0, (Input(Outpoint(64 * "0", 0, script, 0), 0, b"", witness),), "")


@pytest.mark.parametrize(
    ("sequences", "expected"),
    [
        ((0,), 500),
        ((FINAL - 1,), 500),
        ((FINAL,), 0),
        ((FINAL, FINAL), 0),
        ((FINAL, 0), 500),
        ((0, FINAL), 500),
    ],
)
def test_lock_time_counts_unless_every_input_is_final(
    sequences: tuple[int, ...], expected: int
) -> None:
    assert expected == lock_time_of(made(*sequences, lock_time=500))


@pytest.mark.parametrize(
    ("sequences", "expected"),
    [
        ((0,), 0),
        ((1,), 1),
        ((0xFFFF,), 0xFFFF),
        ((0x10000,), 0),
        ((0x10001,), 1),
        ((TIME,), 0),
        ((TIME | 7,), TIME | 7),
        ((DISABLED | 7,), 0),
        ((FINAL,), 0),
        ((FINAL - 1,), 0),
        ((FINAL - 2,), 0),
        ((0, 144), 144),
        ((144, 0), 144),
        ((144, 6, 1000), 1000),
        ((TIME | 3, 0, TIME | 9), TIME | 9),
        ((TIME, 144), 144),
    ],
)
def test_the_strictest_relative_lock_is_given(sequences: tuple[int, ...], expected: int) -> None:
    assert expected == sequence_of(made(*sequences))


def test_a_stated_age_is_kept_in_version_0() -> None:
    assert sequence_of(made(144, version=0)) == 144


def test_locks_of_both_kinds_cannot_be_stated_together() -> None:
    with pytest.raises(InconclusiveProof, match="time_locked"):
        sequence_of(made(144, TIME | 3))


@pytest.mark.parametrize(
    ("script", "witness", "expected"),
    [
        (TAPROOT, (bytes(64),), False),
        (TAPROOT, (bytes(64), b"\x50note"), False),
        (TAPROOT, (b"\x50" + bytes(63),), False),
        (TAPROOT, (b"script", b"\xc0" + bytes(32)), True),
        (TAPROOT, (bytes(64), b"script", b"\xc0" + bytes(32)), True),
        (TAPROOT, (b"script", b"\xc0" + bytes(32), b"\x50note"), True),
        (SEGWIT, (bytes(71), bytes(33)), False),
    ],
)
def test_a_leaf_is_told_from_a_key(
    script: str,
    witness: tuple[bytes, ...],
    expected: bool,  # noqa: FBT001 - a table's column
) -> None:
    assert expected is takes_script_path(spent(script, *witness))
