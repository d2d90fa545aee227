from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.control import InvalidProof
from proofs.utxo import checkmultisig
from proofs.utxo.checkmultisig import Multisig
from tests.proofs.utxo import vectors
from tests.proofs.utxo.signer import KEYS, multisig, point

POINTS = tuple(point(key) for key in KEYS)
LONG = tuple(point(key, compressed=False) for key in KEYS)
SCRIPT = multisig(2, POINTS[:3])
HYBRID = bytes((0x06 | LONG[0][-1] & 1,)) + LONG[0][1:]


def refused(script: bytes) -> bool:
    try:
        checkmultisig.parse(script)
    except InvalidProof as verdict:
        return verdict.reason == "malformed_script"
    return False


def test_threshold_and_keys_are_the_scripts() -> None:
    assert Multisig(2, POINTS[:3]) == checkmultisig.parse(SCRIPT)


@pytest.mark.parametrize("count", range(1, 17))
def test_every_count_is_read(count: int) -> None:
    for threshold in (1, count):
        expected = Multisig(threshold, POINTS[:count])
        assert expected == checkmultisig.parse(multisig(threshold, POINTS[:count]))


def test_uncompressed_keys_are_read() -> None:
    keys = (LONG[0], POINTS[1])
    assert Multisig(1, keys) == checkmultisig.parse(multisig(1, keys))


@pytest.mark.parametrize(
    "entry", [one for one in vectors.load("okx-published")["utxo"] if one["script"]]
)
def test_published_scripts_are_plain(entry: dict[str, str]) -> None:
    parsed = checkmultisig.parse(bytes.fromhex(entry["script"]))
    assert (parsed.threshold, len(parsed.keys)) == (2, 3)


@pytest.mark.parametrize(
    "script",
    [
        b"",
        b"\xae",
        b"\x51\xae",
        b"\x51\x51\xae",
        b"\x00\x51\xae",
        SCRIPT + b"\x75",
        SCRIPT + b"\xae",
        SCRIPT[:-1] + b"\xaf",
        b"\x75" + SCRIPT,
        b"\x51\x63" + SCRIPT + b"\x68",
        SCRIPT[:1] + b"\x61" + SCRIPT[1:],
        multisig(3, POINTS[:2]),
        multisig(0, POINTS[:2]),
        b"\x01\x02" + SCRIPT[1:],
        b"\x4f" + SCRIPT[1:],
        SCRIPT[:-2] + b"\x52\xae",
        SCRIPT[:-2] + b"\x54\xae",
        SCRIPT[:-2] + b"\x01\x03\xae",
        multisig(1, POINTS[:17]),
        multisig(2, (POINTS[0], POINTS[0], POINTS[1])),
        multisig(2, (POINTS[0], LONG[0], POINTS[1])),
        multisig(1, (HYBRID,)),
        multisig(1, (b"\x04" + bytes(64),)),
        multisig(1, (b"\x02" + b"\xff" * 32,)),
        multisig(1, (b"\x05" + POINTS[0][1:],)),
        multisig(1, (POINTS[0][1:],)),
        b"\x51\x4c\x21" + POINTS[0] + b"\x51\xae",
    ],
)
def test_anything_but_the_plain_form_is_refused(script: bytes) -> None:
    assert refused(script)


def test_every_prefix_and_every_added_byte_is_refused() -> None:
    assert all(refused(SCRIPT[:size]) for size in range(len(SCRIPT)))
    assert all(refused(SCRIPT + bytes((byte,))) for byte in range(256))


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(script: bytes) -> None:
    assert refused(script)


@given(st.integers(0, len(SCRIPT) - 1), st.integers(1, 255))
def test_a_changed_byte_never_keeps_the_meaning(position: int, change: int) -> None:
    changed = bytearray(SCRIPT)
    changed[position] ^= change
    try:
        parsed = checkmultisig.parse(bytes(changed))
    except InvalidProof as verdict:
        assert verdict.reason == "malformed_script"  # noqa: PT017 - both ends are right
    else:
        assert parsed != Multisig(2, POINTS[:3])
