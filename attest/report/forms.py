"""The forms in which a statement's files are rendered. A form never changes once it is released.

A statement names its form, because its rendered files are signed and are made again by whoever
verifies it. Another wording, order or column is another form: a line here, and templates of its
own beside the old ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from config.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Form:
    """The templates of a form, in this folder."""

    report: str
    guide: str


FORMS: Mapping[str, Form] = {
    "1": Form("report.1.md.jinja", "verify.1.md"),
    # The numbers behind findings of legal rules.
    "2": Form("report.2.md.jinja", "verify.1.md"),
}
LATEST = "2"


def form_of(name: str) -> Form:
    """Give a form; raise InputError if this version does not know it."""
    if name not in FORMS:
        hint = "a later version of the program made the statement"
        raise InputError(f"unknown form of the report: {shown(name)}", hint)
    return FORMS[name]


def template(name: str) -> str:
    """Give the text of a template."""
    return (resources.files("attest.report") / name).read_text("utf-8")
