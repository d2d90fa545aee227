from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from attest.imports import yamltext
from attest.imports.yamltext import Items, Node, Table, Text, parse_yaml
from config.errors import InputError

LIMIT = 1 << 16


def parse(text: str) -> Node:
    return parse_yaml(text.encode(), "x.yaml", LIMIT)


def plain(node: Node) -> object:
    if isinstance(node, Text):
        return node.text
    if isinstance(node, Items):
        return [plain(one) for one in node.items]
    return {key: plain(one) for key, one in node.cells.items()}


def test_text_stays_text() -> None:
    node = parse("a: 1e5\nb: no\nc: 0x10\nd:\ne: '5321'\nf: 2021-01-01\ng: [1, {h: ~}]\n")

    expected = {"a": "1e5", "b": "no", "c": "0x10", "d": "", "e": "5321", "f": "2021-01-01"}
    assert {**expected, "g": ["1", {"h": "~"}]} == plain(node)


def test_every_value_knows_its_line() -> None:
    assert parse("a:\n- b: c\n  d: e\n- f\n") == Table(
        1,
        {"a": Items(2, (Table(2, {"b": Text(2, "c"), "d": Text(3, "e")}), Text(4, "f")))},
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: &x 1\n", "line 1: an anchor or alias"),
        ("a: &x [1]\nb: *x\n", "line 1: an anchor or alias"),
        ("a: *x\n", "line 1: an anchor or alias"),
        ("a: !!python/object:os.system [x]\n", "line 1: a tag"),
        ("a: !!str 1\n", "line 1: a tag"),
        ("a: 1\nb: 2\na: 3\n", "line 3: key given twice: 'a'"),
        ("? [a]\n: 1\n", "line 1: a key that is no text"),
        ("a: 1\n---\nb: 2\n", "line 2: a second document"),
        ("[[[[[[1]]]]]]", "line 1: nested deeper than 6"),
        ("[" * 60_000, "line 1: nested deeper than 6"),
        ("a: b: c\n", "line 1: not YAML"),
        ("a: [1\n", "not YAML"),
        ("\t- a", "line 1: not YAML"),
        ("a: \x1b\n", "not YAML"),
        ("# nothing\n", "no document"),
    ],
)
def test_anything_else_is_refused(text: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)

    assert what in caught.value.what


def test_size_is_limited() -> None:
    with pytest.raises(InputError, match="file too large"):
        parse("a" * (LIMIT + 1))


def test_pure_scanner_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a:\n- {b: c}\n- 'd'\n"
    expected = parse(text)
    monkeypatch.setattr(yamltext, "LOADER", yaml.SafeLoader)

    assert expected == parse(text)
    with pytest.raises(InputError):
        parse("[" * 60_000)


VALUES = st.recursive(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(VALUES)
def test_what_another_writer_wrote_is_read_as_it_was(value: object) -> None:
    # Every text is quoted, because what a plain one means is what is not interpreted here.
    text = yaml.safe_dump(value, default_style='"', allow_unicode=True)
    try:
        node = parse(text)
    except InputError as error:
        if "nested deeper" not in error.what:
            raise
        return
    assert value == plain(node)


@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"# \n,?%@\t~1"), max_size=60))
def test_any_text_gives_a_value_or_our_error(text: str) -> None:
    try:
        parse(text)
    except InputError:
        return
