"""A signer's table of slots, rates and escrows beside the verifier's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.cli.load import shipped_registry
from attest.differences import differences
from attest.inputs import Criteria, registry_of

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.verdict import Note

TOKEN = b'asset = "eip155:31337/erc20:0x5FbDB2315678afecb367f032d93F642f64180aa3"'
CODES = ("registry_slot", "registry_asset")


def notes(
    work: Work,
    name: str,
    edited: bytes,
    own: bytes | None = None,
    codes: tuple[str, ...] = CODES,
) -> tuple[Note, ...]:
    """Give what a verifier is told of a bundle whose registry file is another one than his."""

    def criteria(text: bytes) -> Criteria:
        registry = shipped_registry()
        changed = tuple((one, text if one == name else data) for one, data in registry)
        return Criteria(changed, work.inputs.policy.texts)

    registry = registry_of(criteria(edited))
    signed = replace(work, inputs=replace(work.inputs, registry=registry))
    found = differences(signed, criteria(shipped(name) if own is None else own))
    return tuple(note for note in found if note.code in codes)


def shipped(name: str) -> bytes:
    return dict(shipped_registry())[name]


def after(data: bytes, mark: bytes, old: bytes, new: bytes) -> bytes:
    """Replace the first `old` after a mark."""
    at = data.index(mark)
    assert old in data[at:]
    return data[:at] + data[at:].replace(old, new, 1)


def test_the_same_table_is_no_difference(work: Work) -> None:
    assert () == notes(work, "slots.toml", shipped("slots.toml"))


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [
        (b"slot = 3", b"slot = 4", "slot: signer 4, verifier 3"),
        (b"bits = 256", b"bits = 128", "bits: signer 128, verifier 256"),
        (b'layout = "solidity"', b'layout = "vyper"', "layout: signer vyper, verifier solidity"),
        (b'code_hash = "0x450b', b'code_hash = "0x460b', "code_hash: signer 0x460b"),
    ],
)
def test_a_changed_slot_is_shown(work: Work, old: bytes, new: bytes, detail: str) -> None:
    edited = after(shipped("slots.toml"), TOKEN, old, new)
    (note,) = notes(work, "slots.toml", edited)

    assert "registry_slot" == note.code
    assert detail in note.detail


def test_a_slot_the_verifier_does_not_have_is_shown(work: Work) -> None:
    whole = shipped("slots.toml")
    cut = whole[: whole.rindex(b"[[slot]]", 0, whole.index(TOKEN))]
    found = notes(work, "slots.toml", cut)

    assert {"registry_slot"} == {note.code for note in found}
    assert all(note.detail.endswith("only the verifier has this row") for note in found)


def test_guards_are_shown(work: Work) -> None:
    guard = (
        b'[[slot.guards]]\nposition = "0x%064x"\nmask = "0x%064x"\nvalue = "0x%064x"\n'
        b'meaning = "a switch"\n' % (1, 1, 0)
    )
    (note,) = notes(work, "slots.toml", shipped("slots.toml") + guard)

    assert "registry_slot" == note.code
    assert "guards: " in note.detail


@pytest.mark.parametrize(
    ("old", "new"), [(b'source = "', b'source = "x '), (b'checked = "', b'checked = "x ')]
)
def test_where_a_slot_was_read_is_no_difference(work: Work, old: bytes, new: bytes) -> None:
    assert () == notes(work, "slots.toml", after(shipped("slots.toml"), TOKEN, old, new))


def test_a_slot_of_a_chain_that_was_not_read_is_no_difference(work: Work) -> None:
    edited = after(shipped("slots.toml"), b"eip155:1/", b"slot = 9", b"slot = 8")

    assert "eip155:1" not in {plan.chain.id for plan in work.plans}
    assert () == notes(work, "slots.toml", edited)


RATE = (
    b'[asset.rate]\nfunction = "rate()"\nunit = "token"\n'
    b'of = "eip155:31337/slip44:60"\ndecimals = 18\nsource = "%s"\n\n'
)


def rated(source: bytes) -> bytes:
    """Give the assets with a rate for the test token."""
    whole = shipped("assets.toml")
    end = whole.index(b"[[asset]]", whole.index(TOKEN.replace(b"asset", b"id")))
    return whole[:end] + RATE % source + whole[end:]


def test_a_rate_of_the_signer_alone_is_shown(work: Work) -> None:
    (note,) = notes(work, "assets.toml", rated(b"somewhere"))

    assert "registry_asset" == note.code
    assert ": rate: " in note.detail


def test_where_a_rate_was_read_is_no_difference(work: Work) -> None:
    assert () == notes(work, "assets.toml", rated(b"somewhere"), rated(b"elsewhere"))


@pytest.mark.parametrize("asked", [True, False])
def test_a_changed_price_feed_is_shown_where_feeds_are_asked(work: Work, *, asked: bool) -> None:
    declared = work.inputs.declaration
    attestation = replace(declared.attestation, price_feeds=asked)
    declaration = replace(declared, attestation=attestation)
    asking = replace(work, inputs=replace(work.inputs, declaration=declaration))
    edited = after(shipped("instruments.toml"), b"[[feed]]", b"heartbeat = 3600", b"heartbeat = 9")
    found = notes(asking, "instruments.toml", edited, codes=("registry_instrument",))

    assert ["feed btc/usd: heartbeat: signer 9, verifier 3600"] * asked == [
        note.detail for note in found
    ]
