from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.nodes import chromium

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without browser and rules, outside continuous integration."""
    monkeypatch.setattr(chromium, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("CHROMIUM", "CHROMEDRIVER", "CI"):
        monkeypatch.delenv(name, raising=False)


def test_a_missing_browser_driver_or_rule_skips_the_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(pytest.skip.Exception, match="chromium is not installed"):
        chromium.find_chromium()
    with pytest.raises(pytest.skip.Exception, match="axe-core is not installed"):
        chromium.find_axe()
    browser = tmp_path / "browser"
    browser.touch()
    monkeypatch.setenv("CHROMIUM", str(browser))
    with pytest.raises(pytest.skip.Exception, match="chromedriver is not installed"):
        chromium.find_chromium()


def test_a_missing_browser_or_rule_fails_in_continuous_integration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        chromium.find_chromium()
    with pytest.raises(pytest.fail.Exception, match="npm install --no-save axe-core"):
        chromium.find_axe()
