"""The README of the packs names every pack and every kind that a pack of a place is made of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.policy import parse_pack, shipped_pack, shipped_packs

TEXT = (Path(__file__).parents[2] / "config/policies/README.md").read_text("utf-8")


def test_each_pack_has_a_row() -> None:
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", TEXT, re.MULTILINE)

    assert set(rows) == {*shipped_packs()}
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("name", sorted({*shipped_packs()} - {"core", "past-losses"}))
def test_each_kind_of_a_place_s_rules_is_named(name: str) -> None:
    kinds = {rule.kind for rule in parse_pack(shipped_pack(name), f"{name}.toml").rule}

    assert {kind for kind in kinds if f"`{kind}`" not in TEXT} == set()


def test_the_example_of_a_pack_is_one() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    pack = parse_pack(example.encode(), "mine.toml")

    assert [rule.id for rule in pack.rule] == ["hot_3"]
