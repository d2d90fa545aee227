"""When signatures came in, from the declared column to the outcome of a signed bundle."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.command import attest
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path


def findings(tmp_path: Path, key: Path, received: str) -> tuple[int, dict[str, Any]]:
    """Run the example with one time for every claim; give the code and what the two rules say."""
    folder = tmp_path / "declared"
    shutil.copytree(EXAMPLES / "exchange", folder)
    head, *rows = (folder / "claims.csv").read_text().splitlines()
    stated = [f"{head},received_at", *(f"{row},{received}" for row in rows)]
    (folder / "claims.csv").write_text("\n".join(stated))
    words = ("--key", key, "-o", tmp_path / "bundle", "--json")
    ran = attest("run", folder / "declaration.toml", *words)
    assert ran.complaint == ()
    verified = attest("verify", tmp_path / "bundle", "--key", f"{key}.pub", "--allow-test")
    assert "authenticity: valid" in verified.out.replace("\t", ": ")
    known = {one["code"]: one for one in ran.document["findings"]["inForce"]}
    return ran.code, {name: known[name] for name in ("control_max_age", "received_at")}


@pytest.mark.parametrize(
    ("received", "code", "statuses"),
    [
        ("", 0, ["pass", "not_applicable"]),
        ("2026-11-22T19:27:54Z", 0, ["pass", "pass"]),
        ("2026-12-01T00:00:00Z", 0, ["pass", "pass"]),
        # The text did not exist yet: no proof is left of it.
        ("2026-11-22T19:27:53Z", 1, ["not_applicable", "fail"]),
        ("2026-12-07T00:00:00Z", 1, ["not_applicable", "pass"]),
        ("2027-02-01T00:00:00Z", 1, ["not_applicable", "fail"]),
    ],
)
def test_a_time_that_cannot_be_fails(
    tmp_path: Path, key: Path, received: str, code: int, statuses: list[str]
) -> None:
    met, rules = findings(tmp_path, key, received)

    assert (code, statuses) == (met, [one["status"] for one in rules.values()])
