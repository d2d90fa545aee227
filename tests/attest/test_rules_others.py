"""Rules about other entities: accounts that two publish, and coins that pass between them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.lines import lines
from attest.report.tables import FLOW_COLUMNS, WINDOW_COLUMNS, flows_table, window_table
from attest.rules.case import NAMED, Case
from attest.rules.others import claimed_elsewhere, sent_on
from attest.rules.parameters import Parameters
from chains.snapshot import Balance, CounterpartyFlow, WindowReading
from config.books.books import Books
from config.books.others import Other
from config.caip import AccountId
from config.errors import InputError
from tests.attest.held import NATIVE, parameters, position, statuses

if TYPE_CHECKING:
    from collections.abc import Callable

NONE = Parameters("", {})
ACCOUNT = AccountId("eip155:31337:0x1")
THEIRS = AccountId("eip155:31337:0x9")
LISTED = Books(others=(Other(THEIRS, "Beta", 7),))
RULE = parameters("sent_on")


def listed(count: int, entity: str = "Beta") -> tuple[Other, ...]:
    return tuple(Other(AccountId(f"eip155:31337:0x{at}"), entity, at + 2) for at in range(count))


def declaring(case: Callable[..., Case], count: int, books: Books) -> Case:
    """A case that declares so many accounts, the later half of them derived."""
    made = case(books=books)
    row = made.inputs.accounts.rows[0]
    rows = tuple(
        replace(row, id=one.account, derived_from="" if 2 * one.line <= count else "x")
        for one in listed(count)
    )
    accounts = replace(made.inputs.accounts, rows=rows)
    return replace(made, inputs=replace(made.inputs, accounts=accounts))


def test_accounts_of_two_entities_are_counted_and_named(case: Callable[..., Case]) -> None:
    rows = (*listed(25)[:22], *(replace(one, entity="Alpha <b>") for one in listed(25)[22:]))
    (result,) = claimed_elsewhere(declaring(case, 30, Books(others=rows)), NONE)

    assert ("breach", "") == (result.status, result.subject)
    assert "declared accounts that other entities publish: 25 (Beta 22; Alpha <b> 3)" == result.text
    assert ("25", "25") == (result.facts["claimed"], result.facts["listed"])
    assert [one.account for one in rows[:NAMED]] == result.facts["first"].split(" ")


def test_what_others_publish_alone_is_no_breach(case: Callable[..., Case]) -> None:
    (result,) = claimed_elsewhere(declaring(case, 3, LISTED), NONE)

    assert ("pass", "0") == (result.status, result.facts["claimed"])
    # The same address on another chain is another account.
    elsewhere = replace(LISTED, others=(Other(AccountId("eip155:1:0x1"), "Beta", 2),))
    assert ["pass"] == statuses(claimed_elsewhere(declaring(case, 3, elsewhere), NONE))


def test_without_a_list_there_is_nothing_to_compare(case: Callable[..., Case]) -> None:
    assert ["not_applicable"] == statuses(claimed_elsewhere(declaring(case, 3, Books()), NONE))


def windowed(
    case: Callable[..., Case],
    *readings: WindowReading,
    books: Books = LISTED,
    flows: tuple[CounterpartyFlow, ...] = (),
    held: int = 1000,
) -> Case:
    made = case(books=books)
    chain = next(one for one in made.snapshot.chains if one.pin.chain == "eip155:31337")
    balance = Balance(ACCOUNT, NATIVE, held, 0, "single", ())
    read = replace(chain, window=readings, balances=(balance,), flows=flows)
    found = (position(held, account=ACCOUNT),)
    row = made.inputs.accounts.rows[0]
    rows = tuple(replace(row, id=one) for one in dict.fromkeys(one.account for one in readings))
    declared = replace(made.inputs, accounts=replace(made.inputs.accounts, rows=rows))
    return replace(
        made,
        inputs=declared,
        snapshot=replace(made.snapshot, chains=(read,)),
        positions=found,
        lines=lines(found),
    )


def moved(sent: int | None, received: int | None) -> WindowReading:
    return WindowReading(ACCOUNT, NATIVE, to_others=sent, from_others=received)


def flow(sent: int, received: int, account: AccountId = ACCOUNT) -> CounterpartyFlow:
    return CounterpartyFlow(account, NATIVE, THEIRS, sent, received)


@pytest.mark.parametrize(
    ("sent", "received", "known", "status"),
    [
        (0, 0, (0, 0), "pass"),
        (10, 0, (10, 0), "pass"),
        (0, 10, (0, 10), "pass"),
        (11, 0, (11, 0), "breach"),
        (0, 11, (0, 11), "breach"),
        (5, 5, (5, 5), "pass"),
        (5, 6, (5, 6), "breach"),
        # What is not known is not nothing; what is seen is enough.
        (0, 0, (None, None), "unknown"),
        (0, 0, (0, None), "unknown"),
        (0, 0, (None, 0), "unknown"),
        (10, 0, (10, None), "unknown"),
        (11, 0, (None, None), "breach"),
    ],
)
def test_a_hundredth_of_what_is_held_may_pass(
    case: Callable[..., Case],
    sent: int,
    received: int,
    known: tuple[int | None, int | None],
    status: str,
) -> None:
    flows = (flow(sent, received),) if sent or received else ()
    (result,) = sent_on(windowed(case, moved(*known), flows=flows), RULE)

    assert (status, "eth") == (result.status, result.subject)
    assert "0.010000000000" == result.facts["limit"]
    assert str(int(None in known)) == result.facts["unread"]


def test_of_nothing_held_nothing_may_pass(case: Callable[..., Case]) -> None:
    nothing = windowed(case, moved(0, 0), held=0)
    through = windowed(case, moved(1, 1), flows=(flow(1, 1),), held=0)

    assert ["pass"] == statuses(sent_on(nothing, RULE))
    assert ["breach"] == statuses(sent_on(through, RULE))


def test_one_account_that_is_not_known_leaves_the_instrument_open(
    case: Callable[..., Case],
) -> None:
    other = replace(moved(0, 0), account=AccountId("eip155:31337:0x2"))
    (result,) = sent_on(windowed(case, moved(0, 0), other), RULE)

    # Its balance failed: what is held is not known, and a share of it neither.
    assert ("unknown", "1") == (result.status, result.facts["unread"])


def test_without_a_list_or_a_window_it_is_not_known(case: Callable[..., Case]) -> None:
    assert ["unknown"] == statuses(sent_on(windowed(case, moved(0, 0), books=Books()), RULE))
    (result,) = sent_on(windowed(case), RULE)
    assert ("unknown", True) == (result.status, "does not ask for movements" in result.text)
    with pytest.raises(InputError, match=r"sent_on\.limit"):
        sent_on(windowed(case), parameters("sent_on", limit="some"))


def rows_of(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode())))


@pytest.mark.parametrize(
    ("known", "word"),
    [((3, 4), "both"), ((3, None), "sent"), ((None, 4), "received"), ((None, None), "neither")],
)
def test_flows_are_listed_with_the_row_of_the_entity(
    case: Callable[..., Case], known: tuple[int | None, int | None], word: str
) -> None:
    hostile = Books(others=(Other(THEIRS, "=cmd|'/c calc'!A0", 7),))
    made = windowed(case, moved(*known), books=hostile, flows=(flow(3, 4),))
    cells = (ACCOUNT, NATIVE, THEIRS, "7", "3", "4", word)

    assert [dict(zip(FLOW_COLUMNS, cells, strict=True))] == rows_of(flows_table(made))
    assert b"cmd" not in flows_table(made)


def test_sums_stand_in_the_table_of_the_window(case: Callable[..., Case]) -> None:
    (row,) = rows_of(window_table(windowed(case, moved(3, None))))

    assert list(WINDOW_COLUMNS) == list(row)
    assert ("3", "") == (row["to_others"], row["from_others"])
