"""A verifier's own nodes: what contradicts a pin in hash or time confirms nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attest.reread import reread
from chains.evidence import Call, Exchange
from chains.sweep import swept
from tests.conftest import silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attest.pipeline import Work
    from chains.evidence import Column, ProtocolName, Sweep
    from chains.snapshot import Pin


class Node:
    """A node that has one block and answers nothing else."""

    name = operator = "own"
    protocol: ProtocolName = "json-rpc"

    def __init__(self, pin: Pin, time: int | None, digest: str) -> None:
        self._pin = pin
        self._time = time
        self._hash = digest

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        return tuple(self._answer(call) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        return swept(self, sweep)

    def _answer(self, call: Call) -> Exchange:
        number = hex(self._pin.height)
        if call.method == "eth_getBlockByNumber" and call.params[0] == number:
            block = {"number": number, "hash": self._hash}
            time = {} if self._time is None else {"timestamp": hex(self._time)}
            return Exchange(call, result={**block, **time})
        return Exchange(call, error="rpc_error")


@pytest.mark.parametrize(
    ("seconds", "other_hash", "code"),
    [
        (864_000, False, "anchor_mismatch"),
        (-1, False, "anchor_mismatch"),
        (0, True, "anchor_mismatch"),
        (None, False, "anchor_unknown"),
    ],
)
def test_a_block_of_another_time_or_hash_is_not_the_pin(
    work: Work, seconds: int | None, *, other_hash: bool, code: str
) -> None:
    pin = next(one.pin for one in work.case.snapshot.chains if one.pin.chain.startswith("eip155"))
    digest = f"0x{'ab' * 32}" if other_hash else pin.block_hash
    node = Node(pin, None if seconds is None else pin.block_time + seconds, digest)
    (check,) = reread(work, {pin.chain: [node]}, silent())

    assert (check.confirmed, check.read_again) == (False, False)
    assert [note.code for note in check.notes] == [code]


def test_the_same_block_is_confirmed_even_if_nothing_can_be_read(work: Work) -> None:
    pin = next(one.pin for one in work.case.snapshot.chains if one.pin.chain.startswith("eip155"))
    (check,) = reread(work, {pin.chain: [Node(pin, pin.block_time, pin.block_hash)]}, silent())

    assert (check.confirmed, check.read_again) == (True, False)
    assert {note.code for note in check.notes} == {"not_read_again"}
