from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.books.allocations import ENCUMBRANCES, Allocation, parse_allocations
from config.caip import AccountId, AssetId
from config.errors import InputError
from tests.config.known import BITCOIN, DONE, GENESIS, READING, refusal

HEADER = "account,asset,owner,encumbrance,amount,until,beneficiary"
UNTIL = 1_800_000_000


def parse(*rows: str) -> tuple[Allocation, ...]:
    return parse_allocations("\n".join((HEADER, *rows)).encode(), "a.csv", READING)


def test_rows_are_in_base_units_of_their_asset() -> None:
    expected = (
        Allocation(
            AccountId(f"{BITCOIN}:{GENESIS}"),
            AssetId(f"{BITCOIN}/slip44:0"),
            "customer",
            "free",
            150_000_000,
            None,
            "",
            2,
        ),
        Allocation(
            AccountId(f"eip155:1:{DONE}"),
            AssetId("eip155:1/slip44:60"),
            "house",
            "staked",
            32 * 10**18,
            UNTIL,
            "validators",
            3,
        ),
    )

    assert expected == parse(
        f"bitcoin:{GENESIS},btc,customer,free,1.5,,",
        f"ethereum:{DONE.lower()},eip155:1/slip44:60,house,staked,32,2027-01-15T08:00:00Z,validators",
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"bitcoin:{GENESIS},eth,customer,free,1,,", "'asset': unknown asset on bitcoin: 'eth'"),
        (f"bitcoin:{GENESIS},btc,mixed,free,1,,", "'owner': 'mixed' is not known"),
        (f"bitcoin:{GENESIS},btc,customer,spent,1,,", "'encumbrance': 'spent' is not known"),
        (f"bitcoin:{GENESIS},btc,customer,free,-1,,", "'amount': amount not understood: '-1'"),
        (f"bitcoin:{GENESIS},btc,customer,free,0.000000001,,", "'amount': too many decimals"),
        (f"bitcoin:{GENESIS},btc,customer,staked,1,soon,", "'until': time not understood: 'soon'"),
        (f"bitcoin:{GENESIS},btc,customer,free,1,,acme", "'encumbrance': free, and tied to a time"),
        (f"bitcoin:{GENESIS},btc,customer,staked,1,,acme ", "'beneficiary': not plain text"),
        (f"anvil:{DONE},eth,customer,free,1,,", "'account': anvil is a test network"),
        (f"{GENESIS},btc,customer,free,1,,", "'account': account not understood"),
    ],
)
def test_a_row_is_refused_at_its_column(row: str, message: str) -> None:
    assert f"a.csv: line 2, column {message}" in str(refusal(parse, row))


def test_one_part_is_stated_once() -> None:
    row = f"bitcoin:{GENESIS},btc,customer,staked,1,2027-01-15T08:00:00Z,"

    assert "stated twice" in str(refusal(parse, row, row))
    assert len(parse(row, row.replace("staked", "lent"), row.replace("-15T", "-16T"))) == 3


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["", f"bitcoin:{GENESIS}", "btc", "customer", "mixed", *ENCUMBRANCES, "1", "1e9"]
            )
            | st.text(max_size=12),
            min_size=5,
            max_size=7,
        ),
        max_size=4,
    )
)
def test_only_an_input_error_comes_out(rows: list[list[str]]) -> None:
    with contextlib.suppress(InputError):
        parse(*(",".join(row) for row in rows))
