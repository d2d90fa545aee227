"""A cluster of this machine alone builds what its processes build."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from attest.errors import MachineError
from attest.liabilities.build import Builder
from attest.liabilities.cluster import ray_cluster
from attest.liabilities.committing import Wish, commit_ledger
from config.errors import InputError
from tests.attest.liabilities.ledgers import MASTER, committed, quiet, write

if TYPE_CHECKING:
    from pathlib import Path

if os.environ.get("CI") != "true":
    pytest.importorskip("ray", reason="Ray is not installed: pip install --group cluster")


def test_the_root_is_the_same_and_a_fault_is_told(tmp_path: Path) -> None:
    written = write(tmp_path, {f"A{one}": {"btc": one * 10**9, "eth": one} for one in range(50)})
    first = committed(written, tmp_path / "one")
    low = committed(written, tmp_path / "low", Wish(1)).header
    low["assets"][0]["cap"] = "1"  # type: ignore[index]
    with ray_cluster("local") as crew:
        builder = Builder(crew, quiet, apart=False)
        second = commit_ledger(
            written.sheets, MASTER, lambda _: first.header, tmp_path / "two", builder
        )
        with pytest.raises(InputError, match="more than 65536 shares"):
            commit_ledger(written.sheets, MASTER, lambda _: low, tmp_path / "three", builder)

    assert first == second
    assert not (tmp_path / "three").exists()


def test_no_cluster_and_no_ray_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MachineError, match="no cluster answers"), ray_cluster("auto"):
        pass
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MachineError, match="not installed"), ray_cluster("local"):
        pass
