from __future__ import annotations

import contextlib

import pytest
from hypothesis import given

from config.books import insurance, reserves
from config.books.document import Document
from config.books.insurance import Insurance
from config.books.parties import Party
from config.books.reserves import Borrowing, Reserve, Reserves, parse_reserves
from config.caip import InstrumentId
from config.errors import InputError
from tests.config.books.splices import spliced
from tests.config.known import REGISTRY, example, refusal

WHOLE = example(reserves)
JPY = InstrumentId("jpy")
TIME = 1796050800


def read(text: str) -> Reserves:
    return parse_reserves(text.encode(), "r.toml", REGISTRY)


def changed(line: str, to: str = "") -> str:
    assert line in WHOLE
    return WHOLE.replace(line, to, 1)


def test_reads_the_example() -> None:
    signature = "books/documents/bank-2026-11.dsse.json"
    assert Reserves(
        reserves=(
            Reserve(
                where="reserve.0",
                kind="customer_money_trust",
                instrument=JPY,
                units=1_980_000_000,
                decimals=0,
                holder="Example Trust Bank",
                as_of=TIME,
                document=Document(signature=signature),
            ),
        ),
        insurance=(
            Insurance(
                where="insurance.0",
                insurer="Example Mutual",
                policy="CR-2026-118",
                currency=JPY,
                limit=3_000_000_000,
                deductible=0,
                decimals=0,
                scope=("hot", "cold"),
                perils=("theft", "insider", "key_loss"),
                since=1774969200,
                until=1806505200,
                document=None,
            ),
        ),
        borrowings=(
            Borrowing(
                where="borrowing.0",
                lender="Example Lending",
                instrument=InstrumentId("btc"),
                units=12_050_000_000,
                decimals=8,
                as_of=TIME,
                until=1803826800,
                document=None,
            ),
        ),
        parties=(Party("Example Trust Bank", "books/keys/bank.pub"),),
    ) == read(WHOLE)
    assert (signature, "books/keys/bank.pub") == read(WHOLE).paths()


def test_reads_the_example_of_a_policy() -> None:
    assert read(WHOLE).insurance == read(example(insurance)).insurance


def test_a_reserve_of_nothing_is_a_statement() -> None:
    (found,) = read(changed('"1980000000"', '"0"')).reserves
    assert 0 == found.units


def test_a_loan_may_be_on_demand() -> None:
    (found,) = read(changed('until = "2027-02-28T15:00:00Z"')).borrowings
    assert found.until is None


SHA = f'sha256 = "{"0" * 64}"'
POLICY = 'policy = "CR-2026-118"'


