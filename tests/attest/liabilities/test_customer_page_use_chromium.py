"""The page in a customer's hands: what he reads, how he works it, and that nothing leaves it."""

from __future__ import annotations

import base64
import json
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from proofs.liabilities.commitment import commit, tree_of
from proofs.liabilities.inclusion import Inclusion, inclusion_document
from tests.attest.liabilities.customer import (
    SECONDS,
    Entries,
    at,
    enter,
    entries,
    opened_page,
    outcome,
    press_check,
    proof_text,
    settled,
)
from tests.nodes.chromium import find_axe
from tests.proofs.liabilities.pol import ALICE, BOB, Slot, grow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver.chrome.webdriver import WebDriver

pytestmark = pytest.mark.nodes

HEADER: dict[str, object] = {
    "version": "polv1",
    "entity": "Example Exchange",
    "network": "main",
    "asOf": "2026-03-31T15:00:00Z",
    "pins": [{"chain": "eip155:1", "height": 24_561_234, "blockHash": "0x" + "5f" * 32}],
    "revision": "1",
    "supersedes": None,
    "assets": [
        {"index": 0, "instrument": "coin0", "decimals": 8, "shares": 2, "cap": "500000000"},
        {"index": 1, "instrument": "coin1", "decimals": 8, "shares": 2, "cap": "500000000"},
        {"index": 2, "instrument": "coin2", "decimals": 8, "shares": 2, "cap": "500000000"},
    ],
    "ledger": [{"instrument": "coin0", "balance": "1", "debt": "0"}],
    "rounds": {"deep": [1, 2]},
}
RICH = replace(ALICE, amount=123_456_700_000_000)
GROWN = grow(
    (RICH, BOB, Slot("1003", "carol@example.com", 0), replace(ALICE, amount=5, split=1)),
    (replace(ALICE, asset=1, amount=900_000_000), replace(BOB, asset=1, amount=1)),
    (replace(BOB, asset=2, amount=1),),
    header=HEADER,
)
WHO = entries(GROWN, ALICE)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    with opened_page(tmp_path_factory.mktemp("page")) as driver:
        yield driver


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    return saved(tmp_path, proof_text(GROWN, ALICE))


def saved(folder: Path, text: str) -> Path:
    file = folder / "proof.json"
    file.write_text(text, encoding="utf-8")
    return file


def text_of(driver: WebDriver, name: str) -> str:
    return at(driver, name).text


