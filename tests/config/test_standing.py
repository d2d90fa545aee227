from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from config.policy import parse_pack
from config.standing import BLOCKS, DATED, Standing, Status, check_standing, first_day, last_day
from tests.config.known import refusal

HEAD = 'id = "p"\nversion = "1"\ntitle = "P"\n'
RULE = """
[[rule]]
id = "r"
kind = "coverage/2"
title = "R"
severity = "fail"
reference = "Act 1"
"""
STANDING = """\
[rule.standing]
status = "in_force"
since = "2020-05-01"
grade = "found"
source = "a gazette"
seen = "2026-11-22"
period = "always"
"""
FOUND = Standing("in_force", "found", "a gazette", "2026-11-22", "always", since="2020-05-01")


def refused(text: str) -> str:
    return str(refusal(parse_pack, text.encode(), "p.toml"))


def test_each_status_has_a_block() -> None:
    assert set(get_args(Status)) == BLOCKS.keys()
    assert {BLOCKS[status] for status in DATED} == {"in_force"}


def test_a_standing_is_read_with_its_days() -> None:
    (rule,) = parse_pack((HEAD + RULE + STANDING).encode(), "p.toml").rule

    assert rule.standing == FOUND
    assert first_day(FOUND) == date(2020, 5, 1)
    assert last_day(FOUND) is None
    assert last_day(replace(FOUND, until="2026-12-31")) == date(2026, 12, 31)


def test_a_pack_s_standing_is_that_of_its_rules_without_one() -> None:
    whole = (
        HEAD
        + STANDING.replace("[rule.standing]", "[standing]")
        + RULE
        + RULE.replace('id = "r"', 'id = "s"')
        + STANDING.replace("in_force", "bill").replace('since = "2020-05-01"\n', "")
    )
    pack = parse_pack(whole.encode(), "p.toml")

    assert [pack.block_of(rule) for rule in pack.rule] == ["in_force", "proposals"]
    assert pack.standing_of(pack.rule[0]) == FOUND


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[rule.standing]", "[rule.law]", ".law: unknown key"),
        (
            'since = "2020-05-01"\n',
            "",
            ": standing.since: missing of a rule that is in_force",
        ),
        ("2020-05-01", "2020-02-30", ": no such day: '2020-02-30'"),
        ("2026-11-22", "2026-11-31", ": no such day: '2026-11-31'"),
        (
            'period = "always"',
            'period = "always"\nuntil = "2020-04-30"',
            ": standing.until: ends on 2020-04-30, begins on 2020-05-01",
        ),
        (
            'grade = "found"',
            'grade = "unverified"',
            ": nobody has looked it up, so it warns and is not required",
        ),
        ('reference = "Act 1"\n', "", ".reference: missing: a rule that is not our own"),
        (
            'source = "a gazette"',
            'source = ""',
            ".standing.source: string should have at least 1 character, met ''",
        ),
    ],
)
def test_a_standing_that_shows_nothing_is_refused(old: str, new: str, message: str) -> None:
    assert old in RULE + STANDING
    assert f"p.toml: rule.0{message}" == refused(HEAD + (RULE + STANDING).replace(old, new))


def test_every_word_of_a_standing_is_one_of_a_list() -> None:
    for key, word in (("status", "law"), ("grade", "sure"), ("period", "daily")):
        lines = [
            f'{key} = "{word}"' if line.startswith(f"{key} ") else line
            for line in STANDING.splitlines()
        ]
        assert refused(HEAD + RULE + "\n".join(lines)).startswith(
            f"p.toml: rule.0.standing.{key}: "
        )


def test_a_rule_has_a_block_by_one_of_both() -> None:
    assert refused(HEAD + RULE) == "p.toml: rule.0: neither the rule nor its pack has a standing"
    blocked = HEAD + 'block = "stress"\n'
    what = "a rule that is in_force in a pack of block stress"
    assert refused(blocked + RULE + STANDING) == f"p.toml: rule.0.standing.status: {what}"
    pack = parse_pack((blocked + RULE).encode(), "p.toml")
    assert pack.block_of(pack.rule[0]) == "stress"


def test_our_own_rule_needs_no_day_and_no_reference() -> None:
    own = replace(FOUND, status="own", grade="own", since=None)
    check_standing(own)
    text = HEAD + RULE.replace('reference = "Act 1"\n', "")
    text += STANDING.replace("in_force", "own").replace('since = "2020-05-01"\n', "")
    assert parse_pack(text.replace("found", "own").encode(), "p.toml").rule[0].standing == own
