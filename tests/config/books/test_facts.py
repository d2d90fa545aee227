from __future__ import annotations

import contextlib
from datetime import date
from typing import get_args

import pytest
from hypothesis import given

from config.books import facts
from config.books.document import Document
from config.books.fact_keys import FACT_KEYS, FactName
from config.books.facts import SHARE_DECIMALS, Fact, Facts, Span, parse_facts
from config.caip import InstrumentId
from config.errors import InputError
from tests.config.books.splices import spliced
from tests.config.known import REGISTRY, example, refusal

WHOLE = example(facts)
SEPTEMBER = 1790780400


def read(text: str) -> Facts:
    return parse_facts(text.encode(), "f.toml", REGISTRY)


def fact(*lines: str) -> Fact:
    (found,) = read("\n".join(("[[fact]]", *lines))).facts
    return found


def test_reads_the_example() -> None:
    found = read(WHOLE)
    document = Document(signature="books/documents/audit-2026.dsse.json")
    jpy, days = InstrumentId("jpy"), Span(date(2026, 4, 1), date(2026, 11, 30))
    auditor = "Example Audit LLC"
    volume = 36 * 10**12
    audited = date(2026, 6, 30)
    rows = (
        ("trading_volume", "customer_spot", "", volume, jpy, "FY2026", None, "", None),
        ("reconciliation_missed_days", "", "", 0, None, days, None, "", None),
        ("net_assets", "", "", 4_200_000_000, jpy, None, SEPTEMBER, "", None),
        ("last_audit", "customer_crypto", "", audited, None, None, None, auditor, document),
        ("custodian_tier", "", "Acme Trust", 2, None, None, SEPTEMBER, "", None),
    )
    met = tuple(
        (
            one.key,
            one.kind,
            one.party,
            one.value,
            one.unit,
            one.period,
            one.as_of,
            one.signer,
            one.document,
        )
        for one in found.facts
    )
    assert rows == met
    assert {0} == {one.decimals for one in found.facts}
    assert found.facts[:1] == found.of("trading_volume", "customer_spot")
    assert () == found.of("trading_volume", "own_account") == found.of("custodian_tier")
    assert ("books/documents/audit-2026.dsse.json", "books/keys/auditor.pub") == found.paths()


def test_the_table_holds_every_key() -> None:
    assert set(get_args(FactName)) == set(FACT_KEYS)


def test_each_form_is_exact() -> None:
    usd = fact(
        'key = "net_assets"', 'value = "1.5"', 'unit = "usd"', "as_of = 2026-09-30T15:00:00Z"
    )
    assert (150, 2, SEPTEMBER) == (usd.value, usd.decimals, usd.as_of)
    share = fact('key = "highest_online_share"', 'value = "0.042"', 'period = "FY2026"')
    assert (42 * 10 ** (SHARE_DECIMALS - 3), SHARE_DECIMALS) == (share.value, share.decimals)
    whole = fact('key = "highest_online_share"', 'value = "1"', 'period = "FY2026"')
    assert 10**SHARE_DECIMALS == whole.value
    day = fact('key = "last_proof_audit"', "value = 2026-06-30")
    assert date(2026, 6, 30) == day.value
    moment = fact('key = "last_reconciliation"', 'value = "2026-10-01T00:00:00+09:00"')
    assert SEPTEMBER == moment.value


