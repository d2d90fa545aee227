from __future__ import annotations

import contextlib
import time
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.errors import InputError
from config.toml import MAX_DEPTH, MAX_DOTS, MAX_INTEGER, parse_toml

# Pieces of TOML, so that random documents get past the first character.
PIECES = (
    "a",
    "b.c",
    "=",
    "1",
    "-1.5",
    "nan",
    '"x"',
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    "#",
    "\n",
)


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        parse_toml(text, "x.toml")
    return caught.value


def test_reads_tables_arrays_and_plain_values() -> None:
    text = 'a = "1.5"\nb = [1, true]\n[[row]]\nid = "x"\n[[row]]\nid = "y"\n[t.u]\nn = -3\n'
    expected = {
        "a": "1.5",
        "b": [1, True],
        "row": [{"id": "x"}, {"id": "y"}],
        "t": {"u": {"n": -3}},
    }
    assert expected == parse_toml(text, "x.toml")


def test_reads_dates_and_times() -> None:
    expected = {"at": datetime(2026, 11, 30, 15, 0, tzinfo=UTC), "on": date(2026, 11, 30)}
    assert expected == parse_toml("at = 2026-11-30T15:00:00Z\non = 2026-11-30", "x.toml")


def test_an_empty_document_is_an_empty_table() -> None:
    assert not parse_toml("", "x.toml")


@pytest.mark.parametrize(
    "written", ["0.1", "1.0", "1e18", "1E-3", "nan", "+nan", "inf", "-inf", "1_000.5"]
)
def test_a_float_is_refused_in_every_form(written: str) -> None:
    error = refusal(f"price = {written}")
    expected = f"x.toml: price: float not allowed: {written}"
    hint = f'write it as text in quotes: "{written}"'
    assert (expected, hint) == (str(error), error.hint)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[policy]\nlimit = 0.5", "policy.limit"),
        ("[[rows]]\na = 1\n[[rows]]\na = 1.5", "rows.1.a"),
        ("a = [1, [2, 3.0]]", "a.1.1"),
        ("a = {b = {c = 1e3}}", "a.b.c"),
        ("a.b.c = inf", "a.b.c"),
    ],
)
def test_a_float_is_found_at_any_depth(text: str, path: str) -> None:
    assert str(refusal(text)).startswith(f"x.toml: {path}: float not allowed")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = 1\na = 2\n", "line 2, column 6"),
        ("a = 1\na = 2", "line 2, column 6"),
        ("[t]\na = 1\n[t]\n", "line 3, column 3"),
        ("a = 1\n[a]\n", "line 2, column 3"),
        ("a = {b = 1, b = 2}\n", "line 1, column 18"),
        ('a = "x', "line 1, column 7"),
        ("a\n", "line 1, column 2"),
        ("\ufeffa = 1\n", "line 1, column 1"),
    ],
)
def test_what_is_not_toml_is_refused_with_its_place(text: str, place: str) -> None:
    assert str(refusal(text)).startswith(f"x.toml: {place}: not toml: ")


def test_an_integer_keeps_to_64_bits() -> None:
    edges = {"a": MAX_INTEGER, "b": -MAX_INTEGER - 1}
    text = "\n".join(f"{key} = {value}" for key, value in edges.items())
    assert edges == parse_toml(text, "x.toml")
    expected = "x.toml: a: integer too large: 64 bits, at most 63 and a sign allowed"
    assert expected == str(refusal(f"a = {MAX_INTEGER + 1}"))
    assert expected == str(refusal(f"a = {-MAX_INTEGER - 2}"))


@pytest.mark.parametrize("text", ["a = " + "1" * 5000, "a = " + "[" * 5000, "a = " + "{b=" * 5000])
def test_what_python_itself_gives_up_on_is_refused(text: str) -> None:
    # A library that raises the recursion limit changes how far the parser comes, not the outcome.
    assert ": not toml: " in str(refusal(text))


def test_depth_is_limited() -> None:
    inside = ".".join(["a"] * MAX_DEPTH)
    parse_toml(f"{inside} = 1", "x.toml")
    expected = f"x.toml: a.a.a.a: nested deeper than {MAX_DEPTH}"
    assert expected == str(refusal(f"{inside}.a = 1"))
    assert expected == str(refusal("a." * MAX_DOTS + "a = 1"))


@given(st.text())
@example("a = 1 # \x00")
@example("a = 0x" + "f" * 5000)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert isinstance(parse_toml(text, "x.toml"), dict)


def leaves(value: Any) -> list[Any]:  # noqa: ANN401 - whatever TOML holds
    """List all values that hold no others; a table may well be named nan."""
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list, tuple)):
        return [value]
    return [leaf for one in inner for leaf in leaves(one)]


@example("[[ nan ]]")
@given(st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join))
def test_no_float_comes_through(text: str) -> None:
    try:
        document = parse_toml(text, "x.toml")
    except InputError:
        return
    assert not {"nan", "1.5", "-1.5"} & set(map(str, leaves(document)))


@given(st.floats())
def test_no_float_comes_through_by_value(value: float) -> None:
    written = repr(value) if "e" not in repr(value) else f"{value:e}"
    assert "float not allowed" in str(refusal(f"a = {written}"))


@pytest.mark.parametrize("form", ["{}=1\n", "[{}]\n", "[[{}]]\n", "x={{{}=1}}\n"])
def test_a_key_of_half_a_megabyte_is_refused_before_it_is_parsed(form: str) -> None:
    text = "[t]\n" + form.format(".".join("a" * 500_000))
    started = time.process_time()
    with pytest.raises(InputError, match=r"^f: line 2: 499999 dots on one line, at most 200"):
        parse_toml(text, "f")
    assert 2 > time.process_time() - started


def test_as_many_dots_as_are_allowed_are_read() -> None:
    assert {"a": "." * MAX_DOTS} == parse_toml(f'a="{"." * MAX_DOTS}"', "f")
