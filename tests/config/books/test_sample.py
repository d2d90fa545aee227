from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.books import sample
from config.books.sample import (
    COLUMNS,
    OPTIONAL,
    SAMPLE_KINDS,
    SampleRow,
    parse_trace,
    read_sample,
    write_sample,
)
from config.caip import AccountId, ChainId, InstrumentId
from config.errors import InputError
from tests.config.known import BITCOIN, DONE, GENESIS, READING, refusal

HEADER = ",".join((*COLUMNS, *OPTIONAL))
ONE, TWO = "0a" * 32, "0x" + "0b" * 32


def parse(*rows: str, header: str = HEADER) -> tuple[SampleRow, ...]:
    return parse_trace("\n".join((header, *rows)).encode(), "s.csv", READING)


def test_a_row_has_one_form() -> None:
    account = AccountId(f"{BITCOIN}:{GENESIS}")
    deposit = f"deposit,btc,0.75,{ONE},{BITCOIN},{account},2026-11-30T00:12:44Z,D-1"
    withdrawal = f'withdrawal,usdt,1200,{TWO},eip155:1,,,"W ""7"", again"'
    found = parse(
        f"deposit,btc,0.750,{ONE},bitcoin,bitcoin:{GENESIS},2026-11-30T09:12:44+09:00,D-1",
        f'withdrawal,usdt,1200.00,{TWO},ethereum,,,"W ""7"", again"',
    )

    assert (
        SampleRow(
            2,
            "deposit",
            InstrumentId("btc"),
            75_000_000,
            ChainId(BITCOIN),
            ONE,
            account,
            deposit,
        ),
        SampleRow(
            3,
            "withdrawal",
            InstrumentId("usdt"),
            1_200_000_000,
            ChainId("eip155:1"),
            TWO,
            None,
            withdrawal,
        ),
    ) == found
    assert f"{HEADER}\n{deposit}\n{withdrawal}\n".encode() == write_sample(found)


def test_chain_or_account_is_enough() -> None:
    (by_chain,) = parse(f"deposit,btc,1,{ONE},bitcoin", header="kind,instrument,amount,txid,chain")
    (by_account,) = parse(
        f"deposit,btc,1,{ONE},bitcoin:{GENESIS}", header="kind,instrument,amount,txid,account"
    )

    assert by_chain.chain == by_account.chain
    assert (None, f"{BITCOIN}:{GENESIS}") == (by_chain.account, by_account.account)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"fee,btc,1,{ONE},bitcoin,,,", "'kind': 'fee' is not known"),
        (f"deposit,xyz,1,{ONE},bitcoin,,,", "'instrument': unknown instrument: 'xyz'"),
        (f"deposit,eth,1,{ONE},bitcoin,,,", "'instrument': eth has no asset on bitcoin"),
        (f"deposit,jpy,1,{TWO},ethereum,,,", "'instrument': jpy has no asset on ethereum"),
        (f"deposit,btc,0,{ONE},bitcoin,,,", "'amount': amount is zero"),
        (f"deposit,btc,-1,{ONE},bitcoin,,,", "'amount': "),
        (f"deposit,btc,0.000000001,{ONE},bitcoin,,,", "'amount': "),
        ("deposit,btc,1,,bitcoin,,,", "'txid': not a transaction of bitcoin"),
        (f"deposit,btc,1,{TWO},bitcoin,,,", "'txid': not a transaction of bitcoin"),
        (f"deposit,btc,1,{ONE.upper()},bitcoin,,,", "'txid': not a transaction of bitcoin"),
        (f"deposit,btc,1,{ONE},,,,", "'chain': neither chain nor account is given"),
        (f"deposit,btc,1,{ONE},nowhere,,,", "'chain': unknown chain"),
        (f"deposit,btc,1,{ONE},bitcoin-regtest,,,", "'chain': bitcoin-regtest is a test network"),
        (f"deposit,btc,1,{ONE},litecoin,bitcoin:{GENESIS},,", "'chain': litecoin, and the account"),
        (f"deposit,btc,1,{ONE},,anvil:{DONE},,", "'account': anvil is a test network"),
        (f"deposit,btc,1,{ONE},bitcoin,,yesterday,", "'booked_at': "),
        (f"deposit,btc,1,{ONE},bitcoin,,, x", "'reference': not plain text"),
    ],
)
def test_a_row_is_refused_at_its_column(row: str, message: str) -> None:
    assert f"s.csv: line 2, column {message}" in str(refusal(parse, row))


def test_one_payment_is_in_the_sample_once() -> None:
    row = f"withdrawal,btc,1,{ONE},bitcoin,,,"
    same = f"withdrawal,btc,1.0,{ONE},{BITCOIN},,,"

    assert "line 3, column 'txid': stated twice" in str(refusal(parse, row, same))
    assert len(parse(row, f"{row}W-2", f"{row}W-3")) == 3


def test_a_file_and_what_is_traced_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"deposit,btc,1,{ONE},bitcoin,,,D-{number}" for number in range(4)]
    monkeypatch.setattr(sample, "MAX_TRACED", 3)

    assert "more than 3 rows to trace" in str(refusal(parse, *rows))
    data = "\n".join((HEADER, *rows)).encode()
    assert 4 == len(tuple(read_sample(data, "s.csv", READING)))
    monkeypatch.setattr(sample, "MAX_ROWS", 3)
    assert "line 5: more than 3 rows" in str(
        refusal(lambda: tuple(read_sample(data, "s.csv", READING)))
    )


def test_rows_are_read_as_they_are_taken() -> None:
    rows = read_sample(
        f"{HEADER}\ndeposit,btc,1,{ONE},bitcoin,,,\nnothing of the kind\n".encode(),
        "s.csv",
        READING,
    )

    assert 2 == next(rows).line
    with pytest.raises(InputError, match="line 3"):
        next(rows)


CELLS = st.sampled_from(
    ["", f"bitcoin:{GENESIS}", "bitcoin", "ethereum", "btc", "eth", *SAMPLE_KINDS, "1", ONE, TWO]
) | st.text(max_size=12)


@given(st.lists(st.lists(CELLS, min_size=8, max_size=8), max_size=4))
def test_only_an_input_error_comes_out(rows: list[list[str]]) -> None:
    with contextlib.suppress(InputError):
        parse(*(",".join(row) for row in rows))


ROWS = st.builds(
    lambda kind, units, reference, place: (
        f"{kind},btc,{units // 10**8}.{units % 10**8:08d},{ONE},{place},{reference}"
    ),
    st.sampled_from(SAMPLE_KINDS),
    st.integers(1, 10**16),
    st.from_regex(r'"x[A-Za-z0-9 ,é]{0,9}x"', fullmatch=True),
    st.sampled_from(["bitcoin,,", f",bitcoin:{GENESIS},2026-11-30T09:12:44+09:00"]),
)


@given(st.lists(ROWS, min_size=1, max_size=5, unique=True))
def test_what_is_written_reads_as_the_same_rows(rows: list[str]) -> None:
    found = parse(*rows)
    data = write_sample(found)

    again = parse_trace(data, "s.csv", READING)
    assert [one.text for one in found] == [one.text for one in again]
    assert data == write_sample(again)
