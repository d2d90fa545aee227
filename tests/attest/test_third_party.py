from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.envelope import read_envelope, seal
from attest.errors import InvalidStatement
from attest.statement import build_statement, canonical, read_statement
from attest.third_party import (
    CUSTODY_TYPE,
    FACT_TYPE,
    FIELDS,
    RESERVE_TYPE,
    check_row,
    fields_of,
    keys_of,
    sign_row,
    stated_by,
)
from config.books.document import Document
from config.books.parties import Party
from config.caip import AccountId, AssetId, InstrumentId
from tests.attest.stated_rows import (
    AUDIT,
    CUSTODY,
    DIGEST,
    ENTITY,
    FACT,
    FILES,
    KEY,
    RESERVE,
    ROWS,
    TIER,
    TIME,
    USDT,
    YEAR,
    make,
)
from tests.config.known import DEAD_BEEF, DONE, refusal

if TYPE_CHECKING:
    from attest.keys import SigningKey
    from attest.third_party import Row


def signed(row: Row) -> bytes:
    return sign_row(row, ENTITY, FILES, KEY)


def verdict(row: Row, envelope: bytes, key: SigningKey = KEY, entity: str = ENTITY) -> str:
    """Give the reason for which a statement is refused, after looking at the message's form."""
    with pytest.raises(InvalidStatement) as caught:
        check_row(row, entity, envelope, FILES, key.public)
    assert not caught.value.what.endswith(".")
    return caught.value.reason


@pytest.mark.parametrize("row", ROWS)
def test_a_row_that_was_signed_agrees(row: Row) -> None:
    assert KEY.public.keyid == check_row(row, ENTITY, signed(row), FILES, KEY.public)


def test_what_is_signed_is_the_row() -> None:
    statement = read_statement(read_envelope(signed(CUSTODY)).payload)

    assert CUSTODY_TYPE == statement.predicate_type
    assert {"document": DIGEST} == statement.subjects
    assert {
        "entity": ENTITY,
        "custodian": "Acme Trust",
        "account": "client-7731",
        "asset": USDT,
        "decimals": "6",
        "amount": "1200500000",
        "owner": "customer",
        "method": "cold",
        "pool": f"eip155:1:{DEAD_BEEF}",
        "asOf": "2026-11-30T15:00:00Z",
    } == statement.predicate


def test_without_a_document_the_subject_is_the_statement() -> None:
    statement = read_statement(read_envelope(signed(RESERVE)).payload)

    assert RESERVE_TYPE == statement.predicate_type
    own = hashlib.sha256(canonical(statement.predicate)).hexdigest()
    assert {"statement": own} == statement.subjects
    assert read_statement(read_envelope(signed(FACT)).payload).predicate_type == FACT_TYPE


def test_a_fact_says_what_it_has() -> None:
    assert {
        "entity": ENTITY,
        "signer": "Example Audit LLC",
        "key": "trading_volume",
        "kind": "customer_spot",
        "unit": "jpy",
        "decimals": "0",
        "value": "36000000000000",
        "period": "2026-04-01/2026-11-30",
    } == fields_of(FACT, ENTITY)
    assert "2026-06-30" == fields_of(AUDIT, ENTITY)["value"]
    assert ("Acme", "2026-11-30T15:00:00Z") == (
        fields_of(TIER, ENTITY)["party"],
        fields_of(TIER, ENTITY)["asOf"],
    )
    assert "FY2026" == fields_of(YEAR, ENTITY)["period"]


