"""A real browser for tests: Debian's Chromium, driven through its own driver, without a window.

The binaries are looked for in the environment variables CHROMIUM and CHROMEDRIVER, and on PATH.
Where one is missing the test is skipped by name; in continuous integration (CI=true) that is a
failure.

Each browser has a new, empty profile. What it does in the background is switched off: on a machine
without a network it would ask for its maker's hosts many times over."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


def find_chromium() -> tuple[Path, Path]:
    """Find browser and driver, or skip the test; fail it in continuous integration."""
    browser = _binary("CHROMIUM", "chromium", "chromium")
    return browser, _binary("CHROMEDRIVER", "chromedriver", "chromium-driver")


def find_axe() -> str:
    """Give the rules of axe-core (npm), which are run inside a page; or skip, or fail, as above."""
    script = ROOT / "node_modules/axe-core/axe.min.js"
    if not script.is_file():
        _missing("axe-core", "npm install --no-save axe-core")
    return script.read_text(encoding="utf-8")


@contextmanager
def chromium(*arguments: str) -> Iterator[WebDriver]:
    """Run a browser that records what it asks of the network, with further arguments."""
    browser, driver = find_chromium()
    with tempfile.TemporaryDirectory(
        prefix="chromium-", ignore_cleanup_errors=True
    ) as home:  # The browser may write its last files while it ends.
        options = Options()
        options.binary_location = str(browser)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        for argument in (*QUIET, f"--user-data-dir={home}", *arguments):
            options.add_argument(argument)
        running = WebDriver(options, Service(str(driver), env={**os.environ, "HOME": home}))
        try:
            yield running
        finally:
            running.quit()


def _binary(variable: str, name: str, package: str) -> Path:
    for candidate in (os.environ.get(variable), shutil.which(name)):
        if candidate is not None and Path(candidate).is_file():
            return Path(candidate)
    return _missing(name, f"apt-get install {package}")


def _missing(name: str, hint: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not installed: {hint}")
    pytest.skip(f"{name} is not installed")
