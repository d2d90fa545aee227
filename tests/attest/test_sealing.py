from __future__ import annotations

import contextlib
import csv
import hashlib
import hmac
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest import bundle
from attest.allocating import Belonging, Tie
from attest.book_records import BooksRecord
from attest.cli.load import pack_or_none, shipped_registry
from attest.inputs import INPUTS
from attest.sealing import (
    FINDINGS,
    ROWS,
    SEALED,
    Salts,
    build_list,
    check_sealed,
    entries_of,
    few,
    is_sealed,
    parse_salts,
    read_list,
    refuse_telling,
)
from attest.trust import trust_key
from attest.verifier import Verifier
from attest.verify import verify
from config.amount import format_decimal
from config.errors import InputError
from tests.attest.sealed import (
    OTHER,
    SALTS,
    SECRET,
    bundle_of,
    plain,
    predicate_of,
    sealed_work,
    some_key,
    strings_in,
    words_of,
)
from tests.conftest import in_memory, read_example

if TYPE_CHECKING:
    from typing import TypeAlias

    from attest.inputs import Criteria
    from attest.keys import SigningKey
    from attest.pipeline import Work

    Example: TypeAlias = tuple[dict[str, bytes], Criteria]

NAME = "salts.hex"
EMPTY = BooksRecord((), (), (), (), ())
STATED = re.compile(
    r"\.(holdings\.amount|evidence\.amount|comparison\.|obligations\.|scope\.instruments\.amount"
    r"|books\.|series\.supersedes\.instruments|findings\.inForce\.(facts|text)"
    r"|findings\.(proposals|stress)\.(facts|text)|asOf\.anchors\.height|limitations|assertion)"
)
"""Where a sealed statement says amounts: totals, each of as many accounts as it says."""
PUBLIC = re.compile(
    r"\.(asOf\.anchors\.(chain|blockHash|stateRoot)|window\.(chain|blockHash)|holdings\.asset"
    r"|evidence\.(asset|evidenceClass)|comparison\.assets\.asset|rates\.|books\.custody\.(asset|keyid)"
    r"|books\.(facts|reserves)\.keyid|criteria\.|challenge\.(keyid|nonce)|carried\.(sha256|keyid)"
    r"|series\.(previous\.|supersedes\.)|tool\.|proving\.chain|dataSources\.chain|disclosure\.root"
    r"|commitment\.|scope\.notCounted|responsibleParty\.|findings\.inForce\.(code|kind))"
)
"""Where it says long words that every reader may know: none of them is an account's."""


@pytest.fixture(scope="module", params=["exchange", "faulty", "exchange-at-scale"])
def bundled(request: pytest.FixtureRequest) -> tuple[dict[str, bytes], Work]:
    """A sealed statement of each example, signed; the largest has books, groups and carried
    claims, the faulty one duplicates, a refuted claim and a failed read."""
    work = sealed_work(read_example(request.param))
    return bundle_of(work, some_key()), work


def public_copy(files: dict[str, bytes]) -> dict[str, bytes]:
    return in_memory(bundle.disclosed(files, "public"))


def test_a_public_copy_holds_no_word_of_what_it_withholds(
    bundled: tuple[dict[str, bytes], Work],
) -> None:
    """Addresses, keys, transactions, signatures: every long word of every withheld file."""
    files, _ = bundled
    copied = public_copy(files)
    withheld = {name: data for name, data in files.items() if name not in copied}
    said = predicate_of(copied)
    words = {text for path, text in strings_in(said) if PUBLIC.match(path)}
    allowed = words_of({text: text.encode() for text in words})
    allowed |= words_of({name: data for name, data in copied.items() if "criteria/" in name})
    secret = words_of(withheld) - allowed
    assert len(secret) > 100

    for name, data in copied.items():
        if not name.startswith("criteria/"):
            met = {plain(word) for word in re.findall(rb"[A-Za-z0-9]{20,}", data)} & secret
            # Ordinary words of people are no secret: an address has digits.
            assert set() == {word for word in met if re.search(rb"[0-9]", word)}, name


def test_a_public_copy_holds_no_digest_of_what_it_withholds(
    bundled: tuple[dict[str, bytes], Work],
) -> None:
    files, _ = bundled
    copied = public_copy(files)
    everything = b"".join(copied.values())
    stated = {one.encode() for _, one in strings_in(predicate_of(copied)["carried"])}
    for name, data in files.items():
        digest = hashlib.sha256(data).hexdigest().encode()
        if name not in copied and name != SEALED:
            # An earlier statement is named by its digest, and by nothing else of it.
            linked = name.endswith("/payload.json") and digest in stated
            assert linked or digest not in everything, name


