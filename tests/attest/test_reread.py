"""A verifier's own nodes: what contradicts a pin in hash or time confirms nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.reread import reread
from chains.evidence import Call, Column, Exchange
from chains.evm.recorded import recorded_sources
from chains.sweep import swept
from config.caip import AssetId
from tests.conftest import silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attest.pipeline import Work
    from chains.evidence import ProtocolName, Source, Sweep
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
    (check,) = reread(work, work.inputs.registry, {pin.chain: [node]}, silent())

    assert (check.confirmed, check.read_again) == (False, False)
    assert [note.code for note in check.notes] == [code]


def test_the_same_block_is_confirmed_even_if_nothing_can_be_read(work: Work) -> None:
    pin = next(one.pin for one in work.case.snapshot.chains if one.pin.chain.startswith("eip155"))
    (check,) = reread(
        work,
        work.inputs.registry,
        {pin.chain: [Node(pin, pin.block_time, pin.block_hash)]},
        silent(),
    )

    assert (check.confirmed, check.read_again) == (True, False)
    assert {note.code for note in check.notes} == {"not_read_again"}


def proofs_alone(work: Work) -> tuple[Source, ...]:
    """Give a node that has the pinned block, and no word on what tokens anyone holds."""
    chain = next(one for one in work.observation.chains if one.chain.startswith("eip155"))
    logs = tuple(
        replace(
            log,
            entries=tuple(
                one
                for one in log.entries
                if not (isinstance(one, Column) and one.call.method == "eth_call")
            ),
        )
        for log in chain.logs
    )
    return recorded_sources(replace(chain, logs=logs))


def test_a_token_is_proved_by_the_verifier_s_rows_and_not_by_the_signer_s(work: Work) -> None:
    registry, nodes = work.inputs.registry, proofs_alone(work)
    chain = next(one.pin.chain for one in work.case.snapshot.chains if one.proving is not None)
    named = replace(
        registry, slots=tuple(replace(one, source="elsewhere") for one in registry.slots)
    )
    other = replace(registry, slots=tuple(replace(one, bits=128) for one in registry.slots))
    (same,) = reread(work, named, {chain: nodes}, silent())
    (lied,) = reread(work, other, {chain: nodes}, silent())

    for check in (same, lied):
        assert (True, False) == (check.confirmed, check.read_again)
        assert {"not_read_again"} == {note.code for note in check.notes}
    assert all(note.detail.endswith("proved by the node's own block") for note in same.notes)
    assert not any("proved" in note.detail for note in lied.notes)


def test_a_chain_is_read_as_the_verifier_s_registry_says(work: Work) -> None:
    registry = work.inputs.registry
    chain = next(one.pin.chain for one in work.case.snapshot.chains if one.proving is not None)
    other = AssetId(f"{chain}/slip44:1")
    rows = tuple(replace(one, native=other) if one.id == chain else one for one in registry.chains)
    named = replace(registry, chains=rows)
    (check,) = reread(work, named, {chain: proofs_alone(work)}, silent())

    assert (True, False) == (check.confirmed, check.read_again)
    assert "cannot ask for it" in check.notes[0].detail
