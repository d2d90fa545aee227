"""Rows as the file holds them."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from config.registry_files import load_registry
from config.slots import Slot, slot_row

FILE = (resources.files("config") / "data" / "slots.toml").read_text()
ROWS = {row["asset"]: row for row in tomllib.loads(FILE)["slot"]}


@pytest.mark.parametrize("slot", load_registry().slots, ids=lambda slot: str(slot.asset))
def test_a_row_is_written_as_it_was_read(slot: Slot) -> None:
    assert {"slot": [ROWS[slot.asset]]} == tomllib.loads(slot_row(slot))


@pytest.mark.parametrize("slot", load_registry().slots, ids=lambda slot: str(slot.asset))
def test_the_text_of_the_file_is_what_is_written(slot: Slot) -> None:
    assert slot_row(slot) in FILE