def test_a_public_copy_says_the_balance_of_no_account_but_as_a_total(
    bundled: tuple[dict[str, bytes], Work],
) -> None:
    files, work = bundled
    said = predicate_of(public_copy(files))
    rows = list(csv.DictReader(io.StringIO(files[ROWS].decode())))
    balances = {row["units"] for row in rows if len(row["units"]) > 4}
    assert balances
    for path, text in strings_in(said):
        if not STATED.match(path):
            assert not balances & set(re.findall(r"[0-9]+", text)), path
    totals = {text for path, text in strings_in(said) if ".facts" not in path}
    for one in (*said["findings"]["inForce"], *said["findings"]["stress"]):
        for value in one["facts"].values():
            assert value not in balances or value in totals, one
    lone = {line.amount for line in work.predicate.holdings if int(line.accounts) > 3}
    shown = balances & {line.amount for line in work.predicate.holdings}
    assert not shown & lone


def test_no_line_of_a_file_label_or_custodians_account_is_shown(
    bundled: tuple[dict[str, bytes], Work],
) -> None:
    files, work = bundled
    shown = public_copy(files)
    texts = b"".join(data for name, data in shown.items() if not name.startswith("criteria/"))
    labels = {one.label for one in work.inputs.accounts.rows if one.label}
    groups = {one.group for one in work.inputs.accounts.rows if one.group}
    custody = work.inputs.books.custody
    accounts = set() if custody is None else {one.account for one in custody.statements}
    # A label may be a word that says whose coins are, or what they are tied to.
    closed = {*get_args(Tie), *get_args(Belonging)}
    for word in (labels | groups | accounts) - closed:
        assert word.encode() not in texts, word
    assert not re.search(rb"\bline[s]? [0-9]", texts)


def test_amounts_of_single_items_are_shown_in_no_finding(
    bundled: tuple[dict[str, bytes], Work],
) -> None:
    _, work = bundled
    units = {str(one.item.units) for one in work.case.items}
    registry = work.inputs.registry
    display = {
        format_decimal(one.item.units, registry.instrument(one.item.instrument).decimals)
        for one in work.case.items
    }
    for finding in work.predicate.findings.in_force:
        if finding.code == "reconciling_items":
            assert not units & set(finding.facts.values())
            assert not display & set(finding.text.split())


def test_the_secret_is_in_every_name_a_guess_could_be_held_against(example: Example) -> None:
    one, two = sealed_work(example), sealed_work(example, OTHER)
    first, second = one.predicate, two.predicate

    assert first.attestation_id != second.attestation_id
    assert first.disclosure is not None
    assert second.disclosure is not None
    assert first.disclosure.root != second.disclosure.root
    assert first.disclosure.rows == second.disclosure.rows
    assert one.subjects[ROWS] == two.subjects[ROWS]
    assert one.subjects[SEALED] != two.subjects[SEALED]
    same = {"attestationId", "disclosure"}
    left, right = (json.loads(made.payload)["predicate"] for made in (one, two))
    assert {name for name in left if left[name] != right[name]} == same


def test_rows_of_two_statements_cannot_be_linked(example: Example) -> None:
    """The same rows under the same secret, in statements of two ids: nothing is in both."""
    table = bytes(sealed_work(example).subjects[ROWS])
    one, two = (Salts(bytes.fromhex(SECRET), f"urn:uuid:{number}") for number in (1, 2))

    assert not set(entries_of(table, one)) & set(entries_of(table, two))
    assert not {one.of_row(at) for at in range(50)} & {two.of_row(at) for at in range(50)}
    assert one.of_list() != two.of_list()


def test_salts_are_hmacs_of_what_they_are_for() -> None:
    salts = Salts(bytes.fromhex(SECRET), "urn:uuid:1")

    def expected(purpose: str) -> bytes:
        said = f"custody-attest {purpose} urn:uuid:1".encode()
        return hmac.digest(bytes.fromhex(SECRET), said, "sha256")

    assert (expected("row 0"), expected("row 17")) == (salts.of_row(0), salts.of_row(17))
    assert expected("list").hex() == salts.of_list()


def test_the_root_is_that_of_the_rows_whatever_computes_it(example: Example) -> None:
    """RFC 6962 as it is written there, over entries that are made here."""
    work = sealed_work(example)
    rows = list(csv.DictReader(io.StringIO(bytes(work.subjects[ROWS]).decode())))

    def entry(at: int, row: dict[str, str]) -> bytes:
        said = f"custody-attest row {at} {work.predicate.attestation_id}".encode()
        salt = hmac.digest(bytes.fromhex(SECRET), said, "sha256")
        record = json.dumps(row, sort_keys=True, separators=(",", ":")).encode()
        return hashlib.sha256(salt + record).digest()

    def top(entries: list[bytes]) -> bytes:
        if len(entries) == 1:
            return hashlib.sha256(b"\x00" + entries[0]).digest()
        half = 1 << (len(entries) - 1).bit_length() - 1
        return hashlib.sha256(b"\x01" + top(entries[:half]) + top(entries[half:])).digest()

    disclosure = work.predicate.disclosure
    assert disclosure is not None
    assert str(len(rows)) == disclosure.rows
    assert top(sorted(entry(*one) for one in enumerate(rows))).hex() == disclosure.root


