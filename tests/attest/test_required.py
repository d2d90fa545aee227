from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.apart import take_apart
from attest.required import rule_digest, rules_in, scope_digest, unmet
from config.policy import parse_pack, shipped_pack
from config.times import format_time, parse_time
from config.trust import Requirements
from tests.attest.second import BLOCK, Files, predicate_of, signed_small, trusting

if TYPE_CHECKING:
    from attest.apart import Parts
    from attest.pipeline import Work
    from attest.trust import Trust

DAY = 86_400
DECLARATION = "evidence/inputs/declaration.toml"
CORE = "criteria/policies/core.toml"
NONE = "0" * 64


@pytest.fixture(scope="module")
def parts(signed: Files) -> Parts:
    return take_apart(signed)


def asking(**least: object) -> Trust:
    return trusting(require=Requirements(**least))  # type: ignore[arg-type]  # fields by name


def missing(
    parts: Parts, files: Files, trust: Trust, today: int | None = None
) -> list[tuple[str, str]]:
    now = parse_time(parts.predicate.as_of.time) if today is None else today
    return [(note.code, note.detail) for note in unmet(parts, files, trust, now)]


def test_nothing_is_missing_where_nothing_is_required(parts: Parts, signed: Files) -> None:
    assert [] == missing(parts, signed, asking())
    assert [] == missing(parts, signed, asking(), today=2**33)


@pytest.mark.parametrize(
    ("days", "seconds", "code"),
    [(1, DAY, None), (1, DAY + 1, "too_old"), (0, 0, None), (0, 1, "too_old"), (1, -DAY, None)],
)
def test_an_age_is_counted_to_the_second(
    parts: Parts, signed: Files, days: int, seconds: int, code: str | None
) -> None:
    today = parse_time(parts.predicate.as_of.time) + seconds
    found = missing(parts, signed, asking(max_age_days=days), today)

    assert ([(code, f"{seconds} seconds, accepted are {days} days")] if code else []) == found


def test_a_stale_trust_file_proves_nothing(parts: Parts, signed: Files) -> None:
    stale = replace(asking(), next_update=BLOCK)
    due = format_time(BLOCK)

    assert [] == missing(parts, signed, stale, BLOCK)
    assert [("trust_stale", f"its next update was due {due}")] == missing(
        parts, signed, stale, BLOCK + 1
    )


def test_every_part_of_the_scope_that_lacks_is_named(work: Work) -> None:
    scope = replace(work.predicate.scope, subject_matter=("holdings",))
    files = signed_small(predicate_of(work, scope=scope))
    wanted = asking(scope=("holdings", "obligations", "control"))

    assert [("scope_missing", "obligations"), ("scope_missing", "control")] == missing(
        take_apart(files), files, wanted, BLOCK
    )


def test_a_scope_is_held_to_its_digest(work: Work, parts: Parts, signed: Files) -> None:
    own = scope_digest(parts.predicate.scope)
    for same in (own, own.upper()):
        assert [] == missing(parts, signed, asking(scope_sha256=same))
    assert [("scope_mismatch", f"statement {own}, required {NONE}")] == missing(
        parts, signed, asking(scope_sha256=NONE)
    )
    scope = work.predicate.scope
    changed = {
        scope_digest(replace(scope, **{name: ("other",)}))  # type: ignore[arg-type]  # fields by name
        for name in ("subject_matter", "compared", "held_only", "not_counted")
    }
    assert (4, False) == (len(changed), own in changed)


def test_a_pack_is_held_to_its_file(parts: Parts, signed: Files) -> None:
    met = hashlib.sha256(signed[CORE]).hexdigest()

    for same in (met, met.upper()):
        assert [] == missing(parts, signed, asking(packs={"core": same}))
    assert [
        ("pack_mismatch", f"core: bundle {met}, required {NONE}"),
        ("pack_mismatch", f"jp: bundle none, required {NONE}"),
    ] == missing(parts, signed, asking(packs={"core": NONE, "jp": NONE}))


def test_a_rule_is_held_to_its_digest(parts: Parts, signed: Files) -> None:
    met = rules_in(signed)["core/coverage"]

    for same in (met, met.upper()):
        assert [] == missing(parts, signed, asking(rules={"core/coverage": same}))
    assert [
        ("rule_mismatch", f"core/coverage: bundle {met}, required {NONE}"),
        ("rule_mismatch", f"core/other: bundle none, required {NONE}"),
    ] == missing(parts, signed, asking(rules={"core/coverage": NONE, "core/other": NONE}))


def test_every_rule_of_the_packs_that_judged_has_a_digest(signed: Files) -> None:
    pack = parse_pack(signed[CORE], "core.toml")

    stated = [replace(rule, standing=pack.standing_of(rule)) for rule in pack.rule]
    assert {f"core/{rule.id}": rule_digest(rule) for rule in stated} == rules_in(signed)
    assert len(pack.rule) == len(set(rules_in(signed).values()))


def test_everything_of_a_rule_but_its_title_is_in_its_digest() -> None:
    (rule, *_) = parse_pack(shipped_pack("core"), "core.toml").rule
    own = rule_digest(rule)

    assert own == rule_digest(replace(rule, title="Other words"))
    changes: tuple[dict[str, object], ...] = (
        {"id": "other"},
        {"kind": "coverage/1"},
        {"severity": "warn"},
        {"required": not rule.required},
        {"reference": "a law"},
        {"parameters": {**rule.parameters, "minimum": "0.9"}},
    )
    assert own not in {rule_digest(replace(rule, **one)) for one in changes}  # type: ignore[arg-type]  # fields by name


def test_a_figure_that_the_declaration_replaces_makes_another_rule(
    parts: Parts, signed: Files
) -> None:
    stated = b'packs = ["core"]\nparameters = { "coverage.minimum" = "0" }'
    softer = {**signed, DECLARATION: signed[DECLARATION].replace(b'packs = ["core"]', stated)}
    before, after = rules_in(signed), rules_in(softer)

    assert {"core/coverage"} == {name for name, digest in before.items() if after[name] != digest}
    wanted = asking(rules=before)
    assert ["rule_mismatch"] == [code for code, _ in missing(parts, softer, wanted)]


def test_rules_of_a_pack_that_judged_nothing_are_none(signed: Files) -> None:
    other = signed[CORE].replace(b'id = "core"', b'id = "mine"', 1)

    assert rules_in(signed) == rules_in({**signed, "criteria/policies/mine.toml": other})


@pytest.mark.parametrize("name", [DECLARATION, CORE, "criteria/registry/chains.toml"])
def test_where_a_file_is_withheld_or_broken_no_rule_is_met(
    parts: Parts, signed: Files, name: str
) -> None:
    withheld = {one: data for one, data in signed.items() if one != name}
    wanted = asking(rules={"core/coverage": rules_in(signed)["core/coverage"]})

    for files in (withheld, {**signed, name: b"\xff"}):
        assert {} == rules_in(files)
        assert ["rule_mismatch"] == [code for code, _ in missing(parts, files, wanted)]


def test_everything_is_named_in_one_list(parts: Parts, signed: Files) -> None:
    asked = replace(
        asking(max_age_days=0, scope_sha256=NONE, packs={"jp": NONE}, rules={"jp/a": NONE}),
        next_update=0,
    )
    found = [code for code, _ in missing(parts, signed, asked, today=2**33)]

    expected = ["trust_stale", "too_old", "scope_mismatch", "pack_mismatch", "rule_mismatch"]
    assert expected == found
