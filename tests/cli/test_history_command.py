"""`attest history`: the bundles of a series held together on the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.apart import take_apart
from attest.disk import write_folder
from config.times import format_time
from tests.attest.second import (
    AUDITOR,
    BLOCK,
    EXCHANGE,
    HOUR,
    PARENT,
    Files,
    cosigned_by,
    predicate_of,
    series,
    signed_small,
)
from tests.cli.command import Ran, attest

if TYPE_CHECKING:
    from pathlib import Path

    from attest.keys import SigningKey
    from attest.pipeline import Work

KNOWN = "ab" * 32


class Shelf:
    """Bundles on disk, by name."""

    def __init__(self, place: Path, work: Work) -> None:
        self.place, self.work = place, work
        (place / "exchange.pub").write_bytes(EXCHANGE.public.pem)

    def add(
        self,
        name: str,
        number: int,
        previous: str | None = None,
        signer: SigningKey = EXCHANGE,
        *,
        changed: str = "",
        days: int = 0,
    ) -> str:
        """Put a bundle there; give its payload's digest."""
        base = predicate_of(self.work)
        about = format_time(BLOCK + days * 24 * HOUR)
        stated = predicate_of(
            self.work,
            series=series(number, previous),
            as_of=type(base.as_of)(about, base.as_of.anchors),
            assertion=changed or base.assertion,
        )
        return self.put(name, signed_small(stated, signer))

    def put(self, name: str, files: Files) -> str:
        write_folder(self.place / name, dict(files))
        return take_apart(files).digest

    def ask(self, *names: str, more: tuple[str, ...] = ()) -> Ran:
        key = ("--key", self.place / "exchange.pub", "--allow-test")
        return attest("history", *(self.place / name for name in names), *key, *more, "--json")


@pytest.fixture
def shelf(tmp_path: Path, work: Work) -> Shelf:
    return Shelf(tmp_path, work)


def kinds(ran: Ran) -> list[str]:
    return [one["kind"] for one in ran.document["irregularities"]]


def test_a_whole_series_has_no_findings(shelf: Shelf) -> None:
    first = shelf.add("a", 1)
    second = shelf.add("b", 2, first)
    ran = shelf.ask("b", "a")

    assert (0, [], []) == (ran.code, kinds(ran), ran.document["refused"])
    assert [
        {
            "series": "example-exchange",
            "sequence": number,
            "payload": digest,
            "previous": before,
            "asOf": format_time(BLOCK),
            "period": None,
            "keyid": EXCHANGE.public.keyid,
        }
        for number, digest, before in (("2", second, first), ("1", first, None))
    ] == ran.document["statements"]


def test_a_gap_a_rewrite_and_a_fork_are_findings(shelf: Shelf) -> None:
    first = shelf.add("a", 1)
    shelf.add("b", 2, KNOWN)
    shelf.add("c", 4, KNOWN)
    fork = shelf.add("d", 1, changed="other words")

    assert (1, ["rewrite"]) == (shelf.ask("a", "b").code, kinds(shelf.ask("a", "b")))
    assert (1, ["gap"]) == (shelf.ask("b", "c").code, kinds(shelf.ask("b", "c")))
    forked = shelf.ask("a", "d")
    assert (1, ["fork"]) == (forked.code, kinds(forked))
    (one,) = forked.document["irregularities"]
    assert {first, fork} == {one["first"], one["second"]}
    assert "1" == one["sequence"] == one["until"]


def test_the_same_bundle_twice_is_one_statement(shelf: Shelf) -> None:
    shelf.add("a", 1)
    shelf.add("again", 1)

    assert (0, []) == (shelf.ask("a", "again").code, kinds(shelf.ask("a", "again")))


