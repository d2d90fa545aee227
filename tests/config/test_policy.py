from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import policy
from config.errors import InputError
from config.policy import (
    Pack,
    Policy,
    Rule,
    assemble,
    pack_of,
    parse_named,
    parse_pack,
    shipped_pack,
    shipped_packs,
)
from tests.config.known import refusal

HEAD = 'id = "strict"\nversion = "2"\ntitle = "Strict checks"\nblock = "proposals"\n'
RULE = """
[[rule]]
id = "coverage"
kind = "coverage/2"
title = "Covered"
severity = "fail"
reference = "Act, article 1"
parameters = { bands = ["controlled"], minimum = "1", seconds = 60 }
"""
STRICT = (HEAD + RULE).encode()
OTHER = (HEAD.replace("strict", "other") + RULE).encode()


def refused(text: str) -> str:
    return str(refusal(parse_pack, text.encode(), "strict.toml"))


def test_reads_a_pack() -> None:
    parameters: dict[str, int | str | tuple[str, ...]] = {
        "bands": ("controlled",),
        "minimum": "1",
        "seconds": 60,
    }
    rule = Rule("coverage", "coverage/2", "Covered", "fail", "Act, article 1", parameters)
    expected = Pack("strict", "2", "Strict checks", (rule,), "proposals")
    assert expected == parse_pack(STRICT, "strict.toml")
    crlf = b"\xef\xbb\xbf" + STRICT.replace(b"\n", b"\r\n")
    assert expected == parse_pack(crlf, "strict.toml")


def test_the_shipped_pack_is_read() -> None:
    pack = parse_pack(shipped_pack("core"), "core.toml")
    assert ("core", "8") == (pack.id, pack.version)
    assert {("in_force", "own", "own")} == {
        (pack.block_of(rule), stated.status, stated.grade)
        for rule in pack.rule
        if (stated := pack.standing_of(rule)) is not None
    }
    assert {None} == {rule.standing for rule in pack.rule}
    assert "coverage" in {rule.id for rule in pack.rule}


@pytest.mark.parametrize("name", ["", "Core", "core.toml", "../policies/core", "core\0", "jp"])
def test_a_pack_that_is_not_shipped_is_refused(name: str) -> None:
    error = refusal(shipped_pack, name)
    hint = f"packs: {', '.join(shipped_packs())}"
    assert (f"unknown policy pack: {name!r}", hint) == (str(error), error.hint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "strict.toml: file is empty"),
        (HEAD, "strict.toml: rule: missing"),
        (HEAD + "rule = []\n", "strict.toml: rule: a pack without rules"),
        (HEAD + RULE + RULE, "strict.toml: rule: two rules with one id: 'coverage'"),
        (HEAD + "limit = 1\n" + RULE, "strict.toml: limit: unknown key"),
        (
            HEAD.replace("proposals", "law") + RULE,
            "strict.toml: block: input should be 'in_force', 'proposals' or 'stress', met 'law'",
        ),
        (
            HEAD + RULE.replace("fail", "info"),
            "strict.toml: rule.0.severity: input should be 'fail' or 'warn', met 'info'",
        ),
        (
            HEAD + RULE.replace("coverage/2", "coverage"),
            (
                "strict.toml: rule.0.kind: string should match pattern '^[a-z_]+/[1-9][0-9]*$', "
                "met 'coverage'"
            ),
        ),
        (
            HEAD + RULE.replace('minimum = "1"', "minimum = 0.5"),
            "strict.toml: rule.0.parameters.minimum: float not allowed: 0.5",
        ),
        (
            HEAD + RULE.replace('minimum = "1"', "minimum = true"),
            "strict.toml: rule.0.parameters.minimum: not of a kind allowed here, met True",
        ),
        (
            HEAD + RULE.replace('["controlled"]', "[1]"),
            "strict.toml: rule.0.parameters.bands: not of a kind allowed here, met [1]",
        ),
        (
            HEAD.replace('"2"', "2") + RULE,
            "strict.toml: version: input should be a valid string, met 2",
        ),
        (
            HEAD.replace('"strict"', '"../strict"') + RULE,
            (
                "strict.toml: id: string should match pattern '^[a-z0-9][a-z0-9-]{0,40}$', "
                "met '../strict'"
            ),
        ),
    ],
)
def test_a_pack_that_is_not_as_documented_is_refused(text: str, message: str) -> None:
    assert message == refused(text)


def test_a_pack_over_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "MAX_BYTES", 10)
    expected = f"strict.toml: file too large: {len(STRICT)} bytes, the limit is 10"
    assert expected == str(refusal(parse_pack, STRICT, "strict.toml"))


def assembled(**parameters: int | str) -> Policy:
    return assemble(
        (("strict", STRICT),), {key.replace("__", "."): v for key, v in parameters.items()}
    )


def test_packs_are_judged_in_the_order_of_the_declaration() -> None:
    texts = (("strict", STRICT), ("other", OTHER))
    found = assemble(texts, {})
    assert ["strict", "other"] == [pack.id for pack in found.packs]
    assert texts == found.texts