def test_a_row_is_stated_by_the_party_it_names() -> None:
    assert ("Acme Trust", "Example Bank", "Example Audit LLC") == (
        stated_by(CUSTODY),
        stated_by(RESERVE),
        stated_by(FACT),
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (replace(CUSTODY, custodian="Acme"), "other_custodian"),
        (replace(CUSTODY, account="client-7732"), "other_account"),
        (replace(CUSTODY, as_of=TIME + 1), "other_as_of"),
        (replace(CUSTODY, owner="house"), "other_owner"),
        (replace(CUSTODY, method="hot"), "other_method"),
        (replace(CUSTODY, asset=AssetId("eip155:1/slip44:60")), "other_asset"),
        (replace(CUSTODY, units=1_200_500_001), "other_amount"),
        (replace(CUSTODY, decimals=5), "other_decimals"),
        (replace(CUSTODY, pool=None), "other_pool"),
        (replace(CUSTODY, pool=AccountId(f"eip155:1:{DONE}")), "other_pool"),
        (replace(CUSTODY, document=Document(signature="books/a.json")), "other_document"),
        (replace(CUSTODY, document=None), "other_document"),
        (replace(CUSTODY, document=Document("books/a.pdf", "0" * 64)), "other_document"),
        (replace(CUSTODY, document=Document("books/b.pdf", DIGEST)), "other_document"),
        (RESERVE, "other_statement"),
    ],
)
def test_a_statement_that_differs_is_refused(row: Row, reason: str) -> None:
    assert reason == verdict(row, signed(CUSTODY))


@pytest.mark.parametrize(
    ("row", "other", "reason"),
    [
        (RESERVE, replace(RESERVE, kind="house_capital"), "other_kind"),
        (RESERVE, replace(RESERVE, instrument=InstrumentId("usd")), "other_instrument"),
        (RESERVE, replace(RESERVE, units=0), "other_amount"),
        (RESERVE, replace(RESERVE, holder="Bank"), "other_holder"),
        (RESERVE, replace(RESERVE, as_of=0), "other_as_of"),
        (FACT, replace(FACT, key="fixed_overheads"), "other_fact"),
        (FACT, replace(FACT, kind="own_account"), "other_kind"),
        (FACT, replace(FACT, value=1), "other_value"),
        (FACT, replace(FACT, unit=InstrumentId("usd")), "other_unit"),
        (FACT, replace(FACT, decimals=2), "other_decimals"),
        (FACT, YEAR, "other_period"),
        (FACT, replace(FACT, as_of=TIME), "other_as_of"),
        (FACT, replace(FACT, signer="Audit"), "other_signer"),
        (TIER, replace(TIER, party="Beta"), "other_party"),
    ],
)
def test_every_field_of_a_row_is_compared(row: Row, other: Row, reason: str) -> None:
    assert reason == verdict(other, signed(row))
    assert reason == verdict(row, signed(other))


def test_each_field_has_a_reason() -> None:
    met = {field for row in ROWS for field in fields_of(row, ENTITY)}
    assert set(FIELDS) == met


def test_another_exchange_cannot_show_the_statement() -> None:
    assert "other_entity" == verdict(CUSTODY, signed(CUSTODY), entity="Another Exchange")


def test_another_key_does_not_state() -> None:
    assert "no_trusted_signature" == verdict(CUSTODY, signed(CUSTODY), key=make())


def test_another_document_in_its_place_is_seen() -> None:
    with pytest.raises(InvalidStatement) as caught:
        check_row(CUSTODY, ENTITY, signed(CUSTODY), {"books/a.pdf": b"x"}, KEY.public)
    assert "other_document" == caught.value.reason
    assert caught.value.what.startswith("statement.0: document is another one: books/a.pdf: sha256")


def test_messages_give_both_values() -> None:
    with pytest.raises(InvalidStatement) as caught:
        check_row(replace(CUSTODY, units=7), ENTITY, signed(CUSTODY), FILES, KEY.public)
    expected = "statement.0: amount: signed is '1200500000', the row says '7'"
    assert expected == caught.value.what
    with pytest.raises(InvalidStatement) as caught:
        check_row(replace(CUSTODY, pool=None), ENTITY, signed(CUSTODY), FILES, KEY.public)
    expected = f"statement.0: pool: signed is 'eip155:1:{DEAD_BEEF}', the row says nothing"
    assert expected == caught.value.what


def stated(predicate: dict[str, object], subjects: dict[str, str] | None = None) -> bytes:
    """Sign a predicate as it is, with the key of the party."""
    subjects = subjects if subjects is not None else {"document": DIGEST}
    return seal(build_statement(CUSTODY_TYPE, predicate, subjects), KEY)