def test_entries_do_not_keep_the_order_of_the_file(example: Example) -> None:
    table = bytes(sealed_work(example).subjects[ROWS])
    head, *lines = table.decode().splitlines(keepends=True)
    salts = Salts(bytes.fromhex(SECRET), "urn:uuid:1")
    whole = entries_of(table, salts)
    first = entries_of("".join([head, *lines[:10]]).encode(), salts)

    assert list(whole) == sorted(whole)
    assert [whole.index(one) for one in first] != list(range(10))


def test_a_sealed_statement_is_made_again_byte_for_byte(example: Example) -> None:
    key = some_key()
    files = bundle_of(sealed_work(example), key)
    verifier = Verifier(trust_key(key.public), shipped_registry(), pack_or_none, 0, allow_test=True)
    verdict = verify(files, verifier)

    assert ("valid", "pass", "L3") == (verdict.authenticity, verdict.outcome, verdict.level)
    assert json.loads(files[FINDINGS]) != predicate_of(files)["findings"]
    other = verify({**files, SALTS: OTHER.encode()}, verifier)
    assert ("invalid", None) == (other.authenticity, other.level)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "file is empty"),
        (SECRET[:-1], "hex digits expected"),
        (f"{SECRET}0", "hex digits expected"),
        (SECRET.upper(), "hex digits expected"),
        (f" {SECRET}", "hex digits expected"),
        (f"{SECRET}\n\n", "hex digits expected"),
        ("0" * 64, "1 different bytes"),
        ("0123456789abcdef" * 4, "8 different bytes"),
    ],
)
def test_what_is_no_secret_is_refused(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        parse_salts(text.encode(), NAME)


def test_a_secret_is_read_and_never_shown() -> None:
    assert bytes(range(32)) == parse_salts(f"{SECRET}\n".encode(), NAME)
    with pytest.raises(InputError) as refused:
        parse_salts(SECRET.encode() + b"x", NAME)
    assert SECRET[:8] not in f"{refused.value}{refused.value.hint}"


@given(st.binary(max_size=300))
def test_salts_of_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        assert 32 == len(parse_salts(data, NAME))


LISTED = {"report/accounts.csv": "ab" * 32, "evidence/inputs/accounts.csv": "cd" * 32}


def test_a_list_of_sealed_files_is_what_was_built() -> None:
    salts = Salts(bytes.fromhex(SECRET), "urn:uuid:1")
    built = build_list({"a": b"one", "b": memoryview(b"two")}, salts)

    assert {"a": b"one", "b": b"two"}.keys() == read_list(built).keys()
    assert hashlib.sha256(b"two").hexdigest() == read_list(built)["b"]
    assert salts.of_list() == json.loads(built)["salt"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"files": LISTED},
        {"files": LISTED, "salt": "00" * 31},
        {"files": LISTED, "salt": "AB" * 32},
        {"files": LISTED, "salt": 1},
        {"files": list(LISTED), "salt": "00" * 32},
        {"files": {"a": "ab" * 31}, "salt": "00" * 32},
        {"files": {"a": None}, "salt": "00" * 32},
        {"files": LISTED, "salt": "00" * 32, "more": ""},
    ],
)
def test_another_form_of_list_is_refused(document: object) -> None:
    with pytest.raises(InputError, match="wrong form"):
        read_list(json.dumps(document).encode())


@given(
    st.binary(max_size=200) | st.text(alphabet='{}[]":,abcfilest0 \\', max_size=80).map(str.encode)
)
def test_a_list_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        read_list(data)


def test_a_list_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attest.sealing.MAX_LIST", 10)
    with pytest.raises(InputError, match="the limit is 10"):
        read_list(b" " * 11)


@pytest.mark.parametrize(
    ("name", "sealed"),
    [
        ("VERIFY.md", False),
        ("report/report.md", False),
        ("criteria/policies/core.toml", False),
        ("evidence/liabilities/commitment.json", False),
        (SEALED, False),
        (ROWS, True),
        (FINDINGS, True),
        ("report/controls.csv", True),
        ("report/anything-new.csv", True),
        ("evidence/inputs/salts.hex", True),
        ("evidence/liabilities.json", True),
        ("evidence/sealed.json.bak", True),
        ("criteria", True),
    ],
)
def test_what_is_not_known_to_be_public_is_sealed(name: str, *, sealed: bool) -> None:
    assert sealed == is_sealed(name)