def test_a_parameter_replaces_the_rule_s_own_and_nothing_else() -> None:
    (plain,) = assembled().packs
    (replaced,) = assembled(coverage__minimum="1.05", coverage__seconds=30).packs
    expected = {"bands": ("controlled",), "minimum": "1.05", "seconds": 30}
    assert expected == replaced.rule[0].parameters
    assert (plain.id, plain.rule[0].kind) == (replaced.id, replaced.rule[0].kind)
    assert "1" == plain.rule[0].parameters["minimum"]
    assert STRICT == assembled(coverage__minimum="1.05").texts[0][1]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("minimum", "1", "policies.parameters: unknown: 'minimum'"),
        ("coverage.maximum", "1", "policies.parameters: unknown: 'coverage.maximum'"),
        ("Coverage.minimum", "1", "policies.parameters: unknown: 'Coverage.minimum'"),
        ("strict.coverage.minimum", "1", "policies.parameters: unknown: 'strict.coverage.minimum'"),
        (
            "coverage.bands",
            "observed",
            (
                "policies.parameters.coverage.bands: not of the same kind: 'observed' for "
                "('controlled',)"
            ),
        ),
        (
            "coverage.minimum",
            1,
            "policies.parameters.coverage.minimum: not of the same kind: 1 for '1'",
        ),
        (
            "coverage.seconds",
            "60",
            "policies.parameters.coverage.seconds: not of the same kind: '60' for 60",
        ),
    ],
)
def test_a_parameter_that_no_rule_has_is_refused(key: str, value: int | str, message: str) -> None:
    error = refusal(assemble, (("strict", STRICT),), {key: value})
    assert message == str(error)
    if "unknown" in message:
        known = "parameters: coverage.bands, coverage.minimum, coverage.seconds"
        assert known == error.hint


def test_a_parameter_of_two_packs_is_refused() -> None:
    texts = (("strict", STRICT), ("other", OTHER))
    expected = "policies.parameters: 'coverage.minimum' is of rules in 2 packs"
    assert expected == str(refusal(assemble, texts, {"coverage.minimum": "0"}))


def test_no_pack_twice_a_pack_and_a_pack_under_another_name_are_refused() -> None:
    assert "policies.packs: empty" == str(refusal(assemble, (), {}))
    twice = (("strict", STRICT), ("strict", STRICT))
    assert "policies.packs: a pack is named twice" == str(refusal(assemble, twice, {}))
    other = refusal(assemble, (("core", STRICT),), {})
    assert "core.toml: id: pack is 'strict', its file is 'core'" == str(other)


def test_an_own_pack_stands_beside_the_shipped_ones_and_before_none() -> None:
    own = {"strict": STRICT}
    assert STRICT == pack_of("strict", own)
    assert shipped_pack("core") == pack_of("core", own)
    assert "unknown policy pack: 'other'" == str(refusal(pack_of, "other", own))
    for name in shipped_packs():
        expected = f"an own policy pack under the name of a shipped one: {name}"
        assert expected == str(refusal(pack_of, "strict", {**own, name: STRICT}))


def test_a_pack_is_read_under_its_own_name() -> None:
    assert parse_pack(STRICT, "a") == parse_named(STRICT, "strict", "in/strict.toml")
    other = refusal(parse_named, STRICT, "other", "in/other.toml")
    assert "in/other.toml: id: pack is 'strict', its file is 'other'" == str(other)


@given(st.binary(max_size=60), st.integers(min_value=0, max_value=len(STRICT)))
def test_any_bytes_are_read_or_refused(data: bytes, place: int) -> None:
    for text in (data, STRICT[:place] + data, STRICT[:place] + data + STRICT[place + len(data) :]):
        with contextlib.suppress(InputError):
            assert parse_pack(text, "strict.toml").rule


@pytest.mark.parametrize(
    ("pack", "key", "value", "allowed"),
    [
        ("jp-psa", "jp_hot_5.limit", "0.5", False),
        ("jp-psa", "jp_capital.maximum_days", 9999, False),
        ("jp-psa", "jp_books_transactions.limit", "10", True),
        ("sg", "sg_cold_90.limit", "0.1", False),
        ("jp-liability-reserve", "jp_reserve.floor", "1", True),
        ("past-losses", "smallest_by_tier.currency", "usd", True),
        ("core", "as_of_skew.maximum_seconds", 600, True),
    ],
)
def test_no_declaration_replaces_a_figure_of_what_is_in_force(
    pack: str, key: str, value: int | str, *, allowed: bool
) -> None:
    texts = ((pack, shipped_pack(pack)),)
    if allowed:
        (made,) = assemble(texts, {key: value}).packs
        rule = next(one for one in made.rule if one.id == key.partition(".")[0])
        assert value == rule.parameters[key.partition(".")[2]]
        return
    error = refusal(assemble, texts, {key: value})
    what = f"policies.parameters.{key}: a figure of what is in force: {key.partition('.')[2]}"
    assert (what, "state another figure in a pack of your own, under another name") == (
        str(error),
        error.hint,
    )