def test_bundles_whose_signatures_do_not_count_are_left_out(shelf: Shelf) -> None:
    first = shelf.add("a", 1)
    shelf.add("stranger", 2, first, AUDITOR)
    shelf.put("own", cosigned_by(signed_small(predicate_of(shelf.work)), PARENT, "parent"))
    (shelf.place / "broken").mkdir()
    shelf.add("linked", 3)
    (shelf.place / "linked/more").symlink_to(shelf.place / "a")
    ran = shelf.ask("a", "stranger", "own", "broken", "linked")

    assert (2, 2) == (ran.code, len(ran.document["statements"]))
    assert [
        {"bundle": str(shelf.place / "stranger"), "reason": "no_trusted_signature"},
        {"bundle": str(shelf.place / "broken"), "reason": "malformed_payload"},
        {"bundle": str(shelf.place / "linked"), "reason": "file_mismatch"},
    ] == ran.document["refused"]
    nothing = shelf.ask("stranger")
    assert (2, [], []) == (nothing.code, nothing.document["statements"], kinds(nothing))


def test_what_is_found_outweighs_what_was_refused(shelf: Shelf) -> None:
    shelf.add("a", 1)
    shelf.add("b", 2, KNOWN)
    shelf.add("stranger", 3, KNOWN, AUDITOR)

    assert 1 == shelf.ask("a", "b", "stranger").code


def test_a_co_signer_alone_does_not_make_a_statement_count(shelf: Shelf) -> None:
    files = cosigned_by(signed_small(predicate_of(shelf.work), AUDITOR), EXCHANGE, "exchange")
    shelf.put("a", files)

    assert 2 == shelf.ask("a").code


def test_without_trust_nothing_is_known_to_count(shelf: Shelf) -> None:
    shelf.add("a", 1)
    ran = attest("history", shelf.place / "a", "--allow-test", "--json")

    assert (2, 1, []) == (ran.code, len(ran.document["statements"]), ran.document["refused"])


def test_a_test_network_has_to_be_asked_for_here_too(shelf: Shelf) -> None:
    shelf.add("a", 1)
    ran = attest("history", shelf.place / "a", "--key", shelf.place / "exchange.pub", "--json")

    assert (2, ["test_network"]) == (ran.code, [one["reason"] for one in ran.document["refused"]])


def test_a_key_counts_in_its_window_alone(shelf: Shelf) -> None:
    shelf.add("a", 1)
    row = f'[[party]]\nname = "A"\n[[party.keys]]\nspki = "{EXCHANGE.public.keyid}"\n'
    trust = shelf.place / "trust.toml"
    codes = []
    for window in (
        "",
        'not_after = "2001-01-01T00:00:00Z"\n',
        f'not_after = "{format_time(BLOCK)}"\n',
    ):
        trust.write_text(row + window)
        ran = attest("history", shelf.place / "a", "--trust", trust, "--allow-test", "--json")
        codes.append((ran.code, [one["reason"] for one in ran.document["refused"]]))

    assert [(0, []), (2, ["key_expired"]), (2, ["time_unproved"])] == codes


def test_a_period_that_passed_is_overdue_until_the_grace_is_over(shelf: Shelf) -> None:
    base = predicate_of(shelf.work)
    monthly = replace(series(1), period="P1D")
    shelf.put("a", signed_small(replace(base, series=monthly)))

    assert (1, ["overdue"]) == (shelf.ask("a").code, kinds(shelf.ask("a")))
    assert 0 == shelf.ask("a", more=("--grace-days", "100000")).code
    assert 3 == shelf.ask("a", more=("--grace-days", "-1")).code


def test_people_are_shown_the_same(shelf: Shelf) -> None:
    first = shelf.add("a", 1)
    shelf.add("c", 4, KNOWN)
    shelf.add("stranger", 3, KNOWN, AUDITOR)
    paths = (shelf.place / name for name in ("a", "c", "stranger"))
    key = ("--key", shelf.place / "exchange.pub", "--allow-test")
    ran = attest("history", *paths, *key)

    assert 1 == ran.code
    assert first in ran.out
    assert "2 to 3" in ran.out
    assert "no_trusted_signature" in ran.out
    assert ran.out.endswith("statements: 2, findings: 1, refused: 1\n")
    alone = attest("history", shelf.place / "a", *key)
    assert (0, True) == (alone.code, alone.out.endswith("findings: 0, refused: 0\n"))
    assert "Findings" not in alone.out
    assert "Refused" not in alone.out
