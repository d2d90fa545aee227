"""Where a token keeps the balances of its holders.

A `Slot` says at which place of a token's storage a holder's balance lies, so that the balance can
be proved against a block's state root (EIP-1186) instead of being taken from `balanceOf`. That is
true of one code only: an upgrade may move or reinterpret the words. A row therefore names the hash
of the code it was read from, of the token and of the implementation behind it, and whoever uses it
must prove the hashes beside the balance. Where they differ the row says nothing.

Code alone does not decide every token. Some keep a switch that sends `balanceOf` elsewhere: each is
a `Guard`, a word that must be proved to hold what it held when the row was made.

Refused: a row for a token whose balance is a product of two words (`rebasing`). Its index moves, so
that a row would be wrong within a day.

Layouts, of a mapping `address => balance` at place `slot`; all words have 32 bytes:

    solidity   keccak256(holder ++ slot)      slot is a number, or a hash (ERC-7201 namespaces)
    vyper      keccak256(slot ++ holder)
    solady     keccak256(20 bytes of the holder ++ slot in 12 bytes)

`slot_row` writes a row as the file holds it.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Literal

from pydantic.dataclasses import dataclass

from config.caip import AssetId  # noqa: TC001 - the model reads the annotation at run time
from config.strict import STRICT

Layout = Literal["solidity", "vyper", "solady"]

WORD_BITS = 256
"""A storage word of the EVM."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Guard:
    """A word of the token's own storage that decides whether the balance word is the balance.

    The word at `position` must hold `value` in the bits of `mask`. Otherwise the balance is not
    where the row says.
    """

    position: str
    """Place in storage: 0x and 64 lower-case hex digits."""
    mask: str
    """The bits that decide, in the same form; not zero."""
    value: str
    """What they must hold, in the same form; no bit outside the mask."""
    meaning: str
    """What the bits are, in words for people."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Slot:
    """The place of a token's balances, true of the code whose hashes it names."""

    asset: AssetId
    """The token, an ERC-20 asset of the registry."""
    layout: Layout
    slot: int | str
    """Place of the mapping: a number, or 0x and 64 lower-case hex digits."""
    bits: int
    """How many low bits of the word are the balance; the bits above are something else."""
    code_hash: str
    """keccak256 of the code at the token's own address: 0x and 64 lower-case hex digits."""
    source: str
    checked: str
    implementation_slot: str | None = None
    """Where a proxy keeps the address of its implementation; None if the token is no proxy."""
    implementation: str | None = None
    """The implementation's address, EIP-55; the word at `implementation_slot` holds it."""
    implementation_code_hash: str | None = None
    """keccak256 of the implementation's code, in the form of `code_hash`."""
    guards: tuple[Guard, ...] = ()
    """Words that must be proved beside the balance."""


def slot_row(slot: Slot) -> str:
    """Write a row as TOML, ready for `slots.toml`; fields at their default are left out."""
    rows = ["[[slot]]", *_fields(slot)]
    for guard in slot.guards:
        rows += ["[[slot.guards]]", *_fields(guard)]
    return "\n".join(rows) + "\n"


def _fields(row: Slot | Guard) -> list[str]:
    # A JSON string of ASCII is a basic string of TOML, and a JSON integer is an integer.
    return [
        f"{field.name} = {json.dumps(value)}"
        for field in fields(row)
        if isinstance(value := getattr(row, field.name), str | int)
    ]