PLAIN = {SEALED: "", "VERIFY.md": "", "report/report.md": "", "criteria/policies/core.toml": ""}


@pytest.mark.parametrize(
    ("listed", "besides", "what"),
    [
        ((), {}, "wrong form"),
        (("evidence/a",), {}, "wrong form"),
        ((ROWS, ROWS), {}, "wrong form"),
        ((ROWS, "evidence/a"), {}, "wrong form"),
        (("Report/accounts.csv", ROWS), {}, "wrong form"),
        ((ROWS,), {"report/Accounts.csv": ""}, "wrong form"),
        (("att/0001.payload.json", ROWS), {}, "cannot seal att/"),
        (("criteria/policies/jvcea.toml", ROWS), {}, "cannot seal criteria/"),
        (("manifest.json", ROWS), {}, "cannot seal manifest.json"),
        (("evidence/../x", ROWS), {}, "not a plain relative path"),
        (("/evidence/x", ROWS), {}, "not a plain relative path"),
        (("evidence/a\nb", ROWS), {}, "not a plain relative path"),
        (("evidence/" + "a" * 300, ROWS), {}, "not a plain relative path"),
        ((ROWS,), {"evidence/inputs/accounts.csv": ""}, "shows the digests of"),
    ],
)
def test_a_list_that_hides_too_much_or_too_little_is_refused(
    listed: tuple[str, ...], besides: dict[str, str], what: str
) -> None:
    check_sealed((ROWS,), PLAIN)
    with pytest.raises(InputError, match=what):
        check_sealed(listed, {**PLAIN, **besides})


def test_a_statement_that_seals_without_a_list_is_refused() -> None:
    with pytest.raises(InputError, match="shows the digests of"):
        check_sealed((ROWS,), {"VERIFY.md": ""})


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("accounts.csv", False),
        ("books/documents/ThirdPartyCustodianStatements.pdf", False),
        ("ledger-2026-11-30.parquet", False),
        ("20261130235959999999999.csv", False),
        ("books/0x52908400098527886E0F7030069857D2E4169EE7.json", True),
        ("books/bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq.txt", True),
        ("keys/3a83f73b70391a60e356dd74a6b5d1370265714348dc630e8496a2742bdfe7c9.pub", True),
    ],
)
def test_names_of_files_that_tell_an_account_are_refused(path: str, *, refused: bool) -> None:
    if refused:
        with pytest.raises(InputError, match="may be an account"):
            refuse_telling(["accounts.csv", path])
    else:
        refuse_telling(["accounts.csv", path])


def test_a_telling_name_is_refused_where_rows_are_sealed_alone(example: Example) -> None:
    name = "0x52908400098527886e0f7030069857d2e4169ee7.csv"
    files, criteria = example
    moved = {one: data for one, data in files.items() if one != f"{INPUTS}prices.csv"}
    moved[f"{INPUTS}{name}"] = files[f"{INPUTS}prices.csv"]
    moved = {
        one: data.replace(b'"prices.csv"', f'"{name}"'.encode()) for one, data in moved.items()
    }
    with pytest.raises(InputError, match="may be an account"):
        sealed_work((moved, criteria))


def test_totals_of_few_accounts_are_named(bundled: tuple[dict[str, bytes], Work]) -> None:
    _, work = bundled
    predicate = work.predicate
    named = few(predicate)
    lines = [one for one in predicate.holdings if int(one.accounts) <= 3]

    assert len(lines) == sum(one.startswith("the total of ") for one in named)
    for one in predicate.holdings:
        text = f"the total of {one.asset} {one.method} {one.holder} {one.owner} {one.band} is of"
        assert (int(one.accounts) <= 3) == (f"{text} {one.accounts} accounts" in named)
    assert () == few(replace(predicate, holdings=(), evidence=(), comparison=(), books=EMPTY))
    items = [item for one in predicate.comparison for item in one.items]
    counts = [rows for one in items for rows in (one.confirmed_rows, one.other_rows)]
    expected = sum(0 < int(count) <= 3 for count in counts)
    assert expected == sum(one.endswith(" transactions") for one in named)
    custody = [one.account for one in predicate.books.custody]
    assert len(custody) == sum(" is stated of " in one for one in named)


def test_a_digest_of_accounts_shown_twice_is_one_entry_each() -> None:
    """Two rows alike in every column have entries of their own: nobody sees that they are alike."""
    table = b"account,asset\na,b\na,b\n"
    entries = entries_of(table, Salts(bytes.fromhex(SECRET), "urn:uuid:1"))

    assert 2 == len(set(entries))


def test_another_key_signs_the_same_sealed_statement(example: Example, signer: SigningKey) -> None:
    work = sealed_work(example)
    one, two = bundle_of(work, signer), bundle_of(work, some_key())

    assert one["att/0001.payload.json"] == two["att/0001.payload.json"]