@pytest.mark.parametrize(
    ("predicate", "reason"),
    [
        ({"note": "x"}, "malformed_statement"),
        ({"amount": 1200500000}, "other_amount"),
        ({"amount": None}, "other_amount"),
        ({"holder": None}, "other_holder"),
        ({"holder": ""}, "other_holder"),
    ],
)
def test_a_field_that_is_not_text_or_not_the_rows_is_refused(
    predicate: dict[str, object], reason: str
) -> None:
    assert reason == verdict(CUSTODY, stated({**fields_of(CUSTODY, ENTITY), **predicate}))


@pytest.mark.parametrize(
    "subjects",
    [
        {"document": "0" * 64},
        {"statement": DIGEST},
        {"document": DIGEST, "other": "0" * 64},
    ],
)
def test_the_subject_is_the_document_alone(subjects: dict[str, str]) -> None:
    assert "other_document" == verdict(CUSTODY, stated({**fields_of(CUSTODY, ENTITY)}, subjects))


def test_what_is_no_statement_is_refused() -> None:
    assert "malformed_statement" == verdict(CUSTODY, seal(b"{}", KEY))
    assert "malformed_envelope" == verdict(CUSTODY, b"{}")
    document = json.loads(signed(CUSTODY))
    (signature,) = document["signatures"]
    signature["sig"] = base64.b64encode(bytes(70)).decode()
    assert "bad_signature" == verdict(CUSTODY, canonical(document))


def test_each_party_has_a_key_of_its_own() -> None:
    other = make()
    files = {"a.pub": KEY.public.pem, "b.pub": other.public.pem, "c.pub": KEY.public.pem}
    acme, beta = Party("Acme", "a.pub"), Party("Beta", "b.pub")
    found = keys_of((acme, Party("Gamma"), beta), files)
    assert {"Acme": KEY.public.keyid, "Beta": other.public.keyid} == {
        name: key.keyid for name, key in found.items()
    }
    error = refusal(keys_of, (acme, beta, Party("Gamma", "c.pub")), files)
    assert "one key under two parties: 'Acme' and 'Gamma'" == error.what
    assert "key is missing: d.pub" == refusal(keys_of, (Party("D", "d.pub"),), files).what
    error = refusal(keys_of, (acme,), {"a.pub": b"x"})
    assert "a.pub: not a public key in PEM" == error.what


def test_nothing_is_signed_that_would_not_agree() -> None:
    error = refusal(sign_row, CUSTODY, ENTITY, {"books/a.pdf": b"x"}, KEY)
    assert error.what.startswith("document is another one: books/a.pdf: sha256 is ")
    assert "document is missing: books/a.pdf" == refusal(sign_row, CUSTODY, ENTITY, {}, KEY).what
    error = refusal(sign_row, RESERVE, " x", {}, KEY)
    assert "entity is not plain text: ' x'" == error.what


WHOLE = sign_row(RESERVE, ENTITY, {}, KEY)


@pytest.mark.parametrize("place", range(0, len(WHOLE), 7))
def test_any_changed_byte_is_seen(place: int) -> None:
    changed = WHOLE[:place] + bytes([WHOLE[place] ^ 1]) + WHOLE[place + 1 :]
    with pytest.raises(InvalidStatement):
        check_row(RESERVE, ENTITY, changed, {}, KEY.public)


@given(st.binary(max_size=60), st.integers(min_value=0, max_value=len(WHOLE)))
def test_any_bytes_are_refused_with_a_reason(data: bytes, place: int) -> None:
    for envelope in (data, WHOLE[:place], WHOLE[:place] + data + WHOLE[place + len(data) :]):
        if envelope != WHOLE:
            with pytest.raises(InvalidStatement):
                check_row(RESERVE, ENTITY, envelope, {}, KEY.public)


PREDICATES = st.dictionaries(
    st.sampled_from((*FIELDS, "note")),
    st.none() | st.text(max_size=8) | st.integers(0, 9) | st.lists(st.text(max_size=3)),
)


@given(PREDICATES)
def test_any_signed_predicate_is_refused_with_a_reason(changes: dict[str, object]) -> None:
    whole: dict[str, object] = {**fields_of(CUSTODY, ENTITY)}
    for predicate in ({**whole, **changes}, changes):
        if predicate != whole:
            assert verdict(CUSTODY, stated(predicate)) in {*FIELDS.values(), "malformed_statement"}