def scheme(driver: WebDriver, name: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": name}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})


def test_a_customer_reads_what_is_counted(browser: WebDriver, proof: Path) -> None:
    enter(browser, proof, WHO)

    assert "shown" == press_check(browser)
    assert "Your balances are counted" == text_of(browser, "verdict")
    assert "as of 2026-03-31T15:00:00Z" in text_of(browser, "means")
    assert "only you know" in text_of(browser, "advice")
    cards = [
        item.text.split("\n") for item in at(browser, "balances").find_elements(By.TAG_NAME, "li")
    ]
    assert [
        ["1234567.00000005 coin0", "In shares", "2"],
        ["9 coin1", "In shares", "1"],
    ] == [card[:3] for card in cards]
    assert ["Total reached", "1234567.00000055", "Base units", "123456700000005"] == cards[0][3:]
    assert "nothing of yours in the other instrument of this commitment: coin2." in text_of(
        browser, "none-of-yours"
    )
    snapshot = text_of(browser, "snapshot")
    for told in ("Example Exchange", "2026-03-31T15:00:00Z", "eip155:1", "24561234", "5f" * 32):
        assert told in snapshot
    assert "Takes the place of\nnone" in snapshot
    assert "They are the same." in text_of(browser, "hashes")
    assert "1001, alice@example.com, by proof.json" in text_of(browser, "about")
    assert not at(browser, "unnamed").is_displayed()
    assert not at(browser, "test").is_displayed()


def test_the_path_is_drawn_and_told(browser: WebDriver, proof: Path) -> None:
    enter(browser, proof, WHO)
    press_check(browser)
    browser.find_element(By.CSS_SELECTOR, "#path-part summary").click()

    def steps() -> list[str]:
        return [item.text for item in at(browser, "path").find_elements(By.TAG_NAME, "li")]

    def sums() -> list[list[str]]:
        rows = at(browser, "steps").find_elements(By.TAG_NAME, "tr")
        return [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")][:4] for row in rows]

    assert [
        "1234567 coin0\nyour share",
        "1234567.0000005\n+ 0.0000005, right",
        "1234567.00000055 coin0\n+ 0.00000005, right: the published total",
    ] == steps()
    assert [
        ["1", "right", "0.0000005", "1234567.0000005"],
        ["2", "right", "0.00000005", "1234567.00000055"],
    ] == sums()
    assert "Share 1 of 3, coin0" == text_of(browser, "which")
    assert not at(browser, "back").is_enabled()
    at(browser, "next").click()
    assert ["1", "left", "0", "0.00000005"] == sums()[0]
    at(browser, "next").click()
    assert "Share 3 of 3, coin1" == text_of(browser, "which")
    assert not at(browser, "next").is_enabled()
    assert ["9 coin1\nyour share"] == steps()[:1]


def test_own_records_are_held_against_the_proof(browser: WebDriver, proof: Path) -> None:
    enter(browser, proof, replace(WHO, records="coin0 1234567.00000005\ncoin1=9"))
    assert "shown" == press_check(browser)
    assert "exactly what your own records say" in text_of(browser, "means")
    assert not at(browser, "advice").is_displayed()

    enter(browser, proof, replace(WHO, records="coin1 9"))
    assert "shown" == press_check(browser)
    assert "only you know" in text_of(browser, "advice")

    enter(browser, proof, replace(WHO, records="coin1 9\ncoin2 0.5"))
    assert "refused" == press_check(browser)
    assert "You are counted with another balance" == text_of(browser, "verdict")
    assert "balance_differs" in text_of(browser, "detail")
    assert "0 coin2\nIn shares\n0" in text_of(browser, "balances")


def test_what_is_refused_is_said_in_words_with_what_to_do(browser: WebDriver, proof: Path) -> None:
    enter(browser, proof, replace(WHO, account="1002"))
    assert "refused" == press_check(browser)
    assert "Your balance is not shown to be in the total" == text_of(browser, "verdict")
    assert "ask the exchange" in text_of(browser, "advice")
    assert text_of(browser, "detail").startswith("path_differs: asset 0")
    for part in ("balances-part", "path-part"):
        assert not at(browser, part).is_displayed()

    enter(browser, proof, replace(WHO, published="ab" * 32))
    assert "refused" == press_check(browser)
    assert "The proof is of another commitment" == text_of(browser, "verdict")
    assert "They are not the same." in text_of(browser, "hashes")
    assert at(browser, "hashes").find_elements(By.TAG_NAME, "mark")
    assert not at(browser, "snapshot-part").is_displayed()


def test_a_cut_file_says_nothing_for_or_against(browser: WebDriver, tmp_path: Path) -> None:
    enter(browser, saved(tmp_path, proof_text(GROWN, ALICE)[:-1]), WHO)

    assert "unreadable" == press_check(browser)
    assert "This could not be checked" == text_of(browser, "verdict")


def test_zero_and_test_networks_are_said(browser: WebDriver, tmp_path: Path) -> None:
    grown = grow((replace(ALICE, amount=0), BOB), header={"network": "test"})
    enter(browser, saved(tmp_path, proof_text(grown, ALICE)), entries(grown, ALICE))

    assert "shown" == press_check(browser)
    assert "You are counted, with a balance of zero" == text_of(browser, "verdict")
    assert "TEST network: not real money" == text_of(browser, "test")
    assert at(browser, "unnamed").is_displayed()


def test_whatever_is_entered_anew_takes_the_verdict_away(browser: WebDriver, proof: Path) -> None:
    enter(browser, proof, WHO)
    assert "shown" == press_check(browser)
    at(browser, "account").send_keys("2")

    assert "none" == outcome(browser)
    assert "Not checked" == text_of(browser, "verdict")
    for part in ("balances-part", "hashes-part", "snapshot-part", "path-part"):
        assert not at(browser, part).is_displayed()
    assert "refused" == press_check(browser)
    browser.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    assert "Nothing checked yet" == text_of(browser, "verdict")
    values = [
        field.get_attribute("value")
        for field in browser.find_elements(By.CSS_SELECTOR, "input, textarea")
    ]
    assert [""] * 8 == values


def test_missing_and_mistyped_entries_are_named(browser: WebDriver, proof: Path) -> None:
    browser.refresh()
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    wrong = [
        one.get_attribute("id")
        for one in browser.find_elements(By.CSS_SELECTOR, "[aria-invalid=true]")
    ]

    assert ["file", "account", "identifier", "key", "published"] == wrong
    assert "file" == browser.switch_to.active_element.get_attribute("id")
    assert "none" == outcome(browser)
    enter(browser, proof, replace(WHO, key="0x" + WHO.key, records="coin0 0,5"))
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    assert "key" == browser.switch_to.active_element.get_attribute("id")
    assert "64 hex digits" in text_of(browser, "key-wrong")
    assert "“coin0 0,5” is not" in text_of(browser, "records-wrong")
    assert "none" == outcome(browser)


def test_the_proof_s_own_set_is_shown_only_beside_what_was_entered(
    browser: WebDriver, proof: Path
) -> None:
    enter(browser, proof, replace(WHO, published=""))
    assert WHO.published not in browser.find_element(By.TAG_NAME, "body").text
    at(browser, "published").send_keys("ab" * 32)
    assert f"The proof says {WHO.published}: not the same." == text_of(browser, "compared")
    at(browser, "published").clear()
    at(browser, "published").send_keys(WHO.published)
    assert f"The proof says {WHO.published}: the same." == text_of(browser, "compared")


DROP = """
const [files, target] = arguments, carried = new DataTransfer();
for (const [name, text] of files) carried.items.add(new File([text], name));
const options = { bubbles: true, cancelable: true, dataTransfer: carried };
return document.querySelector(target).dispatchEvent(new DragEvent("drop", options));
"""


def test_files_can_be_dropped_anywhere(browser: WebDriver, proof: Path, tmp_path: Path) -> None:
    enter(browser, proof, replace(WHO, key=""))
    files = [["key.txt", WHO.key + "\r\n"], ["mine.json", proof.read_text(encoding="utf-8")]]

    assert browser.execute_script(DROP, files, "footer") is False
    WebDriverWait(browser, SECONDS, 0.02).until(lambda _: "mine.json" in text_of(browser, "source"))
    assert WHO.key == at(browser, "key").get_attribute("value")
    assert "shown" == press_check(browser)
    key = tmp_path / "key"
    key.write_text("not a key", encoding="utf-8")
    at(browser, "key-file").send_keys(str(key))
    WebDriverWait(browser, SECONDS, 0.02).until(lambda _: text_of(browser, "key-wrong"))
    assert not at(browser, "key").get_attribute("value")
    assert "none" == outcome(browser)


def test_the_keyboard_alone_leads_to_the_verdict(browser: WebDriver) -> None:
    browser.refresh()
    order: list[str] = []

    def press(*keys: str) -> None:
        ActionChains(browser).send_keys(*keys).perform()

    def go_to(name: str) -> None:
        for _ in range(20):
            press(Keys.TAB)
            focus = browser.switch_to.active_element
            order.append(focus.get_attribute("id") or focus.text)
            if order[-1] == name:
                return
        pytest.fail(f"{name} is not reached: {order}")

    go_to("Or paste its text")
    press(Keys.ENTER)
    go_to("pasted")
    text = proof_text(GROWN, ALICE)
    browser.execute_cdp_cmd("Input.insertText", {"text": text})
    for name in ("account", "identifier", "key"):
        go_to(name)
        press(getattr(WHO, name))
    go_to("published")
    press(WHO.published)
    go_to("Check")
    press(Keys.ENTER)

    assert "shown" == settled(browser)
    assert "verdict" == browser.switch_to.active_element.get_attribute("id")
    go_to("next")
    press(Keys.ENTER)
    assert "Share 2 of 3, coin0" == text_of(browser, "which")
    assert ["file", "Or paste its text", "pasted", "account", "identifier", "key"] == order[:6]
    assert ["key-file", "published", "records", "Check"] == order[6:10]


def test_long_proofs_leave_the_page_alive(browser: WebDriver, tmp_path: Path) -> None:
    slots = tuple(replace(ALICE, split=number, amount=number) for number in range(2048))
    grown = grow(slots)
    enter(browser, saved(tmp_path, proof_text(grown, ALICE)), entries(grown, ALICE))
    browser.execute_script("""
        window.said = new Set();
        window.beat = setInterval(() => {
            const text = document.getElementById("working-text");
            if (text.checkVisibility()) said.add(text.textContent);
        }, 2);
    """)

    assert "shown" == press_check(browser)
    # What another task of the page sees between the shares, a customer sees and can stop.
    said = browser.execute_script("clearInterval(beat); return [...said]")
    assert len(said) > 5
    assert all(one.endswith(" of 2048 shares") for one in said)
    assert "In shares\n2048" in text_of(browser, "balances")


HOSTILE = "<img src=x onerror=document.title='owned'>"


def test_hostile_text_is_text(browser: WebDriver, tmp_path: Path) -> None:
    header: dict[str, object] = {
        "entity": f"{HOSTILE}\u202e\u200b",
        "asOf": "<script>document.title='owned'</script>",
        "pins": [{HOSTILE: HOSTILE, "__proto__": "own"}],
        "network": {"a": HOSTILE},
        HOSTILE: [HOSTILE, {"x": "</pre><iframe>"}],
        "toString": "x" * 100_000,
        "many": [{"row": number} for number in range(150)],
    }
    grown = grow((ALICE, BOB), header=header)
    tree = replace(grown.commitment.trees[0], instrument=f"{HOSTILE}\u0000\u2066", decimals=38)
    lying = commit(header, (tree_of(grown.commitment.snapshot, tree),))
    made = inclusion_document(Inclusion(lying, grown.proof(ALICE).shares))
    title = browser.title
    enter(browser, saved(tmp_path, json.dumps(made)), entries(grown, ALICE))

    assert "shown" == press_check(browser)
    for summary in browser.find_elements(By.CSS_SELECTOR, "#result summary"):
        summary.click()
    assert [] == browser.find_elements(By.CSS_SELECTOR, "img, iframe, main script")
    assert title == browser.title
    assert f"{HOSTILE}\\u0000\\u2066" in text_of(browser, "balances")
    snapshot = text_of(browser, "snapshot")
    assert f"{HOSTILE}\\u202e\\u200b" in snapshot
    assert "</pre><iframe>" in snapshot
    assert "__proto__" in snapshot
    assert "and 50 more" in snapshot
    assert len(snapshot) < 8_000
    assert narrow(browser)
    assert [] == browser.get_log("browser")  # type: ignore[no-untyped-call]


def narrow(driver: WebDriver) -> bool:
    """Tell whether nothing is wider than a window of 360 pixels."""
    size = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    wide = driver.execute_script("return document.documentElement.scrollWidth")
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    return bool(wide == 360)


def test_nothing_is_asked_sent_or_stored(browser: WebDriver, proof: Path) -> None:
    browser.get_log("performance")  # type: ignore[no-untyped-call]
    enter(browser, proof, WHO)
    press_check(browser)
    said = [json.loads(one["message"])["message"] for one in browser.get_log("performance")]  # type: ignore[no-untyped-call]
    asked = {
        one["params"]["request"]["url"]
        for one in said
        if one["method"] == "Network.requestWillBeSent"
    }

    assert {browser.current_url} == asked
    kept = "return [localStorage.length, sessionStorage.length, document.cookie, location.hash]"
    assert [0, 0, "", ""] == browser.execute_script(kept)


SEND = """
const [url, done] = arguments, blocked = new Set();
document.addEventListener("securitypolicyviolation", (one) => blocked.add(one.effectiveDirective));
const image = new Image();
image.src = url;
navigator.sendBeacon(url, "key");
let markup = "set";
try { document.body.innerHTML += "x"; } catch { markup = "refused"; }
fetch(url, { method: "POST", body: "key", mode: "no-cors" }).then(() => "sent", () => "refused")
    .then((said) => setTimeout(() => done([said, markup, [...blocked]]), 100));
"""


def test_even_a_changed_script_could_send_nothing(browser: WebDriver) -> None:
    browser.refresh()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        said, markup, blocked = browser.execute_async_script(SEND, url)
        with pytest.raises(TimeoutError):
            server.accept()
    browser.get_log("browser")  # type: ignore[no-untyped-call]

    assert "refused" == said == markup
    assert {"connect-src", "img-src"} <= set(blocked)


RULES = """
const [done] = arguments;
const met = ({ id, nodes }) => [id, nodes.map((one) => one.html)];
axe.run(document, { preload: false, resultTypes: ["violations", "incomplete"] }).then(
    (found) => done([...found.violations, ...found.incomplete].map(met)),
    (error) => done([String(error)]));
"""


def broken_rules(driver: WebDriver, axe: str) -> list[Any]:
    driver.execute_script(axe + "; window.axe = axe;")
    found: list[Any] = driver.execute_async_script(RULES)
    return found


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_rules_of_accessibility_and_screenshots(
    browser: WebDriver, proof: Path, tmp_path_factory: pytest.TempPathFactory, colours: str
) -> None:
    axe, folder = find_axe(), tmp_path_factory.mktemp(f"screenshots-{colours}")
    scheme(browser, colours)
    states: dict[str, Entries | None] = {
        "blank": None,
        "shown": replace(WHO, records="coin1 9"),
        "refused": replace(WHO, published="ab" * 32),
        "differs": replace(WHO, records="coin1 8"),
    }
    for name, who in states.items():
        browser.refresh()
        if who is not None:
            enter(browser, proof, who)
            press_check(browser)
            browser.execute_script(
                "for (const one of document.querySelectorAll('details')) one.open = true"
            )
        else:
            browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
        assert [] == broken_rules(browser, axe)
        for width in (1280, 360):
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            assert width == browser.execute_script("return document.documentElement.scrollWidth")
            shot = browser.execute_cdp_cmd(
                "Page.captureScreenshot", {"captureBeyondViewport": True}
            )
            (folder / f"{name}-{width}.png").write_bytes(base64.b64decode(shot["data"]))
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    assert 8 == len(list(folder.iterdir()))


def test_a_print_shows_the_result_without_the_key(browser: WebDriver, proof: Path) -> None:
    enter(browser, proof, WHO)
    press_check(browser)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = [at(browser, name).is_displayed() for name in ("verdict", "balances", "path", "form")]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    assert [True, True, True, False] == shown
