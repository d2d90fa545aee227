from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.report import guide, markdown
from attest.report.tables import accounts_table, controls_table
from attest.wording import ASSERTION, LIMITATIONS, PROCEDURES
from chains.snapshot import FailedRead

if TYPE_CHECKING:
    from attest.pipeline import Work

RESERVED = re.compile(r"\b(audit\w*|solven\w*|opinion\w*|guarantee[sd]? that)\b", re.IGNORECASE)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_the_report_is_the_predicate_s_alone(work: Work) -> None:
    text = markdown.render(work.predicate).decode()

    assert text == markdown.render(work.predicate).decode()
    assert text.startswith("# Custody attestation (TEST NETWORK")
    assert "PASS: every rule that applies is met" in text
    for section in ("What was compared", "Findings", "Blocks", "Scope", "What this does not show"):
        assert f"\n## {section}\n" in text


def test_the_report_shows_every_line_finding_and_input(work: Work) -> None:
    text = markdown.render(work.predicate).decode()

    for pin in work.predicate.as_of.anchors:
        assert pin.block_hash in text
    for one in work.predicate.inputs:
        assert one.sha256 is not None
        assert one.sha256 in text
    assert text.count("\n| PASS |") == sum(
        finding.status == "pass" for finding in work.predicate.findings.in_force
    )
    assert "| ltc | 120 | 126.75 | 6.75 | 1.056250000000 |" in text


@pytest.mark.parametrize(
    ("outcome", "headline"), [("fail", "**FAIL: at least"), ("unknown", "**UNKNOWN: at least")]
)
def test_the_worst_status_is_the_headline(work: Work, outcome: str, headline: str) -> None:
    worst = replace(work.predicate, outcome=outcome)  # type: ignore[arg-type]

    assert headline in markdown.render(worst).decode()


def test_what_decides_the_outcome_stands_under_the_headline(work: Work) -> None:
    passed = work.predicate.findings.in_force
    failed = replace(passed[0], status="fail", text="short by 1")
    findings = replace(work.predicate.findings, in_force=(failed, *passed[1:]))
    text = markdown.render(replace(work.predicate, findings=findings)).decode()

    assert "- FAIL, core/coverage, `eth`: short by 1\n\n| | |\n" in text
    assert "- PASS" not in text


def test_a_report_of_nothing_says_so(work: Work) -> None:
    nothing = replace(
        work.predicate,
        network="main",
        holdings=(),
        comparison=(),
        obligations=(),
        challenge=None,
        scope=replace(work.predicate.scope, compared=(), held_only=("btc",)),
    )
    text = markdown.render(nothing).decode()

    assert "TEST" not in text.splitlines()[0]
    for sentence in ("Nothing was held or owed.", "No balance was read.", "None were given."):
        assert sentence in text


@pytest.mark.parametrize(
    "name",
    [
        "[click](http://evil.example)",
        "**bold** | cell | cell",
        "<script>alert(1)</script>",
        "![x](http://evil.example/x.png)",
        "line\nbreak",
        "\u202egnip\u202c",
        "`code`",
    ],
)
def test_a_name_is_neither_markup_nor_a_link(work: Work, name: str) -> None:
    party = replace(work.predicate.responsible_party, name=name)
    text = markdown.render(replace(work.predicate, responsible_party=party)).decode()
    shown = next(line for line in text.splitlines() if line.startswith("| Responsible party"))

    assert "\u202e" not in text
    assert not re.search(r"(?<!\\)[\[\]<>`*]", shown)
    assert len(re.findall(r"(?<!\\)\|", shown)) == 3


@given(st.text())
def test_an_escaped_text_has_no_markup_left(text: str) -> None:
    escaped = markdown.escape(text)

    assert not re.search(r"[\x00-\x1f\x7f]", escaped)
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]<>`*|]", escaped)


@given(st.text())
def test_code_stays_in_its_ticks(text: str) -> None:
    shown = markdown.code(text)

    assert shown.count("`") == 2
    assert "|" not in shown
    assert "\n" not in shown


def test_the_account_table_has_every_position_and_failure(work: Work) -> None:
    account, asset = work.case.positions[0].account, work.case.positions[0].asset
    failure = FailedRead(account, asset, "sources_disagree", (("a", "1"), ("b", "2")))
    chain = replace(work.case.snapshot.chains[0], failures=(failure,))
    snapshot = replace(work.case.snapshot, chains=(chain, *work.case.snapshot.chains[1:]))
    found = rows(accounts_table(replace(work.case, snapshot=snapshot)))

    assert len(found) == len(work.case.positions) + 1
    assert (found[-1]["units"], found[-1]["evidence"]) == ("", "sources_disagree")
    assert sum(int(one["units"]) for one in found[:-1]) == sum(
        one.units for one in work.case.positions
    )


def test_the_control_table_has_every_claim(work: Work) -> None:
    found = rows(controls_table(work.case))

    assert [one["line"] for one in found] == [str(one.line) for one in work.case.controls]
    assert {one["outcome"] for one in found} == {"proved"}


def test_no_cell_of_a_table_can_be_a_formula(work: Work) -> None:
    for data in (accounts_table(work.case), controls_table(work.case)):
        for row in csv.reader(io.StringIO(data.decode())):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row)


def test_the_guide_names_the_files_of_the_statement() -> None:
    text = guide.render("0007").decode()

    assert "att/0007.payload.json" in text
    assert "NUMBER" not in text


def test_words_of_a_practitioner_are_not_used(work: Work) -> None:
    fixed = [ASSERTION, *LIMITATIONS, *(one.text for one in PROCEDURES)]

    assert not [text for text in fixed if RESERVED.search(text)]
    assert not RESERVED.search(markdown.render(work.predicate).decode())
