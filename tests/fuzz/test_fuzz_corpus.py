"""The corpus, replayed: every input, each of its prefixes, and each with single bytes changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from proofs.schemes import SCHEMES
from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())
CHANGES = 24
"""Places of an input that are cut or changed, evenly apart."""


def test_every_target_has_a_corpus_and_every_corpus_a_target() -> None:
    assert set(TARGETS) == {path.parent.name for path in FILES}


def test_every_scheme_is_met() -> None:
    texts = [path.read_bytes() for path in FILES if path.parent.name == "verdicts"]
    assert [] == [
        name for name in SCHEMES if not any(f",{name},".encode() in text for text in texts)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_only_our_own_errors_come_out(path: Path) -> None:
    target, data = TARGETS[path.parent.name], path.read_bytes()
    target(data)
    for place in range(0, len(data), max(1, len(data) // CHANGES)):
        target(data[:place])
        for changed in (data[place] ^ 1, data[place] ^ 0x80, 0, 0xFF):
            target(data[:place] + bytes((changed,)) + data[place + 1 :])
