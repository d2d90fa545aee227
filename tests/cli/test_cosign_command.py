"""`attest sign --as`: a further party signs, and a verifier who asks for several counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attest.disk import write_folder
from attest.keys import load_signing
from config.times import format_time
from tests.attest.second import BLOCK, predicate_of, series, signed_small
from tests.cli.command import Ran, attest, files_below

if TYPE_CHECKING:
    from pathlib import Path

    from attest.pipeline import Work

KNOWN, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def desk(tmp_path: Path, work: Work) -> Path:
    """Keys of three parties, and a bundle that the first has signed."""
    for name in ("exchange", "parent", "stranger"):
        assert 0 == attest("keys", "new", tmp_path / name, "--unencrypted").code
    first = load_signing((tmp_path / "exchange").read_bytes(), "exchange", lambda: b"")
    stated = predicate_of(work, series=series(2, KNOWN))
    write_folder(tmp_path / "bundle", dict(signed_small(stated, first)))
    return tmp_path


def cosign(desk: Path, who: str, label: str, of: str = "bundle", to: str = "cosigned") -> Ran:
    return attest("sign", desk / of, "--as", label, "--key", desk / who, "-o", desk / to, "--json")


def trusting(desk: Path, *names: str, more: str = "") -> Path:
    path = desk / "trust.toml"
    rows = (f'[[party]]\nname = "{name}"\nkey = "{name}.pub"\n' for name in names)
    path.write_text("".join(rows) + more)
    return path


def verify(desk: Path, trust: Path | None, *more: str | Path, of: str = "cosigned") -> Ran:
    by = () if trust is None else ("--trust", trust)
    plain = ("--allow-test", "--authenticity-only", "--json")
    return attest("verify", desk / of, *by, *plain, *more)


def reasons(ran: Ran) -> list[str]:
    return [one["code"] for one in ran.document["reasons"]]


def test_a_second_party_s_signature_meets_a_threshold_of_two(desk: Path) -> None:
    both = "[require]\nsignatures = { attester = 2 }\n"
    trust = trusting(desk, "exchange", "parent", more=both)
    before = files_below(desk / "bundle")
    alone = verify(desk, trust, of="bundle")
    ran = cosign(desk, "parent", "parent")
    met = verify(desk, trust)

    assert (2, ["threshold_not_met"]) == (alone.code, reasons(alone)[:1])
    assert (0, str(desk / "cosigned"), "test") == (
        ran.code,
        ran.document["bundle"],
        ran.document["network"],
    )
    assert (0, "valid", ["exchange", "parent"]) == (
        met.code,
        met.document["authenticity"],
        met.document["parties"],
    )
    assert before == files_below(desk / "bundle")
    assert {
        "att/0002.parent.dsse.json",
        "att/0002.parent.sigstore.json",
        "keys/parent.pub.pem",
    } == files_below(desk / "cosigned").keys() - before.keys()


def test_a_stranger_s_signature_meets_none(desk: Path) -> None:
    cosign(desk, "stranger", "parent")
    two = "[require]\nsignatures = { attester = 2 }\n"
    ran = verify(desk, trusting(desk, "exchange", "parent", more=two))

    assert (2, "indeterminate", ["exchange"]) == (
        ran.code,
        ran.document["authenticity"],
        ran.document["parties"],
    )
    assert ["signature_not_counted"] == [one["code"] for one in ran.document["differences"]]
    strange = verify(desk, trusting(desk, "parent"))
    assert (1, ["no_trusted_signature"]) == (strange.code, reasons(strange))


@pytest.mark.parametrize(
    ("who", "label", "said"),
    [
        ("exchange", "again", "has signed in this bundle already, as signer"),
        ("parent", "signer", "already in the bundle: "),
        ("parent", "Parent", "not a label: 'Parent'"),
        ("parent", "../x", "not a label: '../x'"),
        ("parent", "x" * 33, "not a label: "),
        ("parent", "", "not a label: ''"),
    ],
)
def test_one_key_and_one_label_sign_once(desk: Path, who: str, label: str, said: str) -> None:
    ran = cosign(desk, who, label)

    assert (3, False) == (ran.code, (desk / "cosigned").exists())
    assert said in ran.complaint[0]


def test_a_changed_bundle_is_not_signed_again(desk: Path) -> None:
    (desk / "bundle/evidence/a.jsonl").write_bytes(b"two\n")
    ran = cosign(desk, "parent", "parent")

    assert (True, False) == (ran.code != 0, (desk / "cosigned").exists())
    assert ran.complaint


def test_a_bundle_is_no_draft_and_a_draft_no_bundle(desk: Path) -> None:
    again = attest("sign", desk / "bundle", "--key", desk / "parent", "-o", desk / "x")
    for name in ("manifest.json", "SHA256SUMS", "keys/signer.pub.pem"):
        (desk / "bundle" / name).unlink()
    for path in (desk / "bundle/att").glob("*signer*"):
        path.unlink()
    draft = cosign(desk, "parent", "parent")

    assert [True, True] == [again.code != 0, draft.code != 0]
    assert not (desk / "x").exists()
    assert not (desk / "cosigned").exists()


# What the verifier's own options add


def test_a_day_that_is_given_takes_the_clock_s_place(desk: Path) -> None:
    age = "[require]\nmax_age_days = 1\n"
    trust = trusting(desk, "exchange", more=age)
    codes = [
        verify(desk, trust, "--today", format_time(BLOCK + seconds), of="bundle").code
        for seconds in (0, 86_400, 86_401)
    ]

    assert [0, 0, 2] == codes
    assert 2 == verify(desk, trust, of="bundle").code
    for wrong in ("today", "2026-11-23", "2026-11-23T00:00:00"):
        assert 3 == verify(desk, trust, "--today", wrong, of="bundle").code


def test_a_key_s_window_is_judged_by_that_day(desk: Path) -> None:
    ends = f'not_after = "{format_time(BLOCK + 9)}"\n'
    path = trusting(
        desk, more='[[party]]\nname = "A"\n[[party.keys]]\nfile = "exchange.pub"\n' + ends
    )
    found = [
        (ran.code, reasons(ran)[:1])
        for ran in (
            verify(desk, path, "--today", format_time(BLOCK + at), of="bundle") for at in (9, 10)
        )
    ]

    assert [(0, []), (2, ["time_unproved"])] == found


def test_the_payload_before_is_compared(desk: Path) -> None:
    trust = trusting(desk, "exchange")

    def asked(digest: str, by: Path | None = trust) -> tuple[int, str, list[str]]:
        ran = verify(desk, by, "--expect-previous", digest, of="bundle")
        return ran.code, ran.document["authenticity"], reasons(ran)

    assert (0, "valid", []) == asked(KNOWN)
    assert (0, "valid", []) == asked(KNOWN.upper())
    assert (1, "invalid", ["history_rewritten"]) == asked(OTHER)
    assert (1, "invalid", ["no_trust_given", "history_rewritten"]) == asked(OTHER, None)
    assert (2, "indeterminate") == asked(KNOWN, None)[:2]
    for wrong in ("", "ab", KNOWN + "ab", KNOWN[:-1] + "x", KNOWN + "\n"):
        assert 3 == verify(desk, trust, "--expect-previous", wrong, of="bundle").code


def test_what_is_given_and_what_is_remembered_must_both_agree(desk: Path) -> None:
    def asked(remembered: str, given: str) -> int:
        history = f'[history]\nsequence = 1\npayload = "{remembered}"\n'
        trust = trusting(desk, "exchange", more=history)
        return verify(desk, trust, "--expect-previous", given, of="bundle").code

    assert [0, 1, 1] == [asked(KNOWN, KNOWN), asked(KNOWN, OTHER), asked(OTHER, KNOWN)]
