"""Our checkpoints and proofs, judged by the libraries of Go's checksum database."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from attest.history.log import Log, prove_entry, prove_extension
from attest.history.vkey import write_base64
from tests.attest.history.logs import ORIGIN, TRUST, VECTORS, cosigned, digests, key, log_of, vkey
from tests.nodes.go_notes import answers, build

if TYPE_CHECKING:
    from pathlib import Path

ENTRIES = digests(40)
SIZES = (1, 2, 3, 7, 8, 13, 40)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("gonote"))


def case(log: Log, index: int, old: Log, *witnesses: str) -> dict[str, object]:
    """Give what Go is asked about an entry of a log and an earlier state of it."""
    proof = prove_entry(log, log.entries[index])
    path = prove_extension(log, old.checkpoint.head.size).path
    return {
        "Origin": ORIGIN,
        "Key": TRUST.key,
        "Witnesses": [vkey(name) for name in witnesses],
        "Checkpoint": log.signed.decode(),
        "Digest": log.entries[index].hex(),
        "Index": index,
        "Path": [write_base64(one) for one in proof.path],
        "Old": old.signed.decode(),
        "From": [write_base64(one) for one in path],
    }


def test_go_accepts_what_we_prove_at_every_place(program: Path) -> None:
    logs = {size: log_of(ENTRIES[:size]) for size in range(1, 41)}
    cases = [
        case(logs[size], index, logs[old])
        for size in SIZES
        for index, old in zip(range(size), range(1, size + 1), strict=True)
    ]

    assert [""] * sum(SIZES) == answers(program, cases)


def test_go_accepts_our_witnesses(program: Path) -> None:
    log = cosigned(log_of(ENTRIES[:7]), "auditor", "regulator")
    asked = case(log, 3, log_of(ENTRIES[:4]), "auditor", "regulator")

    assert [""] == answers(program, [asked])
    asked["Witnesses"] = [vkey("auditor"), vkey("regulator"), vkey("nobody")]
    (objected,) = answers(program, [asked])
    assert "expected 4" in objected


def test_go_refuses_what_is_altered(program: Path) -> None:
    log = cosigned(log_of(ENTRIES[:7]), "auditor")
    good = case(log, 3, log_of(ENTRIES[:4]), "auditor")
    other = log_of((*ENTRIES[:2], *digests(5, "other")))
    thief = log_of(ENTRIES[:7], key("thief"))
    altered: list[dict[str, object]] = [
        {**good, "Index": 4},
        {**good, "Digest": ENTRIES[4].hex()},
        {**good, "Path": good["From"]},
        {**good, "Path": []},
        {**good, "From": good["Path"]},
        {**good, "Old": log_of((*ENTRIES[:2], *digests(2, "other"))).signed.decode()},
        {**good, "Checkpoint": other.signed.decode(), "Witnesses": []},
        {**good, "Checkpoint": thief.signed.decode(), "Witnesses": []},
        {**good, "Checkpoint": log.signed.decode().replace("\n7\n", "\n8\n")},
        {**good, "Checkpoint": log.signed.decode().replace(ORIGIN, "other.example/log")},
    ]
    signed = bytearray(base64.b64decode(log.signed.decode().split()[-1]))
    signed[-1] ^= 1
    wrong = log.signed.decode().replace(
        log.signed.decode().split()[-1], write_base64(bytes(signed))
    )
    altered.append({**good, "Checkpoint": wrong})

    assert [""] == answers(program, [good])
    assert [] == [one for one in answers(program, altered) if not one]


def test_go_opens_the_published_checkpoint_with_its_witnesses(program: Path) -> None:
    vector = VECTORS["checkpoints"][0]
    asked = {
        "Origin": vector["origin"],
        "Key": vector["key"],
        "Witnesses": vector["witnesses"],
        "Checkpoint": vector["checkpoint"],
    }

    assert [""] == answers(program, [asked])
