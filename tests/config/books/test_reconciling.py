from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.books.reconciling import ITEM_KINDS, ReconcilingItem, parse_reconciling
from config.caip import AccountId, ChainId, InstrumentId
from config.errors import InputError
from tests.config.known import BITCOIN, DONE, GENESIS, READING, refusal

HEADER = "kind,instrument,amount,txid,account,note"
ONE, TWO = "0a" * 32, "0b" * 32


def parse(*rows: str) -> tuple[ReconcilingItem, ...]:
    return parse_reconciling("\n".join((HEADER, *rows)).encode(), "r.csv", READING)


def test_rows_name_transactions_of_the_accounts_chain() -> None:
    btc, account = InstrumentId("btc"), AccountId(f"{BITCOIN}:{GENESIS}")
    chain = ChainId(BITCOIN)
    expected = (
        ReconcilingItem(2, "withdrawal", btc, 75_000_000, chain, (ONE,), account, "at 23:58"),
        ReconcilingItem(3, "transfer", btc, 1, chain, (ONE, TWO), account, ""),
        ReconcilingItem(4, "fee", btc, 200, chain, (), account, ""),
    )

    assert expected == parse(
        f"withdrawal,btc,0.75,{ONE},bitcoin:{GENESIS},at 23:58",
        f"transfer,btc,0.00000001,{ONE} {TWO},bitcoin:{GENESIS},",
        f"fee,btc,0.000002,,bitcoin:{GENESIS},",
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"gift,btc,1,{ONE},bitcoin:{GENESIS},", "'kind': 'gift' is not known"),
        (f"deposit,xyz,1,{ONE},bitcoin:{GENESIS},", "'instrument': unknown instrument: 'xyz'"),
        (f"deposit,btc,0,{ONE},bitcoin:{GENESIS},", "'amount': amount is zero"),
        (f"deposit,btc,1,{ONE.upper()},bitcoin:{GENESIS},", "'txid': not a transaction of bitcoin"),
        (f"deposit,btc,1,0x{ONE},bitcoin:{GENESIS},", "'txid': not a transaction of bitcoin"),
        (f"deposit,eth,1,{ONE},ethereum:{DONE},", "'txid': not a transaction of ethereum"),
        (
            f"deposit,btc,1,{ONE} {TWO},bitcoin:{GENESIS},",
            "'txid': 2 transactions, a deposit has 1",
        ),
        (f"transfer,btc,1,{ONE},bitcoin:{GENESIS},", "'txid': 1 transactions, a transfer has 2"),
        (f"deposit,btc,1,{ONE},anvil:{DONE},", "'account': anvil is a test network"),
        (f"deposit,btc,1,{ONE},,", "'account': account not understood"),
    ],
)
def test_a_row_is_refused_at_its_column(row: str, message: str) -> None:
    assert f"r.csv: line 2, column {message}" in str(refusal(parse, row))


def test_one_item_is_stated_once_unless_it_names_no_transaction() -> None:
    row = f"deposit,btc,1,{ONE},bitcoin:{GENESIS},"
    unnamed = f"deposit,btc,1,,bitcoin:{GENESIS},"

    assert "stated twice" in str(refusal(parse, row, row.replace(",1,", ",2,")))
    assert len(parse(unnamed, unnamed)) == 2


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["", f"bitcoin:{GENESIS}", "btc", *ITEM_KINDS, "1", ONE, f"{ONE} {TWO}"]
            )
            | st.text(max_size=12),
            min_size=6,
            max_size=6,
        ),
        max_size=4,
    )
)
def test_only_an_input_error_comes_out(rows: list[list[str]]) -> None:
    with contextlib.suppress(InputError):
        parse(*(",".join(row) for row in rows))
