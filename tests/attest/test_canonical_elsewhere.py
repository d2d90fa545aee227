"""The bytes we sign are those that another implementation of RFC 8785 writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attest.cli.load import tool
from attest.pipeline import work_through
from attest.statement import canonical
from tests.conftest import read_example
from tests.nodes.npm import script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.nodes.npm import Script

EXACT = 2**53 - 1
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
# Names whose order by UTF-16, by code points and by number differ, and names that objects have.
KEYS = TEXT | st.sampled_from(["__proto__", "toJSON", "\u20ac", "\U0001f600", "\ufb33", "1", "10"])
VALUES = (
    st.none()
    | st.booleans()
    | TEXT
    | st.integers(-EXACT, EXACT)
    | st.floats(allow_nan=False, allow_infinity=False)
)
DOCUMENTS = st.recursive(
    VALUES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12
)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Script]:
    with script("canonicalize.mjs", "canonicalize") as running:
        yield running


@settings(max_examples=300)
@given(document=DOCUMENTS)
def test_any_document_has_one_form(elsewhere: Script, document: object) -> None:
    assert canonical(document) == elsewhere.ask(json.dumps(document).encode())


@pytest.mark.parametrize("name", ["exchange", "mainnet"])
def test_the_payload_of_an_example_has_the_same_form(elsewhere: Script, name: str) -> None:
    payload = work_through(*read_example(name), tool()).payload

    assert payload == elsewhere.ask(json.dumps(json.loads(payload)).encode())
