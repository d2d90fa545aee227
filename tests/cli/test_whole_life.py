"""One statement with all that can be beside it, verified by one who requires each of these.

It is linked, sealed, signed twice, stamped twice, logged with a witness, and countersigned."""

from __future__ import annotations

import shutil
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.attest.timestamps import tsa
from tests.attest.timestamps.serving import Answer, serve
from tests.cli.command import Ran, attest, files_below
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.attest.timestamps.tsa import Tsa

ORIGIN, WITNESS = "example.com/attestations", "reviewer.example/w"
PROCEDURES = """\
[practitioner]
name = "Example Reviewer"
role = "auditor"
[[procedure]]
id = "A1"
text = "Compared the list of accounts with the general ledger."
result = "no-exception"
"""
TRUST = """\
[[party]]
name = "Example Exchange"
key = "exchange.pub"
[[party]]
name = "Its board"
key = "board.pub"
[[party]]
name = "Example Reviewer"
key = "reviewer.pub"
roles = ["auditor"]
[[timestamp_authority]]
name = "one"
certificate = "one.pem"
chain = "one-chain.pem"
[[timestamp_authority]]
name = "two"
certificate = "two.pem"
chain = "two-chain.pem"
[log]
origin = "example.com/attestations"
key = "{log}"
quorum = 1
[[log.witness]]
name = "Example Reviewer"
key = "{witness}"
[history]
sequence = 1
payload = "{previous}"
[require]
timestamps = 2
signatures = {{ attester = 2, auditor = 1 }}
"""


@dataclass(frozen=True, slots=True)
class Life:
    """What came of it."""

    first: Path
    bundle: Path
    trust: Path
    keys: Path

    def verify(self, bundle: Path | None = None) -> Ran:
        return attest(
            "verify", bundle or self.bundle, "--trust", self.trust, "--allow-test", "--json"
        )


def done(*arguments: str | Path) -> Ran:
    ran = attest(*arguments)
    assert (0, ()) == (ran.code, ran.complaint)
    return ran


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    place = tmp_path_factory.mktemp("life")
    keys = place / "keys"
    for name in ("exchange", "board", "reviewer"):
        done("keys", "new", keys / name, "--unencrypted")
    for name in ("log", "witness"):
        done("keys", "new", keys / name, "--unencrypted", "--algorithm", "ed25519")
    first = stated(place, keys, 1, None)
    once = stated(place, keys, 2, first)
    bundle = place / "signed"
    done("sign", once, "--as", "board", "--key", keys / "board", "-o", bundle)
    stamp(place, bundle)
    logged(place, keys, first, bundle)
    (place / "procedures.toml").write_text(PROCEDURES)
    trust = trusting(place, keys, first)
    countersign = ("countersign", bundle, "--procedures", place / "procedures.toml")
    done(*countersign, "--key", keys / "reviewer", "--trust", trust, "--allow-test")
    return Life(first, bundle, trust, keys)


def stated(place: Path, keys: Path, number: int, before: Path | None) -> Path:
    """Make a statement of the series; the second one links to the first."""
    folder, bundle = place / f"declared-{number}", place / f"bundle-{number}"
    shutil.copytree(EXAMPLES / "exchange", folder)
    done("disclose", "salts", folder / "salts.txt")
    text = (folder / "declaration.toml").read_text()
    text = text.replace("[inputs]\n", '[inputs]\nsalts = "salts.txt"\n', 1)
    text = text.replace("sequence = 1\n", "").replace(
        "[attestation]\n", f'[attestation]\nsequence = {number}\nperiod = "P1M"\n'
    )
    if before is not None:
        done("carry", before, "--previous", "-o", folder / "earlier")
        text += '\n[previous]\nfolder = "earlier"\nsealed = true\n'
    (folder / "declaration.toml").write_text(text)
    done("run", folder / "declaration.toml", "--key", keys / "exchange", "-o", bundle)
    return bundle


