from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest import bundle
from attest.apart import take_apart
from attest.disclosing import PROFILES
from attest.errors import InvalidOpening
from attest.opening import check_opening, open_account
from attest.report.tables import ACCOUNT_COLUMNS
from attest.sealing import ROWS, records
from attest.statement import canonical
from config.errors import AttestError, InputError
from tests.attest.sealed import OTHER, SALTS, SECRET, bundle_of, sealed_work
from tests.conftest import in_memory

if TYPE_CHECKING:
    from attest.apart import Parts
    from attest.inputs import Criteria
    from attest.keys import SigningKey
    from attest.pipeline import Work

ACCOUNT = "eip155:31337:0x4b21Feac2185d3062c4757e6D03c363206041718"


@pytest.fixture(scope="module")
def sealed(example: tuple[dict[str, bytes], Criteria], signer: SigningKey) -> dict[str, bytes]:
    return bundle_of(sealed_work(example), signer)


@pytest.fixture(scope="module")
def public(sealed: dict[str, bytes]) -> Parts:
    """The public copy, taken apart: all that the one who checks has."""
    return take_apart(bundle.disclosed(sealed, "public"))


@pytest.fixture(scope="module")
def opening(sealed: dict[str, bytes]) -> bytes:
    return open_account(sealed, take_apart(sealed), ACCOUNT)


def changed(opening: bytes, **change: object) -> bytes:
    return canonical({**json.loads(opening), **change})


def row_changed(opening: bytes, **change: object) -> bytes:
    first, *more = json.loads(opening)["rows"]
    return changed(opening, rows=[{**first, **change}, *more])


def test_an_opening_shows_every_row_of_the_account_to_who_has_a_public_copy(
    sealed: dict[str, bytes], public: Parts, opening: bytes
) -> None:
    rows = [row for row in records(sealed[ROWS]) if row["account"] == ACCOUNT]
    shown = check_opening(opening, public)

    assert len(rows) > 1
    assert sorted(map(str, rows)) == sorted(map(str, shown))
    assert list(ACCOUNT_COLUMNS) == list(shown[0])
    assert check_opening(opening, take_apart(sealed)) == shown


def test_every_account_opens_and_no_two_share_a_hash_that_names_a_row(
    sealed: dict[str, bytes], public: Parts
) -> None:
    parts = take_apart(sealed)
    accounts = {row["account"] for row in records(sealed[ROWS])}
    opened: dict[str, list[dict[str, Any]]] = {
        one: json.loads(open_account(sealed, parts, one))["rows"] for one in accounts
    }
    indexes = [row["index"] for rows in opened.values() for row in rows]

    assert sorted(map(int, indexes)) == list(range(int(public.predicate.disclosure.rows)))  # type: ignore[union-attr]  # it is sealed
    salts = [row["salt"] for rows in opened.values() for row in rows]
    assert len(set(salts)) == len(salts)
    assert SECRET not in json.dumps(opened)


def test_an_opening_holds_nothing_of_other_rows(sealed: dict[str, bytes], opening: bytes) -> None:
    """Of other rows it has hashes alone: no text of theirs, and no salt."""
    said = opening.decode()
    for row in records(sealed[ROWS]):
        if row["account"] != ACCOUNT:
            assert row["account"].rpartition(":")[2] not in said


def test_every_changed_byte_of_an_opening_is_found(public: Parts, opening: bytes) -> None:
    check_opening(opening, public)
    for place in range(len(opening)):
        forged = bytearray(opening)
        forged[place] ^= 1
        with pytest.raises((InputError, InvalidOpening)):
            check_opening(bytes(forged), public)


def test_every_cut_or_grown_opening_is_found(public: Parts, opening: bytes) -> None:
    for end in range(len(opening)):
        with pytest.raises(InputError):
            check_opening(opening[:end], public)
    for more in (b" ", b"\n", b"{}", b"\x00"):
        with pytest.raises(InputError):
            check_opening(opening + more, public)
        with pytest.raises(InputError):
            check_opening(more + opening, public)


def test_an_opening_of_another_statement_is_refused(
    example: tuple[dict[str, bytes], Criteria], signer: SigningKey, opening: bytes
) -> None:
    other = take_apart(bundle_of(sealed_work(example, OTHER), signer))
    with pytest.raises(InvalidOpening) as refused:
        check_opening(opening, other)
    assert "other_statement" == refused.value.reason
    # The same rows with the other statement's name are not in its tree.
    with pytest.raises(InvalidOpening) as refused:
        check_opening(changed(opening, payloadSha256=other.digest), other)
    assert "not_in_tree" == refused.value.reason


@pytest.mark.parametrize("column", ACCOUNT_COLUMNS)
def test_a_changed_cell_is_not_in_the_tree(public: Parts, opening: bytes, column: str) -> None:
    record = json.loads(opening)["rows"][0]["record"]
    forged = row_changed(opening, record={**record, column: f"{record[column]}0"})
    with pytest.raises(InvalidOpening) as refused:
        check_opening(forged, public)
    assert "not_in_tree" == refused.value.reason


