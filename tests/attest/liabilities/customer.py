"""A customer at his browser: the page opened from a disk, asked by its function or used by hand."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from attest.liabilities.customer_page import NAME, page
from config.amount import parse_decimal
from config.errors import InputError
from proofs.liabilities.commitment import Refused
from proofs.liabilities.encoding import CustomerKey, customer_id
from proofs.liabilities.inclusion import (
    Claimant,
    check,
    check_balances,
    inclusion_document,
    read_inclusion,
)
from tests.nodes.chromium import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from selenium.webdriver.chrome.webdriver import WebDriver
    from selenium.webdriver.remote.webelement import WebElement

    from tests.proofs.liabilities.pol import Grown, Slot

SECONDS = 20.0
"""How long a check may take on a busy machine."""
ASK = """
const [cases, done] = arguments;
const byte = (pair) => parseInt(pair, 16);
const data = ({ text, hex }) => text ?? Uint8Array.from(hex.match(/../g) ?? [], byte);
(async () => {
  const found = [];
  for (const one of cases) found.push(await check(data(one), one.claimant));
  return found;
})().then(done, (error) => done(String(error)));
"""
PASTE = """
for (const [name, text] of Object.entries(arguments[0])) {
  document.getElementById(name).value = text;
  document.getElementById(name).dispatchEvent(new Event("input", { bubbles: true }));
}
"""
"""Keys pressed one by one take a test's whole time; one test of the keyboard presses them."""


@dataclass(frozen=True)
class Entries:
    """What a customer brings, as he enters it."""

    account: str
    identifier: str
    key: str
    published: str
    records: str = ""

    def as_json(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def entries(grown: Grown, slot: Slot, records: str = "") -> Entries:
    claimant = grown.claimant(slot)
    return Entries(
        slot.account, slot.identifier, claimant.key.hex(), claimant.published.hex(), records
    )


def proof_text(grown: Grown, slot: Slot) -> str:
    return json.dumps(inclusion_document(grown.proof(slot)))


@contextmanager
def opened_page(folder: Path) -> Iterator[WebDriver]:
    """Open the page from a disk."""
    place = folder / NAME
    place.write_bytes(page())
    with chromium() as driver:
        driver.set_script_timeout(SECONDS)
        driver.get(place.as_uri())
        yield driver


def said_by_page(
    driver: WebDriver, cases: Sequence[tuple[str | bytes, Entries]]
) -> list[dict[str, Any]]:
    """Ask the page's function for each text or bytes of a proof."""
    asked = [
        {
            "text": data if isinstance(data, str) else None,
            "hex": data.hex() if isinstance(data, bytes) else None,
            "claimant": claimant.as_json(),
        }
        for data, claimant in cases
    ]
    found: list[dict[str, Any]] = driver.execute_async_script(ASK, asked)
    assert isinstance(found, list), found
    return found


def said_by_package(data: str | bytes, claimant: Entries) -> str:
    """Give the reason of a refusal, `unreadable`, or what is shown, as the package sees it."""
    try:
        inclusion = read_inclusion(data.encode() if isinstance(data, str) else data, "proof.json")
        who = customer_id(claimant.account, claimant.identifier)
        key, published = CustomerKey(bytes.fromhex(claimant.key)), bytes.fromhex(claimant.published)
        shown = check(inclusion, Claimant(who, key, published))
        trees = {tree.instrument: tree for tree in inclusion.commitment.trees}
        lines = [line.split() for line in claimant.records.splitlines()]
        expected = {
            trees[name].index: parse_decimal(amount, trees[name].decimals) for name, amount in lines
        }
        check_balances(shown, expected)
    except Refused as refused:
        return refused.reason
    except InputError:
        return "unreadable"
    return repr(dict(sorted(shown.items())))


def brief(said: dict[str, Any]) -> str:
    """Give the page's answer in the form of `said_by_package`."""
    if said["reason"] != "shown":
        return str(said["reason"])
    return repr(
        {asset: int(said["shown"][str(asset)]) for asset in sorted(map(int, said["shown"]))}
    )


def at(driver: WebDriver, name: str) -> WebElement:
    return driver.find_element(By.ID, name)


def outcome(driver: WebDriver) -> str:
    return str(at(driver, "banner").get_attribute("data-outcome"))


def enter(driver: WebDriver, proof: Path, claimant: Entries) -> None:
    """Start afresh and fill in the form."""
    driver.refresh()
    at(driver, "file").send_keys(str(proof))
    driver.execute_script(PASTE, claimant.as_json())
    WebDriverWait(driver, SECONDS, 0.02).until(lambda _: at(driver, "source").text)


def press_check(driver: WebDriver) -> str:
    """Press the button, wait for the verdict, and give its outcome."""
    driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    return settled(driver)


def settled(driver: WebDriver) -> str:
    WebDriverWait(driver, SECONDS, 0.02).until(
        lambda _: outcome(driver) in {"shown", "refused", "unreadable"}
    )
    return outcome(driver)