def stamp(place: Path, bundle: Path) -> None:
    authorities: list[Tsa] = [tsa.start(place / name) for name in ("one", "two")]
    with (
        serve(lambda asked: Answer(authorities[0].reply(asked))) as one,
        serve(lambda asked: Answer(authorities[1].reply(asked))) as two,
    ):
        asked = ("--authority", f"one={one.url}", "--authority", f"two={two.url}")
        done("timestamp", bundle, *asked)
    for authority, name in zip(authorities, ("one", "two"), strict=True):
        (place / f"{name}.pem").write_bytes(authority.own.pem)
        (place / f"{name}-chain.pem").write_bytes(authority.root.pem)


def logged(place: Path, keys: Path, first: Path, bundle: Path) -> None:
    log = place / "log"
    done("log", "new", log, "--origin", ORIGIN, "--key", keys / "log")
    done("log", "append", log, first, bundle, "--key", keys / "log")
    line = done("log", "key", keys / "log.pub", "--name", ORIGIN).out.strip()
    witness = ("--key", keys / "witness", "--name", WITNESS, "--log-key", line)
    done("log", "cosign", log / "checkpoint", *witness, "--first", "-o", place / "seen")
    shutil.copy(place / "seen", log / "checkpoint")
    done("log", "prove", log, bundle, "--add")


def trusting(place: Path, keys: Path, first: Path) -> Path:
    for name in ("exchange", "board", "reviewer"):
        shutil.copy(keys / f"{name}.pub", place / f"{name}.pub")
    line = done("log", "key", keys / "log.pub", "--name", ORIGIN).out.strip()
    witness = done("log", "key", keys / "witness.pub", "--name", WITNESS, "--witness").out.strip()
    previous = done("trust", first, "--json").document["payload"]
    trust = place / "trust.toml"
    trust.write_text(TRUST.format(log=line, witness=witness, previous=previous))
    return trust


def refuse(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a socket was opened")


def test_who_requires_all_of_it_finds_it_without_a_socket(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "socket", refuse)
    ran = life.verify()

    assert (0, "valid", "L3", []) == (
        ran.code,
        ran.document["authenticity"],
        ran.document["level"],
        ran.document["reasons"],
    )
    assert ran.document["parties"] == ["Example Exchange", "Its board", "Example Reviewer"]
    assert "witnessed by Example Reviewer" in ran.document["about"]["history"]
    assert "countersigned" in [one["code"] for one in ran.document["differences"]]


def test_each_thing_that_is_required_is_missed(life: Life) -> None:
    first = life.verify(life.first)

    assert (2, "indeterminate") == (first.code, first.document["authenticity"])
    assert [one["code"] for one in first.document["reasons"]] == [
        "threshold_not_met",
        "threshold_not_met",
        "timestamps_missing",
        "log_missing",
        "level_not_reached",
    ]


def test_a_public_copy_is_the_same_statement_at_a_lower_level(life: Life, tmp_path: Path) -> None:
    done("disclose", "copy", life.bundle, "--profile", "public", "-o", tmp_path / "public")
    ran = life.verify(tmp_path / "public")

    assert (2, "valid", "L2") == (ran.code, ran.document["authenticity"], ran.document["level"])
    assert ["withheld", "level_not_reached"] == [one["code"] for one in ran.document["reasons"]]


def test_the_series_has_no_fault(life: Life) -> None:
    ran = attest(
        *("history", life.first, life.bundle, "--trust", life.trust, "--allow-test", "--json"),
        *("--grace-days", "36500"),
    )

    assert (0, []) == (ran.code, ran.document["irregularities"])
    assert ["1", "2"] == [one["sequence"] for one in ran.document["statements"]]


def test_no_changed_byte_of_any_file_is_valid(life: Life, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(life.bundle, copy)
    valid = []
    for number, (name, data) in enumerate(files_below(life.bundle).items()):
        # The first, the middle and the last byte in turn.
        at = (0, len(data) // 2, len(data) - 1)[number % 3]
        (copy / name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        ran = life.verify(copy)
        (copy / name).write_bytes(data)
        if (ran.code, ran.document["authenticity"]) != (1, "invalid"):
            valid.append(name)

    assert [] == valid
