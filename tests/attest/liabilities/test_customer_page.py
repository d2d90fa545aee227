"""The page as a file: whole in itself, closed to the world, and with words for every reason."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import get_args

import pytest

from attest.liabilities.customer_page import page
from proofs.liabilities.commitment import Reason

TEXT = page().decode()
POLICY = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', TEXT)
BODIES = {
    tag: re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", TEXT, re.DOTALL) for tag in ("script", "style")
}


@pytest.mark.parametrize("tag", ["script", "style"])
def test_the_policy_names_the_page_s_own_script_and_style(tag: str) -> None:
    """Whoever edits the page writes the hash that this test expects."""
    (body,) = BODIES[tag]
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()

    assert POLICY is not None
    assert f"{tag}-src 'sha256-{digest}'" in POLICY[1].split("; ")


def test_the_policy_allows_nothing_else() -> None:
    assert POLICY is not None
    rules = {rule.split()[0]: rule.split()[1:] for rule in POLICY[1].split("; ")}

    assert {
        "default-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
    } == {name: values for name, values in rules.items() if name not in {"script-src", "style-src"}}
    assert {1} == {len(rules[name]) for name in ("script-src", "style-src")}
    assert TEXT.index("Content-Security-Policy") < min(map(TEXT.index, ("<style", "<script")))


@pytest.mark.parametrize(
    "word",
    [
        *("src=", "href=", "url(", "@import", "import(", "import ", "style=", "srcdoc", "<iframe"),
        *("fetch(", "XMLHttpRequest", "WebSocket", "EventSource", "sendBeacon", "Worker", "eval("),
        *(
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "cookie",
            "caches.",
            "history.",
            "location",
        ),
        *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser"),
        *("Math.random", "Date", "parseFloat", "http://", "https://", " on[a-z]+="),
    ],
)
def test_the_page_has_no_way_out(word: str) -> None:
    without_namespace = TEXT.replace("http://www.w3.org/2000/svg", "").replace("console.", "")
    pattern = word if word.startswith(" ") else re.escape(word)

    assert re.search(pattern, without_namespace) is None


def test_every_reason_of_a_proof_has_words() -> None:
    table = re.search(r"const REASONS = \{(.*?)\n\};", TEXT, re.DOTALL)
    assert table is not None
    written = set(re.findall(r"^  (\w+): \[", table[1], re.MULTILINE))

    # A proof carries no snapshot hash that could differ; what cannot be read has no reason in it.
    assert set(get_args(Reason)) - {"snapshot_differs"} | {"unreadable"} == written


def test_nothing_that_is_entered_is_remembered_or_corrected() -> None:
    fields = re.findall(r"<(?:input type=\"text\"|textarea)[^>]*>", TEXT)

    assert 6 == len(fields)
    for field in fields:
        assert 'autocomplete="off"' in field
        assert 'spellcheck="false"' in field
        assert "maxlength" not in field