VOLUME = ('key = "trading_volume"', 'kind = "customer_spot"', 'value = "1"', 'unit = "jpy"')
MISSED = ('key = "reconciliation_missed_days"',)
AUDIT = ('key = "last_audit"', 'kind = "customer_crypto"')
YEAR = 'period = "FY2026"'
AS_OF = 'as_of = "2026-09-30T15:00:00Z"'


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (('key = "profit"',), "key: input should be 'trading_volume', 'net_assets', "),
        ((*MISSED, YEAR), "value: missing"),
        ((*VOLUME,), "period: missing: trading_volume has one"),
        ((*VOLUME, YEAR, AS_OF), "as_of: trading_volume has none"),
        ((VOLUME[0], *VOLUME[2:], YEAR), "kind: missing: trading_volume has one"),
        (
            (VOLUME[0], 'kind = "spot"', *VOLUME[2:], YEAR),
            "kind: 'spot' is not known of trading_volume",
        ),
        ((*VOLUME[:3], YEAR), "unit: missing: trading_volume has one"),
        ((*VOLUME[:3], 'unit = "yen"', YEAR), "unit: unknown instrument: 'yen'"),
        ((*VOLUME, YEAR, 'party = "A"'), "party: trading_volume has none"),
        ((*VOLUME[:2], 'value = "1.5"', VOLUME[3], YEAR), "value: too many decimals: '1.5' has 1"),
        ((*VOLUME[:2], "value = 1", VOLUME[3], YEAR), "value: number for a money: 1"),
        ((*VOLUME[:2], "value = 1.0", VOLUME[3], YEAR), "value: float not allowed: 1.0"),
        ((*VOLUME[:2], "value = true", VOLUME[3], YEAR), "value: "),
        ((*VOLUME[:2], 'value = "-1"', VOLUME[3], YEAR), "value: amount not understood: '-1'"),
        ((*MISSED, 'value = "0"', YEAR), "value: text for a count: '0'"),
        (
            (*MISSED, "value = -1", YEAR),
            "value: count out of range: -1, allowed are 0 to 9007199254740991",
        ),
        (
            (*MISSED, "value = 9007199254740992", YEAR),
            "value: count out of range: 9007199254740992, allowed are 0 to 9007199254740991",
        ),
        ((*MISSED, "value = 0", YEAR, 'unit = "jpy"'), "unit: reconciliation_missed_days has none"),
        ((*MISSED, "value = 0", YEAR, 'kind = "x"'), "kind: reconciliation_missed_days has none"),
        (
            (*MISSED, "value = 0", 'period = "2026"'),
            "period: period not understood: '2026'",
        ),
        ((*MISSED, "value = 0", 'period = "FY26"'), "period: period not understood: 'FY26'"),
        ((*MISSED, "value = 0", "period = 2026"), "period: not of a kind allowed here, met 2026"),
        (
            (*MISSED, "value = 0", 'period = { from = "2026-04-31", to = "2026-05-01" }'),
            "period.from: no such day: '2026-04-31'",
        ),
        (
            (*MISSED, "value = 0", 'period = { from = "2026-04-01", to = "1 May" }'),
            "period.to: date not understood: '1 May'",
        ),
        (
            (*MISSED, "value = 0", 'period = { from = "2026-04-01", to = "2026-03-31" }'),
            "period.to: ends on 2026-03-31, begins on 2026-04-01",
        ),
        ((*MISSED, "value = 0", 'period = { from = "2026-04-01" }'), "period.to: missing"),
        (
            ('key = "highest_online_share"', 'value = "1.000000000000000001"', YEAR),
            "value: share above 1: '1.000000000000000001'",
        ),
        (
            ('key = "highest_online_share"', 'value = "5%"', YEAR),
            "value: amount not understood: '5%'",
        ),
        ((*AUDIT, 'value = "2026-6-30"'), "value: date not understood: '2026-6-30'"),
        ((*AUDIT, 'value = "20260630"'), "value: date not understood: '20260630'"),
        ((*AUDIT, 'value = "2026-06-31"'), "value: no such day: '2026-06-31'"),
        ((*AUDIT, "value = 20260630"), "value: number for a date: 20260630"),
        ((*AUDIT, 'value = "2026-06-30"', YEAR), "period: last_audit has none"),
        (
            ('key = "last_reconciliation"', 'value = "2026-06-30"'),
            "value: time not understood: '2026-06-30'",
        ),
        (('key = "custodian_tier"', "value = 1", AS_OF), "party: missing: custodian_tier has one"),
        (
            ('key = "custodian_tier"', 'party = "A"', "value = 1"),
            "as_of: missing: custodian_tier has one",
        ),
        (
            ('key = "custodian_tier"', 'party = "A"', "value = 1", 'as_of = "2026"'),
            "as_of: time not understood: '2026'",
        ),
        (
            (*AUDIT, 'value = "2026-06-30"', 'signer = "A"', 'document = { signature = "a" }'),
            "document.signature: no key is named for 'A'",
        ),
        (
            (*AUDIT, 'value = "2026-06-30"', 'document = { signature = "a" }'),
            "document.signature: no key is named for ''",
        ),
        ((*AUDIT, 'value = "2026-06-30"', "document = {}"), "document: empty"),
        ((*AUDIT, 'value = "2026-06-30"', 'grade = "signed"'), "grade: unknown key"),
    ],
)
def test_what_is_not_as_documented_is_refused(lines: tuple[str, ...], what: str) -> None:
    assert str(refusal(lambda: fact(*lines))).startswith(f"f.toml: fact.0.{what}")


def test_a_fact_is_stated_once_a_period() -> None:
    one = "\n".join(("[[fact]]", *VOLUME, YEAR, ""))
    years = one + one.replace("FY2026", "FY2025") + one.replace("customer_spot", "own_account")
    assert 3 == len(read(years).facts)
    error = refusal(read, years + one.replace('"1"', '"2"'))
    assert "f.toml: fact.3.key: stated twice, first in fact.0" == str(error)
    net = f'[[fact]]\nkey = "net_assets"\nvalue = "1"\nunit = "jpy"\n{AS_OF}\n'
    error = refusal(read, net + net.replace("jpy", "usd").replace("09-30", "09-29"))
    assert "f.toml: fact.1.key: stated twice, first in fact.0" == str(error)


def test_a_file_without_facts_is_refused() -> None:
    assert "f.toml: fact: missing" == str(refusal(read, '[[party]]\nname = "A"\n'))
    assert "f.toml: fact: empty" == str(refusal(read, "fact = []\n"))
    error = refusal(read, WHOLE.replace("Example Audit LLC", "self"))
    assert "f.toml: party.0.name: 'self' is the entity itself" == str(error)
    twice = WHOLE.replace("books/keys/auditor.pub", "books/documents/audit-2026.dsse.json")
    what = "one path for two files: 'books/documents/audit-2026.dsse.json'"
    assert f"f.toml: {what}" == str(refusal(read, twice))


@given(spliced(WHOLE))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        parse_facts(data, "f.toml", REGISTRY)
