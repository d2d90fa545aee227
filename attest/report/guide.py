"""VERIFY.md: how to check a bundle's signature and files with public tools alone."""

from __future__ import annotations

from attest.report.forms import LATEST, form_of, template


def render(number: str, form: str = LATEST) -> bytes:
    """Render the guide for the statement of a number such as `0001`.

    Raises:
        InputError: the form is not known.
    """
    return template(form_of(form).guide).replace("NUMBER", number).encode()
