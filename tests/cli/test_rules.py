"""attest rules: what packs hold, in words, and whether one's own can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from attest.rules import described
from attest.rules.trying import tried_pack
from attest.wording import GRADES, STATUSES
from config.policy import parse_pack, shipped_pack, shipped_packs
from config.standing import BLOCKS, Grade, Period, Status
from tests.cli.command import attest

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'id = "house"\nversion = "3"\ntitle = "House limits"\njurisdiction = "JP"\n'
STANDING = """
[standing]
status = "bill"
grade = "derived"
source = "a newspaper, and our arithmetic"
seen = "2026-11-22"
period = "month_end"
until = "2030-01-01"
scope = "members"
cure = "two days"
unverified = ["the day", "the rate"]
"""
RULE = """
[[rule]]
id = "house_hot"
kind = "share_limit/1"
title = "Little is online"
severity = "fail"
reference = "Bill 12, article 3"
[rule.parameters]
part = "online"
of = "owed"
bound = "at_most"
limit = "0.02"
aggregation = "per_asset"
"""
PLAIN = """
[[rule]]
id = "house_skew"
kind = "as_of_skew/1"
title = "Blocks lie close to the time"
severity = "warn"
required = false
parameters = { maximum_seconds = 60 }
[rule.standing]
status = "own"
grade = "own"
source = "the author's own"
seen = "2026-11-22"
period = "statement"
since = "2026-01-01"
until = "2026-12-31"
"""
SHOWN = """\
rule: house/house_hot
title: Little is online
pack: house version 3: House limits
place: JP
stands among: proposals
status: bill: not law: a bill, or decided by a government for one
applies: until 2030-01-01, days of UTC
reference: Bill 12, article 3
grade: derived: derived by arithmetic from a source that was read
source: a newspaper, and our arithmetic; seen 2026-11-22
unverified: the day
unverified: the rate
applies to: members
cure: two days
period: at each month's end
a breach: would_fail: shown among proposals, and decides nothing
no answer: would_unknown: shown, and decides nothing
test: 50 * online <= 1 * owed, for each instrument
inputs: accounts: online; liabilities
kind: share_limit/1
parameter: "house_hot.part" = "online"
parameter: "house_hot.of" = "owed"
parameter: "house_hot.bound" = "at_most"
parameter: "house_hot.limit" = "0.02"
parameter: "house_hot.aggregation" = "per_asset"
"""


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    return pack(tmp_path, HEAD + STANDING + RULE + PLAIN)


def pack(folder: Path, text: str, name: str = "house") -> Path:
    (folder / f"{name}.toml").write_text(text)
    return folder


def every_rule() -> set[tuple[str, str]]:
    packs = [parse_pack(shipped_pack(name), name) for name in shipped_packs()]
    return {(one.id, rule.id) for one in packs for rule in one.rule}


def test_every_shipped_rule_is_listed_once(policies: Path) -> None:
    header, *rows = attest("rules", "list").out.splitlines()
    assert header == "pack\tid\tstatus\tapplies\tgrade\tseverity\tperiod\ttitle"
    listed = [tuple(row.split("\t")[:2]) for row in rows]
    assert every_rule() == set(listed)
    assert len(set(listed)) == len(listed)
    assert {len(row.split("\t")) for row in rows} == {8}

    document = attest("rules", "list", "--policies", policies, "--json").document
    with_own = [(one["pack"], one["id"]) for one in document["rules"]]
    assert [*listed, ("house", "house_hot"), ("house", "house_skew")] == with_own


def test_packs_are_chosen_by_name(policies: Path) -> None:
    chosen = attest("rules", "list", "--policies", policies, "--pack", "house", "--pack", "jp-psa")
    packs = {row.split("\t")[0] for row in chosen.out.splitlines()[1:]}
    assert {"house", "jp-psa"} == packs

    for given, said in (((), ""), (("--policies", policies), f"no file of {policies}")):
        ran = attest("rules", "list", "--pack", "horse", *given)
        assert (3, "") == (ran.code, ran.out)
        assert "unknown policy pack: 'horse'" in ran.complaint[0]
        assert said in ran.complaint[0]
        assert "packs: core, " in ran.complaint[1]


def test_a_row_says_what_is_stated_and_what_is_not(policies: Path) -> None:
    ran = attest("rules", "list", "--policies", policies, "--pack", "house")
    rows = [row.split("\t") for row in ran.out.splitlines()[1:]]
    assert rows == [
        [
            *("house", "house_hot", "bill", "until 2030-01-01", "derived", "fail", "month_end"),
            "Little is online",
        ],
        [
            *("house", "house_skew", "own", "from 2026-01-01 until 2026-12-31", "own", "warn"),
            *("statement", "Blocks lie close to the time"),
        ],
    ]


def test_what_no_standing_states_is_not_stated(tmp_path: Path) -> None:
    pack(tmp_path, HEAD + 'block = "in_force"\n' + RULE)
    given = ("--policies", tmp_path, "--pack", "house")
    (bare,) = attest("rules", "list", *given, "--json").document["rules"]
    assert {"status": None, "since": None, "until": None, "grade": None, "period": None} == {
        key: bare[key] for key in ("status", "since", "until", "grade", "period")
    }
    row = attest("rules", "list", *given).out.splitlines()[1]
    assert ["not stated", "any day", "not stated"] == row.split("\t")[2:5]
    assert "status: not stated\n" in attest("rules", "show", "house_hot", *given).out


def test_a_rule_is_shown_in_words(policies: Path) -> None:
    ran = attest("rules", "show", "house_hot", "--policies", policies)
    assert (0, SHOWN) == (ran.code, ran.out)


def test_what_a_breach_and_no_answer_do_is_said(policies: Path) -> None:
    own = attest("rules", "show", "house_skew", "--policies", policies).out
    assert "a breach: warns: shown, and decides nothing\n" in own
    assert "no answer: is shown, and decides nothing" in own
    law = attest("rules", "show", "jp_hot_5").out
    assert "a breach: fails the statement\n" in law
    assert "no answer: leaves the outcome unknown, which waits for it\n" in law
    assert "test: 20 * sum(online * price) <= 1 * sum(owed * price), over all instruments\n" in law
    assert "unverified: the wording of the offline method, CAEO 27(3)\n" in law
    assert "fixed: limit = 0.05\n" in law
    plan = attest("rules", "show", "jp_reserve").out
    assert 'parameter: "jp_reserve.floor" = ""\n' in plan
    core = attest("rules", "show", "coverage").out
    assert "fixed: bands = controlled, derived\n" in core


@pytest.mark.parametrize("name", ["jp_hot_5", "JP-HOT-5", "jp-psa/jp_hot_5", "JP-PSA/JP-HOT-5"])
def test_a_name_may_be_written_as_people_write_it(name: str) -> None:
    assert "jp_hot_5" == attest("rules", "show", name, "--json").document["id"]


def test_a_document_says_as_much(policies: Path) -> None:
    document = attest("rules", "show", "house_hot", "--policies", policies, "--json").document
    assert {
        "pack": "house",
        "id": "house_hot",
        "status": "bill",
        "since": None,
        "until": "2030-01-01",
        "grade": "derived",
        "severity": "fail",
        "period": "month_end",
        "title": "Little is online",
        "packVersion": "3",
        "packTitle": "House limits",
        "jurisdiction": "JP",
        "block": "proposals",
        "reference": "Bill 12, article 3",
        "standing": {
            "source": "a newspaper, and our arithmetic",
            "seen": "2026-11-22",
            "unverified": ["the day", "the rate"],
            "scope": "members",
            "cure": "two days",
        },
        "required": True,
        "kind": "share_limit/1",
        "test": "50 * online <= 1 * owed, for each instrument",
        "inputs": ["accounts: online", "liabilities"],
        "parameters": {
            "house_hot.part": "online",
            "house_hot.of": "owed",
            "house_hot.bound": "at_most",
            "house_hot.limit": "0.02",
            "house_hot.aggregation": "per_asset",
        },
        "fixed": {},
    } == document


@pytest.mark.parametrize(
    ("arguments", "what", "hint"),
    [
        (["jp_hot"], "unknown rule: 'jp_hot'", "did you mean: jp_hot_5"),
        (
            ["nothing-like-it"],
            "unknown rule: 'nothing-like-it'",
            "attest rules list names them all",
        ),
        (["core/jp_hot_5"], "unknown rule: 'jp_hot_5'", ""),
        (["coverage", "--pack", "jp-psa"], "unknown rule: 'coverage'", "did you mean: jp_coverage"),
        (["horse/jp_hot_5"], "unknown policy pack: 'horse'", "packs: core, "),
        (
            ["core/coverage", "--pack", "jp-psa"],
            "--pack jp-psa, and core/coverage is of another",
            "",
        ),
        ([""], "unknown rule: ''", ""),
        (["\x1b[2J"], r"unknown rule: '\x1b[2J'", ""),
    ],
)
def test_a_rule_that_is_not_there_is_named(arguments: list[str], what: str, hint: str) -> None:
    ran = attest("rules", "show", *arguments)
    assert (3, "") == (ran.code, ran.out)
    assert f"error: {what}" == ran.complaint[0]
    assert hint in "".join(ran.complaint[1:])


def test_a_rule_of_two_packs_is_asked_for_by_one(tmp_path: Path) -> None:
    folder = pack(tmp_path, HEAD + STANDING + RULE.replace("house_hot", "jp_hot_5"))

    ran = attest("rules", "show", "jp_hot_5", "--policies", folder)

    assert 3 == ran.code
    assert "error: rule jp_hot_5 is in several packs: jp-psa, house" == ran.complaint[0]
    for given in (["house/jp_hot_5"], ["jp_hot_5", "--pack", "house"]):
        shown = attest("rules", "show", *given, "--policies", folder)
        assert shown.out.startswith("rule: house/jp_hot_5\n")


@pytest.mark.parametrize(
    "command", [("list",), ("show", "house_hot"), ("show", "house_hot", "--json")]
)
def test_text_of_a_pack_moves_no_cursor_and_forges_no_line(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    evil = r"\u001b[2J[red]\nparameter: \"a\" = 1\tb\u202e | `x` <b>"
    folder = pack(tmp_path, (HEAD + STANDING + RULE).replace("Little is online", evil))

    ran = attest("rules", *command, "--policies", folder)

    assert 0 == ran.code
    assert "[red]" in ran.out
    for character in ("\x1b", "\u202e", '\nparameter: "a"'):
        assert character not in ran.out
    if command == ("list",):
        assert {len(row.split("\t")) for row in ran.out.splitlines()} == {8}


def test_an_own_pack_is_checked(policies: Path) -> None:
    ran = attest("rules", "check", policies / "house.toml")
    assert (0, "ok: house version 3, 2 rules\n") == (ran.code, ran.out)
    document = attest("rules", "check", policies / "house.toml", "--json").document
    assert {"pack": "house", "version": "3", "rules": 2} == document


def test_a_pack_that_is_refused_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    for text, said in (
        (HEAD + RULE, "rule.0: neither the rule nor its pack has a standing"),
        (HEAD + STANDING + RULE + PLAIN.replace("60", '"60"'), "rule.1: parameter house_skew."),
        (
            HEAD + STANDING + RULE.replace("limit =", "limt ="),
            "rule.0: parameter house_hot.limit: ",
        ),
        (HEAD + STANDING + RULE.replace("owed", "owned"), "one of owed, held expected"),
    ):
        path.write_text(text)
        ran = attest("rules", "check", path)
        assert (3, "") == (ran.code, ran.out)
        assert f"error: {path}: " in ran.complaint[0]
        assert said in ran.complaint[0]
    assert (
        3
        == attest(
            "rules", "check", pack(tmp_path, HEAD + STANDING + RULE, "core") / "core.toml"
        ).code
    )
    assert 3 == attest("rules", "check", tmp_path / "absent.toml").code
    assert 3 == attest("rules", "check", tmp_path).code


@pytest.mark.parametrize("name", shipped_packs())
def test_every_parameter_of_a_shipped_pack_is_read(name: str) -> None:
    tried_pack(shipped_pack(name), name, f"{name}.toml")


def test_every_word_of_a_standing_is_in_words() -> None:
    assert set(STATUSES) == set(get_args(Status)) == set(BLOCKS)
    assert set(GRADES) == set(get_args(Grade))
    assert set(described.PERIODS) == set(get_args(Period))
    assert set(described.BLOCKS) == set(BLOCKS.values())