def test_a_row_under_another_index_salt_or_path_is_not_in_the_tree(
    public: Parts, opening: bytes
) -> None:
    row = json.loads(opening)["rows"][0]
    changes: list[dict[str, Any]] = [
        {"index": str(int(row["index"]) ^ 1)},
        {"index": "9" * 19},
        {"salt": "00" * 32},
        {"path": row["path"][1:]},
        {"path": [*row["path"], "00" * 32]},
        {"path": row["path"][::-1]},
        {"path": ["00" * 32] * 100},
        {"path": []},
    ]
    for change in changes:
        alone = canonical({**json.loads(opening), "rows": [{**row, **change}]})
        with pytest.raises(InvalidOpening) as refused:
            check_opening(alone, public)
        assert "not_in_tree" == refused.value.reason


def test_rows_are_in_order_each_once(public: Parts, opening: bytes) -> None:
    """A row shown twice would be added up twice by whoever adds."""
    rows = json.loads(opening)["rows"]
    for forged in ([rows[0], rows[0]], rows[::-1], [*rows, rows[-1]]):
        with pytest.raises(InputError, match="each once"):
            check_opening(changed(opening, rows=forged), public)
    assert 1 == len(check_opening(changed(opening, rows=rows[:1]), public))


def test_another_form_of_opening_is_refused(public: Parts, opening: bytes) -> None:
    row = json.loads(opening)["rows"][0]
    record = row["record"]
    changes: list[dict[str, Any]] = [
        {"index": 1},
        {"index": "01"},
        {"index": "-1"},
        {"index": "1" * 20},
        {"index": ""},
        {"salt": "00" * 31},
        {"salt": "AB" * 32},
        {"path": "00" * 32},
        {"path": [1]},
        {"record": []},
        {"record": {}},
        {"record": {**record, "more": ""}},
        {"record": {one: cell for one, cell in record.items() if one != "units"}},
        {"record": {**record, "units": 1}},
        {"record": {**record, "units": "1\t2"}},
        {"record": {**record, "units": "\u0661"}},
        {"more": ""},
    ]
    forms: list[dict[str, Any]] = [
        {"version": "2"},
        {"version": 1},
        {"payloadSha256": 1},
        {"rows": []},
        {"rows": {}},
        {"rows": [[]]},
        {"more": ""},
        *({"rows": [{**row, **change}]} for change in changes),
    ]
    for form in forms:
        with pytest.raises(InputError, match="wrong form"):
            check_opening(changed(opening, **form), public)


def test_an_opening_that_is_too_large_is_refused(
    public: Parts, opening: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attest.opening.MAX_OPENING", len(opening) - 1)
    with pytest.raises(InputError, match="too large"):
        check_opening(opening, public)


@given(data=st.data())
def test_an_opening_of_anything_is_checked_or_refused(
    public: Parts, opening: bytes, data: st.DataObject
) -> None:
    leaf = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    document = json.loads(opening)
    parts = ["version", "payloadSha256", "rows"]
    value = st.recursive(
        leaf,
        lambda one: (
            st.lists(one, max_size=3)
            | st.dictionaries(st.sampled_from(["index", "path", "record", "salt"]), one)
        ),
        max_leaves=6,
    )
    forged = {**document, data.draw(st.sampled_from(parts)): data.draw(value)}
    with pytest.raises(AttestError):
        check_opening(json.dumps(forged, separators=(",", ":"), sort_keys=True).encode(), public)
    with contextlib.suppress(AttestError):
        check_opening(data.draw(st.binary(max_size=64)), public)


def test_only_who_has_the_rows_opens_them(sealed: dict[str, bytes], opening: bytes) -> None:
    copies = {one: in_memory(bundle.disclosed(sealed, one)) for one in PROFILES}
    with pytest.raises(InputError, match="a public copy has no rows"):
        open_account(copies["public"], take_apart(copies["public"]), ACCOUNT)
    regulator = copies["regulator"]
    assert opening == open_account(regulator, take_apart(regulator), ACCOUNT)


def test_what_cannot_be_opened_is_said(
    sealed: dict[str, bytes], signed: dict[str, bytes], work: Work, opening: bytes
) -> None:
    parts = take_apart(sealed)
    for account in (ACCOUNT.lower(), f"{ACCOUNT} ", "", "anvil:0x4b21"):
        with pytest.raises(InputError, match="no row is of account"):
            open_account(sealed, parts, account)
    plain = take_apart(signed)
    for refused in (
        lambda: open_account(signed, plain, str(work.inputs.accounts.rows[0].id)),
        lambda: check_opening(opening, plain),
    ):
        with pytest.raises(InputError, match="seals nothing"):
            refused()


def test_a_bundle_whose_declaration_names_no_salts_opens_nothing(
    sealed: dict[str, bytes],
) -> None:
    without = {
        name: data.replace(b'salts = "salts.hex"\n', b"") if "declaration" in name else data
        for name, data in sealed.items()
    }
    with pytest.raises(InputError, match="names no salts"):
        open_account(without, take_apart(sealed), ACCOUNT)


def test_another_secret_opens_nothing_that_holds(sealed: dict[str, bytes], public: Parts) -> None:
    """Whoever changes the secret makes entries that are not in the signed tree."""
    forged = open_account({**sealed, SALTS: OTHER.encode()}, take_apart(sealed), ACCOUNT)
    with pytest.raises(InvalidOpening):
        check_opening(forged, public)
