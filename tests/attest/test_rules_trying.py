"""A pack is tried before it judges: every parameter of every kind is read, or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.rules.kinds import KINDS, judge
from attest.rules.trying import tried_pack
from config.errors import InputError
from config.policy import Pack, parse_pack
from config.times import parse_time

if TYPE_CHECKING:
    from attest.pipeline import Work

HEAD = 'id = "x"\nversion = "1"\ntitle = "X"\nblock = "in_force"\n'
STANDING = """
[standing]
status = "guidance"
grade = "found"
source = "a rulebook"
seen = "2026-11-22"
period = "always"
"""
TOTAL = {
    "part": '"online"',
    "of": '"owed"',
    "bound": '"at_most"',
    "limit": '"0.05"',
    "aggregation": '"total_value"',
    "currency": '"jpy"',
    "price_basis": '"spot"',
}
SMALLER = {**TOTAL, "smaller_below": '"1000"', "smaller_limit": '"0.5"'}
PER_ASSET = {key: TOTAL[key] for key in ("part", "of", "bound", "limit")} | {
    "aggregation": '"per_asset"'
}
LIMIT = {
    "key": '"reconciliation_missed_days"',
    "kind": '""',
    "bound": '"at_most"',
    "limit": '"5"',
    "maximum_days": "30",
}
FILED = {"days": "90", "unless_accounts": "500", "unless_value": '"10000000"', "currency": '"usd"'}
ONLINE = {
    "aggregation": '"per_asset"',
    "limit": '"0.05"',
    "owners": '["customer"]',
    "offline_owners": '["customer"]',
}
COVERAGE = {
    "bands": '["controlled"]',
    "owners": '["customer"]',
    "bases": '["signed"]',
    "minimum": '"1"',
}


def pack(kind: str, parameters: dict[str, str]) -> bytes:
    rows = "\n".join(f"{key} = {value}" for key, value in parameters.items())
    rule = f'[[rule]]\nid = "a"\nkind = "{kind}"\ntitle = "A"\nseverity = "fail"\n'
    return f"{HEAD}{rule}[rule.parameters]\n{rows}\n".encode()


def refused(kind: str, parameters: dict[str, str]) -> str:
    with pytest.raises(InputError) as caught:
        tried_pack(pack(kind, parameters), "x", "own/x.toml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("share_limit/1", TOTAL),
        ("share_limit/1", SMALLER),
        ("share_limit/1", PER_ASSET),
        ("filed/1", FILED),
        ("fact_limit/1", LIMIT),
        ("online_share/2", ONLINE),
        ("coverage/2", COVERAGE),
        ("duplicate_account/1", {}),
    ],
)
def test_a_pack_in_order_is_read_and_each_slip_is_refused(
    kind: str, parameters: dict[str, str]
) -> None:
    assert (kind,) == tuple(
        one.kind for one in tried_pack(pack(kind, parameters), "x", "own/x.toml").rule
    )
    for key, stated in parameters.items():
        for value in ("-1", '"of no form"', '["no word"]', "[]"):
            said = refused(kind, {**parameters, key: value})
            assert said.startswith("own/x.toml: rule.0: ")
        slip = {**parameters, f"{key}s": stated}
        assert f"parameter a.{key}s: not one of {kind}" in refused(kind, slip)


def test_no_kind_takes_a_parameter_that_it_does_not_read() -> None:
    for kind in KINDS:
        assert "own/x.toml: rule.0: parameter a." in refused(kind, {"nobody_reads_it": "1"})


def test_a_day_beyond_all_calendars_is_no_traceback() -> None:
    found = tried_pack(pack("filed/1", {**FILED, "days": "9223372036854775807"}), "x", "x.toml")
    assert 1 == len(found.rule)


def test_combinations_are_counted_before_they_are_made() -> None:
    names = ("volume_rate", "custody_rate", "floor", "cap", "insurance_share")
    many = {name: str([str(number) for number in range(1000)]).replace("'", '"') for name in names}
    rest = {
        "currency": '"jpy"',
        "bases": '["customer_spot"]',
        "grades": '["document"]',
        "maximum_days": "60",
    }
    said = refused("reserve_sensitivity/1", {**many, **rest})
    assert f"{1000**5} combinations" in said


def statuses(work: Work, own: Pack, as_of: str) -> set[str]:
    case = replace(work.case, as_of=parse_time(as_of))
    return {finding.status for _, finding in judge(case, (own,))}


def test_the_days_of_a_pack_s_standing_are_those_of_its_rules(work: Work) -> None:
    text = pack("as_of_skew/1", {"maximum_seconds": "0"}).decode()
    text = text.replace('block = "in_force"\n', "").replace("[[rule]]", f"{STANDING}[[rule]]")
    days = 'since = "2026-11-01"\nuntil = "2026-11-30"\n[calendar]\ntime_zone = "Asia/Tokyo"\n'
    text = text.replace("[[rule]]", f'{days}[[rule]]\nreference = "Rulebook, 2"')
    own = parse_pack(text.encode(), "x.toml")

    assert {"not_applicable"} == statuses(work, own, "2026-10-31T14:59:59Z")
    assert {"fail"} == statuses(work, own, "2026-10-31T15:00:00Z")
    assert {"fail"} == statuses(work, own, "2026-11-30T14:59:59Z")
    assert {"not_applicable"} == statuses(work, own, "2026-11-30T15:00:00Z")
    (_, finding), *_ = judge(work.case, (own,))
    assert ("guidance", "found") == (finding.facts["status"], finding.facts["source_grade"])
    assert "Rulebook, 2" == finding.facts["reference"]
