"""The exchange at scale: its books close, its warnings are these, and a verifier sees the same."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from attest.cli.load import gather
from attest.pipeline import EVIDENCE
from attest.report.markdown import render
from tests.cli.command import Ran, attest
from tests.examples.at_scale.papers import by_the_rules_of_japan
from tests.examples.at_scale.replaying import (
    FOLDER,
    Exchange,
    figures,
    judged,
    open_exchange,
    told,
)

if TYPE_CHECKING:
    from pathlib import Path

    from attest.pipeline import Work

COMPARED = ("eth", "gamepoint", "ltc", "usdc", "usdt")
REMARKABLE = {
    # Staked, lent and held by custodians: it covers, and is not free.
    "free_coverage eth": "warn",
    "free_coverage usdc": "warn",
    # Left out of the comparison.
    "instrument_scope xrp": "warn",
    # Three items are false.
    "reconciling_items": "warn",
    "reconciling_items eth": "warn",
    # Nodes say what is there, and not what came and went.
    "reading_limits": "warn",
    "cold_moved": "unknown",
    "in_and_out ltc": "unknown",
    "sent_on": "unknown",
    # Nothing states who signs together, and the statement before was of holdings alone.
    "domain_share": "unknown",
    "liability_jump": "unknown",
}


@pytest.fixture(scope="module")
def work() -> Work:
    exchange = open_exchange()
    return judged(exchange, exchange.files)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """A folder with the bundle of a run by the command line, and its key."""
    place = tmp_path_factory.mktemp("at-scale")
    assert attest("keys", "new", place / "signer", "--unencrypted").code == 0
    arguments = ("--key", place / "signer", "-o", place / "bundle", "--json")
    return place, attest("run", FOLDER / "declaration.toml", *arguments)


def verified(place: Path, *arguments: str | Path) -> Any:  # noqa: ANN401 - what it prints as JSON
    return attest("verify", place / "bundle", *arguments, "--allow-test", "--json").document


def test_it_passes_with_these_remarks_and_no_others(work: Work) -> None:
    quiet = ("pass", "not_applicable")
    found = {key: status for key, status in told(work).items() if status not in quiet}

    assert found == REMARKABLE
    assert work.predicate.outcome == "pass"


def test_every_compared_instrument_closes_to_the_unit(work: Work) -> None:
    assert dict.fromkeys(COMPARED, ("0", "0")) == {
        name: figure for name, figure in figures(work).items() if name != "xrp"
    }


def test_it_has_the_size_of_an_exchange_in_small(work: Work) -> None:
    control = work.predicate.control

    assert int(control.accounts) > 3_000
    assert {"proved": control.claims} == {
        word: count for word, count in control.outcomes.items() if count != "0"
    }
    assert control.bands["sampled"] == "280"


def test_seventeen_items_are_true_and_three_are_not(work: Work) -> None:
    reasons = [one.reason for one in work.case.items]

    assert [one.verdict for one in work.case.items].count("confirmed") == 17
    assert sorted(filter(None, reasons)) == [
        "account_not_counted",
        "account_not_counted",
        "amount_differs",
        "way_not_controlled",
        "wrong_side",
    ]


def test_a_run_by_the_command_line_says_the_same(ran: tuple[Path, Ran], work: Work) -> None:
    place, run = ran
    document = json.loads(run.out)

    assert (run.code, run.complaint, document["outcome"]) == (0, (), "pass")
    assert (place / "bundle/att/0002.payload.json").read_bytes() == work.payload


def test_who_trusts_the_custodians_sees_a_pass(ran: tuple[Path, Ran]) -> None:
    place, _ = ran
    for name in ("trust.toml", "exchange.pub", "reviewer.pub"):
        shutil.copy(FOLDER / name, place / name)
    shutil.copytree(FOLDER / "books/keys", place / "books/keys")
    met = verified(place, "--trust", place / "trust.toml")

    assert (met["authenticity"], met["outcome"], met["level"]) == ("valid", "pass", "L3")
    codes = {"grade_a", "parameter", "registry_asset", "registry_instrument"}
    assert codes == {one["code"] for one in met["differences"]}


def test_who_trusts_the_signer_alone_does_not_know(ran: tuple[Path, Ran]) -> None:
    place, _ = ran
    met = verified(place, "--key", place / "signer.pub")

    assert (met["authenticity"], met["outcome"], met["level"]) == ("valid", "unknown", "L3")
    assert "custodian_untrusted" in {one["code"] for one in met["differences"]}


def test_the_report_walks_from_the_ledger_to_the_difference(ran: tuple[Path, Ran]) -> None:
    place, _ = ran
    report = (place / "bundle/report/report.md").read_text()

    for instrument in COMPARED:
        walk = report.partition(f"### {instrument}: from the ledger to the difference")[2]
        steps = walk.partition("###")[0]
        assert "| **Difference** | **0** |" in steps
        assert "| Left to explain | 0 |" in steps


def steps_of(text: str) -> list[tuple[str, str]]:
    """Give step and amount of the first table of steps in a text, those of one asset apart."""
    table = text.partition("| Step |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.split("|")[1:3]] for line in table]
    return [(step, amount) for step, amount in cells if "`" not in step]


def test_the_walk_of_the_readme_is_the_reports(ran: tuple[Path, Ran]) -> None:
    place, _ = ran
    report = (place / "bundle/report/report.md").read_text()
    walk = report.partition("### eth: from the ledger to the difference")[2]
    readme = steps_of((FOLDER / "README.md").read_text())

    assert [one for one in steps_of(walk) if "Network fees" not in one[0]] == readme
    assert ("Left to explain", "0") in readme


def test_the_readme_names_what_is_remarked_on() -> None:
    readme = (FOLDER / "README.md").read_text()

    assert [key for key in REMARKABLE if f"`{key.split()[0]}`" not in readme] == []


@pytest.fixture(scope="module")
def japan() -> Work:
    """The same exchange, judged by the rules of Japan, its plans and past losses too."""
    files, criteria = gather(FOLDER / "declaration-japan.toml")
    evidence = {
        name: data for name, data in open_exchange().files.items() if name.startswith(EVIDENCE)
    }
    exchange = Exchange({**evidence, **files}, criteria)
    return judged(exchange, exchange.files)


def test_both_declarations_are_of_one_exchange() -> None:
    plain = (FOLDER / "declaration.toml").read_text()

    assert (FOLDER / "declaration-japan.toml").read_text() == by_the_rules_of_japan(plain)


def test_what_is_covered_may_still_not_meet_the_law(japan: Work) -> None:
    found = [one for one in japan.predicate.findings.in_force if one.pack == "jp-psa"]
    statuses = {f"{one.code} {one.subject}": one.status for one in found}

    assert japan.predicate.outcome == "fail"
    assert sorted(key for key, status in statuses.items() if status == "fail") == [
        "jp_apart customer",
        "jp_guarantee eth",
        "jp_guarantee gamepoint",
        "jp_guarantee ltc",
        "jp_guarantee usdc",
        "jp_guarantee usdt",
        "jp_unmatched jpy",
    ]
    assert set(statuses.values()) == {"pass", "fail", "not_applicable"}
    (hot,) = (one for one in found if one.code == "jp_hot_5")
    assert hot.facts["share"].startswith("0.029")


def test_plans_and_past_losses_stand_in_blocks_of_their_own(japan: Work) -> None:
    findings = japan.predicate.findings
    plans = {one.code: one for one in findings.proposals}
    losses = {one.code: one for one in findings.stress}

    assert plans["jp_reserve"].facts["required"] == "20000000"
    assert plans["jp_reserve"].status == "would_pass"
    assert plans["jp_reserve_sensitivity"].status == "would_fail"
    survived = ("bitpoint_2019", "coincheck_2018", "swissborg_2025")
    assert {losses[name].status for name in survived} == {"would_pass"}
    assert losses["bybit_2025"].status == "would_fail"
    assert losses["bybit_2025"].facts["shortfall"] == "433970205.264947605756"
    (offline,) = (
        one for one in findings.stress if (one.code, one.subject) == ("smallest_by_tier", "offline")
    )
    assert offline.facts["smallest"] == "415000001"
    assert not {"pass", "fail", "warn", "unknown"} & {
        one.status for one in (*findings.proposals, *findings.stress)
    }


def test_the_report_shows_each_block_by_itself(japan: Work) -> None:
    text = render(japan.predicate).decode()
    blocks = ["### Law and rules in force", "### Proposals", "### Stress"]

    assert [text.index(block) for block in blocks] == sorted(text.index(one) for one in blocks)
    readme = (FOLDER / "README.md").read_text()
    rules = {one.code for one in japan.predicate.findings.stress}
    assert {"bybit_2025", "wazirx_2024", "smallest_by_tier"} <= rules
    assert "415,000,001" in readme
