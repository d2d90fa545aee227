"""Rows of forwarders.toml: what is refused, and what is shipped."""

from __future__ import annotations

import hashlib

import pytest

from config.errors import InputError
from config.forwarders import MAX_OFFSET, check_forwarders
from config.registry_files import DATA_FILES, load_registry, parse_registry
from tests.config.test_registry_checks import TEXTS

ROW = f"""\
[[forwarder]]
name = "example-1"
form = "exact"
code_sha256 = "{"ab" * 32}"
parent_function = "parentAddress()"
source = "one"
checked = "two"
"""
OFFSETS = ROW.replace('parent_function = "parentAddress()"', "parent_offsets = [1, 30]")


def parse(text: str) -> None:
    parse_registry({**TEXTS, "forwarders.toml": text})


@pytest.mark.parametrize("text", [ROW, OFFSETS, ROW.replace("exact", "eip1167"), "forwarder = []"])
def test_good_rows_are_read(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ROW + ROW, "given twice: example-1"),
        (ROW + ROW.replace("example-1", "example-2"), "given twice: exact abab"),
        (ROW.replace("example-1", "Example"), "name is not lower case"),
        (ROW.replace("ab" * 32, "AB" * 32), "code_sha256"),
        (ROW.replace("ab" * 32, "ab" * 31), "code_sha256"),
        (ROW.replace("exact", "proxy"), "form"),
        (ROW.replace("parentAddress()", ""), "one of them"),
        (ROW.replace("parentAddress()", "parent(uint256)"), "form name"),
        (ROW.replace("parentAddress()", "parent() "), "form name"),
        (OFFSETS + 'parent_function = "parentAddress()"\n', "one of them"),
        (OFFSETS.replace("exact", "eip1167"), "parent_offsets with form eip1167"),
        (OFFSETS.replace("[1, 30]", "[1, 20]"), "not apart"),
        (OFFSETS.replace("[1, 30]", "[30, 1]"), "not apart"),
        (OFFSETS.replace("[1, 30]", "[-1]"), "not apart"),
        (OFFSETS.replace("[1, 30]", f"[{MAX_OFFSET + 1}]"), "not apart"),
        (ROW.replace('"two"', '"one"'), "one place"),
        (ROW.replace('"two"', '""'), "checked is empty"),
        (ROW + "address = 1\n", "address"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        parse(text)


def test_the_shipped_rows_are_these() -> None:
    # A new code is added on purpose: it says of all its contracts whose the coins are.
    found = {row.name: (row.form, row.parent_function) for row in load_registry().forwarders}

    assert found == {
        "bitgo-forwarder-0-unoptimised": ("exact", "parentAddress()"),
        "bitgo-forwarder-1-unoptimised": ("eip1167", "parentAddress()"),
        "example-collector": ("exact", "parentAddress()"),
    }
    check_forwarders(load_registry().forwarders)
    assert hashlib.sha256(b"").hexdigest() not in {
        row.code_sha256 for row in load_registry().forwarders
    }
    assert "forwarders.toml" in DATA_FILES
