from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attest.findings import Finding
from attest.predicate import Findings
from attest.report.markdown import render
from attest.report.numbers import Grid, Judge, has_numbers, judges, numbers_of
from tests.attest.regulated import findings, fx1

if TYPE_CHECKING:
    from attest.pipeline import Work

FACTS = {
    "formula": "20 * a <= b",
    "instruments/btc/online": "400",
    "instruments/btc/share": "0.04",
    "distance": "2",
    "inputs/price of btc/source": "prices.csv",
    "inputs/price of btc/value": "15 jpy",
    "share": "0.04",
    "status": "bill",
    "source_grade": "found",
    "zeal": "none",
    "reference": "Act 1",
}


def finding(facts: dict[str, str]) -> Finding:
    return Finding("jp_x", "jp", "share_limit/1", "fail", "jpy", "too much", facts)


def judged(work: Work, pack: str) -> tuple[Finding, ...]:
    found = findings(fx1().case(work), pack)
    return tuple(one for key, one in found.items() if ":" in key)


def test_facts_become_lines_and_tables_in_one_order() -> None:
    numbers = numbers_of(finding(FACTS))

    assert numbers.lines == (("Share", "0.04"), ("Distance", "2"), ("Zeal", "none"))
    assert numbers.grids == (
        Grid("Inputs", ("value", "source"), (("price of btc", "15 jpy", "prices.csv"),)),
        Grid("Instruments", ("share", "online"), (("btc", "0.04", "400"),)),
    )
    assert numbers == numbers_of(finding(dict(reversed(FACTS.items()))))


def test_base_units_are_shown_as_display_units_where_the_decimals_are_told() -> None:
    facts = {"decimals": "8", "online": "40000000001", "distance": "-1", "share": "0.04"}

    assert numbers_of(finding(facts)).lines == (
        ("Share", "0.04"),
        ("Distance", "-0.00000001"),
        ("Online", "400.00000001"),
    )


def test_a_rule_is_listed_once_if_it_says_what_it_is() -> None:
    rows = (finding(FACTS), finding(FACTS), finding({"owed": "5"}))

    assert judges(rows) == (
        Judge(
            "jp/jp_x",
            "not law: a bill, or decided by a government for one",
            "Act 1",
            "found in a source that was read",
            "20 * a <= b",
        ),
    )
    assert has_numbers(finding(FACTS))
    assert not has_numbers(finding({"owed": "5", "formula": "a"}))


def test_the_report_shows_test_inputs_and_instruments(work: Work) -> None:
    found = judged(work, "jp-psa")
    proposed = judged(work, "jp-liability-reserve")
    said = replace(work.predicate, findings=Findings(found, proposed, ()))
    text = render(said).decode()

    assert "#### jp-psa/jp_hot_5, `jpy`: PASS\n" in text
    assert "| jp-psa/jp_hot_5 | law in force | PSA 63-11(2); CAEO 27(2) | found in a source" in text
    assert "| jp-psa/jp_coverage | law in force |" in text
    assert "| Inputs | value | grade | source |\n|---|---|---|---|\n" in text
    assert "| price of btc | 15000000 jpy | declared | prices.csv, an index, spot, as of" in text
    assert "| btc | 0.040000000000 | 400 | 6000000000 | 10000 | 150000000000 |\n" in text
    assert "### Proposals" in text
    assert "| jp-liability-reserve/jp_reserve | not law: a bill, or" in text
    assert "never added up" in text
    assert "never added up" not in render(work.predicate).decode()


def test_a_statement_of_the_form_before_is_rendered_as_it_was(work: Work) -> None:
    found = judged(work, "jp-psa")
    former = replace(
        work.predicate,
        findings=Findings(found, (), ()),
        tool=replace(work.predicate.tool, form="1"),
    )

    assert "#### " not in render(former).decode()
