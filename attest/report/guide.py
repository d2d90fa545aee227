"""VERIFY.md: how to check a bundle's signature and files with public tools alone."""

from __future__ import annotations

from importlib import resources

TEMPLATE = "verify.md"


def render(number: str) -> bytes:
    """Render the guide for the statement of a number such as `0001`."""
    template = (resources.files("attest.report") / TEMPLATE).read_text("utf-8")
    return template.replace("NUMBER", number).encode()
