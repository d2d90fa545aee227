from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.books import others
from config.books.others import Other, parse_others
from config.caip import AccountId
from config.errors import InputError
from tests.config.books.splices import spliced
from tests.config.known import BITCOIN, DEAD_BEEF, DONE, GENESIS, READING, SEGWIT, example, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER = "account,entity,source"


def parse(*rows: str) -> tuple[Other, ...]:
    return parse_others("\n".join((HEADER, *rows)).encode(), "o.csv", READING)


def test_the_example_of_the_module_parses() -> None:
    text = example(others).replace("[,source]", ",source")
    found = parse_others(text.encode(), "o.csv", READING)

    assert [2, 3] == [one.line for one in found]
    assert {"Example Exchange"} == {one.entity for one in found}


def test_rows_come_in_the_order_of_their_accounts() -> None:
    expected = (
        Other(AccountId(f"{BITCOIN}:{GENESIS}"), "One", 3),
        Other(AccountId(f"{BITCOIN}:{SEGWIT}"), "Two", 4),
        Other(AccountId(f"eip155:1:{DONE}"), "One", 2),
        Other(AccountId(f"eip155:1:{DEAD_BEEF}"), "One, Inc.", 5),
    )
    rows = (
        f"ethereum:{DONE.lower()},One,their list",
        f"bitcoin:{GENESIS},One,",
        f"bitcoin:{SEGWIT.upper()},Two,",
        f'eip155:1:{DEAD_BEEF},"One, Inc.",',
    )

    assert expected == parse(*rows)
    assert [one.account for one in expected] == [one.account for one in parse(*reversed(rows))]
    without = parse_others(f"entity,account\nOne,bitcoin:{GENESIS}\n".encode(), "o.csv", READING)
    assert (Other(AccountId(f"{BITCOIN}:{GENESIS}"), "One", 2),) == without


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",One,", "'account': account not understood"),
        (f"bitcoin:{GENESIS},,", "'entity': empty"),
        (f"bitcoin:{GENESIS}, One,", "'entity': not plain text"),
        (f"bitcoin:{GENESIS},One\x07,", "'entity': not plain text"),
        (f"bitcoin:{GENESIS},One,\x07", "'source': not plain text"),
        (f"anvil:{DONE},One,", "'account': anvil is a test network"),
        (f"dogecoin:{GENESIS},One,", "'account': "),
        (f"bitcoin:{GENESIS[:-1]}b,One,", "'account': "),
        (f"bitcoin:pkh({GENESIS})?last=3,One,", "'account': "),
    ],
)
def test_a_row_is_refused_at_its_column(row: str, message: str) -> None:
    assert f"o.csv: line 2, column {message}" in str(refusal(parse, row))


@pytest.mark.parametrize("entity", ["One", "Two"])
@pytest.mark.parametrize("text", [DONE, DONE.lower()])
def test_an_account_stands_under_one_entity_once(entity: str, text: str) -> None:
    fault = str(refusal(parse, f"ethereum:{DONE},One,", f"eip155:1:{text},{entity},"))

    assert f"o.csv: line 3, column 'account': stated twice: eip155:1:{DONE}" in fault
    assert "first on line 2" in fault
    # The same address of another chain is another account.
    assert 2 == len(parse(f"ethereum:{DONE},One,", f"base:{DONE},{entity},"))


def test_empty_and_endless_lists_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no rows after the header" in str(refusal(parse))
    monkeypatch.setattr(others, "MAX_ROWS", 1)
    rows = (f"bitcoin:{GENESIS},One,", f"bitcoin:{SEGWIT},One,")
    assert "line 3, column 'account': more than 1 rows" in str(refusal(parse, *rows))
    monkeypatch.setattr(others, "MAX_BYTES", 10)
    assert "the limit is 10" in str(refusal(parse, *rows))


CELLS = st.sampled_from(["", f"bitcoin:{GENESIS}", f"ethereum:{DONE}", "One", '"', "a,b"])


@given(st.lists(st.lists(CELLS | st.text(max_size=12), min_size=3, max_size=3), max_size=5))
def test_only_an_input_error_comes_out(rows: Sequence[Sequence[str]]) -> None:
    with contextlib.suppress(InputError):
        found = parse(*(",".join(row) for row in rows))
        assert [one.account for one in found] == sorted({one.account for one in found})


@given(spliced(f"x = y\n{HEADER}\nbitcoin:{GENESIS},One,list\nethereum:{DONE},Two,\n"))
def test_only_an_input_error_comes_out_of_any_bytes(data: bytes) -> None:
    with contextlib.suppress(InputError):
        parse_others(data.partition(b"\n")[2], "o.csv", READING)
