from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.nodes import anvil

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the binary, outside continuous integration."""
    monkeypatch.setattr(anvil, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("ANVIL", raising=False)
    monkeypatch.delenv("CI", raising=False)


def test_a_missing_binary_skips_the_test() -> None:
    with pytest.raises(pytest.skip.Exception, match="anvil is not installed"):
        anvil.find_anvil()


def test_a_missing_binary_fails_in_continuous_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="anvil is not installed"):
        anvil.find_anvil()


def test_the_binary_is_found_where_it_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = tmp_path / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
    packaged.parent.mkdir(parents=True)
    packaged.touch()
    assert packaged == anvil.find_anvil()
    named = tmp_path / "elsewhere"
    named.touch()
    monkeypatch.setenv("ANVIL", str(named))
    assert named == anvil.find_anvil()
