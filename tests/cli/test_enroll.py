"""`attest keys enroll`: a key that was handed over, written into a verifier's own trust.toml."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from attest.keys import load_public
from tests.cli.command import Ran, attest

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("exchange", "auditor")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    for name in NAMES:
        assert 0 == attest("keys", "new", tmp_path / name, "--unencrypted").code
    return tmp_path


def enroll(desk: Path, name: str, *more: str | Path) -> Ran:
    trust = ("--trust", desk / "trust.toml")
    return attest(
        "keys", "enroll", desk / f"{name}.pub", "--party", f"Example {name}", *trust, *more
    )


def keyid(desk: Path, name: str) -> str:
    return load_public((desk / f"{name}.pub").read_bytes(), name).keyid


def document(desk: Path) -> dict[str, object]:
    return tomllib.loads((desk / "trust.toml").read_text())


def test_a_trust_file_is_begun_and_grows_by_a_party(desk: Path) -> None:
    first = enroll(desk, "exchange")
    second = enroll(
        desk,
        *("auditor", "--role", "auditor", "--role", "observer"),
        *("--not-before", "2026-01-01T00:00:00Z", "--not-after", "2027-01-01T00:00:00Z", "--json"),
    )

    assert (0, f"{keyid(desk, 'exchange')}  Example exchange: attester\n", "") == (
        first.code,
        first.out,
        first.err,
    )
    roles = ["auditor", "observer"]
    assert (0, {"keyid": keyid(desk, "auditor"), "party": "Example auditor", "roles": roles}) == (
        second.code,
        second.document,
    )
    window = {"not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z"}
    assert {
        "party": [
            {
                "name": "Example exchange",
                "roles": ["attester"],
                "keys": [{"spki": keyid(desk, "exchange")}],
            },
            {
                "name": "Example auditor",
                "roles": roles,
                "keys": [{"spki": keyid(desk, "auditor"), **window}],
            },
        ]
    } == document(desk)


def test_what_the_holder_says_is_compared(desk: Path) -> None:
    right = keyid(desk, "exchange")
    wrong = enroll(desk, "exchange", "--expect", keyid(desk, "auditor"))

    assert (3, False) == (wrong.code, (desk / "trust.toml").exists())
    assert (
        f"error: key is {right}, expected {keyid(desk, 'auditor')}",
        "hint: ask its holder again",
    ) == wrong.complaint
    assert 0 == enroll(desk, "exchange", "--expect", right.upper()).code


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("exchange", (), "is enrolled already, for 'Example exchange'"),
        ("auditor", ("--party", "Example exchange"), "party stands there already: 'Example exch"),
        ("auditor", ("--role", "notary"), "trust.toml: party.1.roles.0: input should be"),
        ("auditor", ("--not-after", "soon"), "trust.toml: party.1.keys.0: time not understood"),
        ("auditor", ("--party", "two\nlines"), "trust.toml: party.1.name: string should match"),
    ],
)
def test_a_refused_key_leaves_the_file_as_it_is(
    desk: Path, name: str, more: tuple[str, ...], said: str
) -> None:
    enroll(desk, "exchange")
    before = (desk / "trust.toml").read_bytes()
    ran = enroll(desk, name, *more)

    assert 3 == ran.code
    assert said in ran.complaint[0]
    assert before == (desk / "trust.toml").read_bytes()


def test_a_private_key_or_a_broken_trust_file_is_refused(desk: Path) -> None:
    trust = desk / "trust.toml"
    private = attest("keys", "enroll", desk / "exchange", "--party", "A", "--trust", trust)
    assert (3, False) == (private.code, trust.exists())
    trust.write_text("[[party]]\n")
    broken = enroll(desk, "exchange")

    assert (3, "[[party]]\n") == (broken.code, trust.read_text())
    assert "trust.toml: party.0.name: missing" in broken.complaint[0]


def test_a_link_is_not_written_through(desk: Path) -> None:
    (desk / "elsewhere.toml").write_text("")
    (desk / "trust.toml").symlink_to(desk / "elsewhere.toml")

    assert 3 == enroll(desk, "exchange").code
    assert "" == (desk / "elsewhere.toml").read_text()
