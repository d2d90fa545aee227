"""A reading that is killed goes on where it stopped, and gives the same bytes in the end."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import attest
from tests.cli.resuming import declared, kept, observed, snapshot
from tests.misbehaving import Reply, always, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def declaration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with declared(tmp_path_factory.mktemp("resume") / "declared", 0.05) as path:
        yield path


@pytest.fixture(scope="module")
def whole(declaration: Path) -> dict[str, bytes]:
    output = declaration.parent.parent / "whole"
    assert observed(declaration, output, None) == 0
    return snapshot(output)


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_reading_resumes_to_the_same_bytes(
    declaration: Path, whole: dict[str, bytes], tmp_path: Path, seed: int
) -> None:
    moments = random.Random(seed)  # noqa: S311 - moments to kill at, not secrets
    output = tmp_path / "snapshot"
    for _ in range(3):
        if observed(declaration, output, moments.uniform(0.4, 1.6)) == 0:
            break
    else:
        assert not output.exists()
        assert observed(declaration, output, None) == 0
    assert snapshot(output) == whole


def journal_of_killed(declaration: Path, output: Path) -> None:
    for attempt in range(40):
        observed(declaration, output, 0.8 + 0.1 * attempt)
        if output.exists():
            shutil.rmtree(output)  # It was quicker than the kill.
        if output.with_name(f"{output.name}.journal").exists() and kept(output) > 5:
            return
    pytest.fail("no reading was killed on its way")


def test_a_journal_is_of_one_plan_alone(declaration: Path, tmp_path: Path) -> None:
    output = tmp_path / "snapshot"
    journal_of_killed(declaration, output)
    other = tmp_path / "declared"
    shutil.copytree(declaration.parent, other)
    with (other / "accounts.csv").open("a") as file:
        file.write("anvil:0x00000000000000000000000000000000000fffff,cold,self,customer\n")
    ran = attest("observe", other / declaration.name, "-o", output)
    assert ran.code == 3
    assert "journal is of another reading" in ran.complaint[0]
    assert not output.exists()


def test_a_damaged_journal_is_refused(declaration: Path, tmp_path: Path) -> None:
    output = tmp_path / "snapshot"
    journal_of_killed(declaration, output)
    path = tmp_path / "snapshot.journal" / "eip155-31337" / "node-1.jsonl"
    data = bytearray(path.read_bytes())
    data[70] ^= 1
    path.write_bytes(data)
    ran = attest("observe", declaration, "-o", output)
    assert ran.code == 3
    assert "line 1 of the journal is damaged" in ran.complaint[0]


def test_a_reading_without_a_pin_leaves_no_journal(declaration: Path, tmp_path: Path) -> None:
    folder = tmp_path / "declared"
    shutil.copytree(declaration.parent, folder)
    with serve(always(Reply(b"", 404))) as dead:
        path = folder / declaration.name
        lines = path.read_text().splitlines()
        path.write_text("\n".join([*lines[:-1], f'endpoints = ["{dead.url}"]']))
        ran = attest("observe", path, "-o", tmp_path / "snapshot")
    assert ran.code == 3
    assert sorted(one.name for one in tmp_path.iterdir()) == ["declared"]
