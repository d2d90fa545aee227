"""The trees are those of the encoding's words, however they are built."""

from __future__ import annotations

import json
import random
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attest.liabilities import build, committing, tasks
from attest.liabilities.committing import Wish
from attest.liabilities.header import Edition
from attest.statement import canonical
from config.errors import InputError
from proofs.liabilities.commitment import Commitment, commitment_document, read_commitment
from tests.attest.liabilities.ledgers import (
    Holdings,
    Written,
    committed,
    quiet,
    slowly,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

    from attest.liabilities.tasks import Answer, Task

NAMES = ("btc", "eth", "usdt")


def exchange(customers: int, seed: int = 1) -> Holdings:
    chance = random.Random(seed)  # noqa: S311 - a ledger to be made again
    return {
        f"A{number:05d}": {
            name: chance.choice((0, 1, 7, 10**6, 10**11)) * chance.randrange(1, 10**6)
            for name in NAMES
            if chance.random() < 0.6
        }
        for number in range(customers)
    }


@pytest.mark.parametrize(
    "wish",
    [Wish(), Wish(1), Wish(3), Wish(2, {"btc": 10**15}), Wish(1, {}, 9)],
    ids=["chosen", "one share", "three", "capped", "high"],
)
def test_the_trees_are_those_of_the_words(tmp_path: Path, wish: Wish) -> None:
    holdings = exchange(60)
    written = write(tmp_path, holdings)
    made = committed(written, tmp_path / "private", wish)

    assert slowly(made.header, holdings, written.identifiers) == made
    assert all(tree.height >= wish.least_height for tree in made.trees)


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    st.dictionaries(
        st.text("abcXYZ012é", min_size=1, max_size=4).filter(lambda one: one.isascii()),
        st.dictionaries(st.sampled_from(NAMES), st.integers(0, 2**100), max_size=3),
        min_size=1,
        max_size=6,
    ).filter(lambda found: any(held for held in found.values()))
)
def test_any_ledger_gives_the_trees_of_the_words(
    tmp_path_factory: pytest.TempPathFactory, holdings: Holdings
) -> None:
    folder = tmp_path_factory.mktemp("any")
    written = write(folder, holdings)
    made = committed(written, folder / "private")

    assert slowly(made.header, holdings, written.identifiers) == made


def test_how_it_is_built_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holdings = exchange(400)
    written = write(tmp_path, holdings)
    first = committed(written, tmp_path / "one")
    monkeypatch.setattr(build, "RANGE", 3)
    monkeypatch.setattr(build, "PADS", 7)
    monkeypatch.setattr(build, "BLOCKS", 16)
    monkeypatch.setattr(build, "BLOCK", 4)
    monkeypatch.setattr(tasks, "BLOCK", 4)
    second = committed(written, tmp_path / "two", processes=2)

    assert first == second
    assert same_files(tmp_path / "one", tmp_path / "two")


def same_files(one: Path, two: Path) -> bool:
    """Compare leaves, order and customers; the upper levels depend on the block."""
    names = [
        path.relative_to(one) for path in one.rglob("*") if path.suffix in {".leaves", ".order"}
    ]
    return bool(names) and all(
        (one / name).read_bytes() == (two / name).read_bytes() for name in names
    )


def test_a_change_of_anything_changes_the_set(tmp_path: Path) -> None:
    holdings = exchange(30)
    written = write(tmp_path / "a", holdings)
    first = committed(written, tmp_path / "a1")
    account = next(one for one, held in holdings.items() if held.get("btc"))
    raised = {**holdings, account: {**holdings[account], "btc": holdings[account]["btc"] + 1}}
    made = [
        committed(write(tmp_path / "b", raised), tmp_path / "b1"),
        committed(written, tmp_path / "a2", edition=Edition(2, first.digest.hex())),
        committed(written, tmp_path / "a3", Wish(3)),
    ]

    assert 4 == len({one.digest for one in (first, *made)})
    assert first == committed(written, tmp_path / "a4")
    reordered = write(tmp_path / "c", dict(reversed(holdings.items())))
    assert first == committed(reordered, tmp_path / "c1")


def test_the_folder_is_its_owners_alone_and_holds_what_is_published(tmp_path: Path) -> None:
    written = write(tmp_path, exchange(20))
    made = committed(written, tmp_path / "private")
    found = sorted(
        path.relative_to(tmp_path / "private").as_posix()
        for path in (tmp_path / "private").rglob("*")
    )
    modes = {
        stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "private").rglob("*")
        if path.is_file()
    }
    data = (tmp_path / "private/commitment.json").read_bytes()

    assert {0o600} == modes
    assert 0o700 == stat.S_IMODE((tmp_path / "private").stat().st_mode)
    assert canonical(commitment_document(made)) == data
    assert made == read_commitment(data, "commitment.json")
    assert not [name for name in found if "spill" in name]
    assert {"version", "header", "snapshot", "set", "assets"} == set(json.loads(data))


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    written = write(tmp_path, exchange(20))
    before = set(tmp_path.iterdir())
    with pytest.raises(InputError, match="more than 65536 shares"):
        committed(written, tmp_path / "private", Wish(1, {"btc": 1}))
    with pytest.raises(InputError, match="does not hold"):
        committed(written, tmp_path / "private", Wish(1, {"doge": 1}))

    assert before == set(tmp_path.iterdir())


def test_a_total_that_is_not_the_ledgers_ends_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write(tmp_path, exchange(20))
    honest = tasks.do_task

    def lying(plan: tasks.BuildPlan, task: Task) -> Answer:
        answer = honest(plan, task)
        if isinstance(task, tasks.BlockTask) and isinstance(answer, bytes):
            return answer[:-1] + bytes([answer[-1] ^ 1])
        return answer

    monkeypatch.setattr(tasks, "do_task", lying)
    with pytest.raises(InputError, match="the ledger sums to"):
        committed(written, tmp_path / "private")


def other_secret(written: Written, place: Path, header: dict[str, object]) -> Commitment:
    builder = build.Builder(build.local_crew(1), quiet, apart=False)
    return committing.commit_ledger(written.sheets, bytes(32), lambda _: header, place, builder)


def test_another_secret_gives_other_roots_and_the_same_totals(tmp_path: Path) -> None:
    written = write(tmp_path, exchange(20))
    first = committed(written, tmp_path / "one")
    second = other_secret(written, tmp_path / "two", first.header)

    assert [tree.total for tree in first.trees] == [tree.total for tree in second.trees]
    assert not {tree.root for tree in first.trees} & {tree.root for tree in second.trees}
    assert replace(first, trees=(), digest=b"") == replace(second, trees=(), digest=b"")
