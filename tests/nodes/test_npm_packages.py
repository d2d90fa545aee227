from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.nodes import npm

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without packages and Node.js, outside continuous integration."""
    monkeypatch.setattr(npm, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)


def start() -> None:
    with npm.script("canonicalize.mjs", "canonicalize"):
        pytest.fail("it started")


def test_what_is_missing_skips_the_test(tmp_path: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="node is not installed"):
        start()
    (tmp_path / "node").touch(0o755)
    with pytest.raises(pytest.skip.Exception, match="canonicalize is not installed"):
        start()


def test_what_is_missing_fails_in_continuous_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install nodejs"):
        start()
