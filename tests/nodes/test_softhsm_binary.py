from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.nodes import softhsm

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without SoftHSM, outside continuous integration."""
    monkeypatch.setattr(softhsm, "PLACES", (tmp_path / "libsofthsm2.so",))
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("SOFTHSM2_MODULE", "CI"):
        monkeypatch.delenv(name, raising=False)


def test_a_missing_module_or_tool_skips_the_test(tmp_path: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match=r"libsofthsm2\.so is not installed"):
        softhsm.find_softhsm()
    (tmp_path / "libsofthsm2.so").touch()
    with pytest.raises(pytest.skip.Exception, match="softhsm2-util is not installed"):
        softhsm.find_softhsm()


def test_a_missing_module_fails_in_continuous_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install softhsm2"):
        softhsm.find_softhsm()