@pytest.mark.parametrize(
    ("line", "to", "what"),
    [
        (
            'kind = "customer_money_trust"',
            'kind = "cash"',
            (
                "reserve.0.kind: input should be 'liability_reserve', 'guarantee_assets', "
                "'customer_money_trust', 'house_capital' or 'bank_guarantee', met 'cash'"
            ),
        ),
        ('"1980000000"', '"1.5"', "reserve.0.amount: too many decimals: '1.5' has 1, at most 0"),
        ('"1980000000"', '"-1"', "reserve.0.amount: amount not understood: '-1'"),
        (
            'instrument = "jpy"',
            'instrument = "JPY"',
            "reserve.0.instrument: unknown instrument: 'JPY'",
        ),
        ('holder = "Example Trust Bank"', "", "reserve.0.holder: missing"),
        (
            'holder = "Example Trust Bank"',
            'holder = "Another Bank"',
            "reserve.0.document.signature: no key is named for 'Another Bank'",
        ),
        ('"2026-11-30T15:00:00Z"', '"2026-11-30T15:00:00"', "reserve.0.as_of: time without an off"),
        (
            "{ signature =",
            '{ file = "a", signature =',
            "reserve.0.document: sha256 is missing: file and sha256 go together",
        ),
        (
            'name = "Example Trust Bank"',
            'name = "self"',
            "party.0.name: 'self' is the entity itself",
        ),
        ('key = "books/keys/bank.pub"', 'key = "a//b"', "party.0.key: not a path beside the decl"),
        (
            'key = "books/keys/bank.pub"',
            'key = "books/documents/bank-2026-11.dsse.json"',
            "one path for two files: 'books/documents/bank-2026-11.dsse.json'",
        ),
        (POLICY, "", "insurance.0.policy: missing"),
        ('currency = "jpy"', 'currency = "yen"', "insurance.0.currency: unknown instrument: 'yen'"),
        ('limit = "3000000000"', 'limit = "0"', "insurance.0.limit: limit is zero"),
        (
            'deductible = "0"',
            'deductible = "3000000001"',
            "insurance.0.deductible: deductible 3000000001 is above the limit 3000000000",
        ),
        ('deductible = "0"', "", "insurance.0.deductible: missing"),
        ('deductible = "0"', "deductible = 0", "insurance.0.deductible: input should be a valid"),
        ('scope = ["hot", "cold"]', "scope = []", "insurance.0.scope: empty"),
        (
            'scope = ["hot", "cold"]',
            'scope = ["hot", "hot"]',
            "insurance.0.scope: a word is given twice",
        ),
        (
            'scope = ["hot", "cold"]',
            'scope = ["warm"]',
            "insurance.0.scope.0: input should be 'hot' or 'cold', met 'warm'",
        ),
        ('["theft", "insider", "key_loss"]', "[]", "insurance.0.perils: empty"),
        (
            '["theft", "insider", "key_loss"]',
            '["war"]',
            (
                "insurance.0.perils.0: input should be 'theft', 'insider', 'key_loss', 'fraud', "
                "'custodian_failure' or 'other', met 'war'"
            ),
        ),
        ('from = "2026-04-01T00:00:00+09:00"', "", "insurance.0.from: missing"),
        ("from = ", "since = ", "insurance.0.from: missing"),
        (
            'until = "2027-04-01T00:00:00+09:00"',
            'until = "2026-03-31T15:00:00Z"',
            "insurance.0.until: ends at 2026-03-31T15:00:00Z, begins at 2026-04-01T00:00:00+09:00",
        ),
        ('from = "2026-04-01T', 'from = "2026-04-01 24', "insurance.0.from: time not understood"),
        (
            POLICY,
            f'{POLICY}\ndocument = {{ signature = "a.json" }}',
            "insurance.0.document.signature: no signed statement of this kind is known",
        ),
        (POLICY, f"{POLICY}\ndocument = {{}}", "insurance.0.document: empty"),
        ('"120.5"', '"0"', "borrowing.0.amount: amount is zero"),
        (
            'lender = "Example Lending"',
            'lender = "L"\ndocument = { signature = "a.json" }',
            "borrowing.0.document.signature: no signed statement of this kind is known",
        ),
        (
            'lender = "Example Lending"',
            f'lender = "L"\ndocument = {{ file = "/a", {SHA} }}',
            "borrowing.0.document.file: not a path beside the declaration: '/a'",
        ),
        ('until = "2027-02-28', 'until = "2027-02-30', "borrowing.0.until: no such time: '2027-02"),
        ('lender = "Example Lending"', 'rate = "5"', "borrowing.0.lender: missing"),
        ("[[borrowing]]", "[[loan]]", "loan: unknown key"),
    ],
)
def test_what_is_not_as_documented_is_refused(line: str, to: str, what: str) -> None:
    assert str(refusal(read, changed(line, to))).startswith(f"r.toml: {what}")


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ("reserve", "reserve.1.kind: stated twice, first in reserve.0"),
        ("insurance", "insurance.1.policy: stated twice, first in insurance.0"),
        ("borrowing", "borrowing.1.lender: stated twice, first in borrowing.0"),
        ("party", "party.1.name: stated twice, first in party.0"),
    ],
)
def test_one_thing_is_stated_once(table: str, what: str) -> None:
    body = WHOLE.split(f"[[{table}]]\n")[1].split("[[")[0]
    again = "".join(line + "\n" for line in body.split("\n") if "signature" not in line)
    assert f"r.toml: {what}" == str(refusal(read, f"{WHOLE}[[{table}]]\n{again}"))


def test_a_file_that_says_nothing_is_refused() -> None:
    error = refusal(read, WHOLE[: WHOLE.index("[[reserve]]")])
    assert "r.toml: no reserve, insurance or borrowing" == str(error)


@given(spliced(WHOLE))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        parse_reserves(data, "r.toml", REGISTRY)
