"""Answers of kind `authority`, read strictly: JSON of what a node says of an account.

The text is a node's and passes through a file, so nothing in it is taken on trust: size, strict
JSON, and the form of each field that is read. Anything else is an `InputError`, which the readers
of the two chains turn into `authority_unknown`: what cannot be read neither proves nor refutes.
"""

from __future__ import annotations

from typing import TypeAlias

from config.errors import InputError
from config.jsontext import parse_json

Fields: TypeAlias = "dict[str, object]"

MAX_TEXT = 64 * 1024
"""Characters: nine Tron permissions of five keys, or 32 signers of the XRP Ledger, are 10 KB."""


def parse(text: str) -> Fields | None:
    """Read an answer: the account's fields, or None where the chain has no such account."""
    if len(text) > MAX_TEXT:
        raise InputError(f"answer of {len(text)} characters, at most {MAX_TEXT} are read")
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise InputError("answer holds half a character") from error
    return None if (found := parse_json(data, "authority")) is None else fields(found)


def fields(value: object) -> Fields:
    """Take a value for an object."""
    if not isinstance(value, dict):
        raise InputError("expected an object")
    return value


def entries(value: object, least: int, most: int) -> list[object]:
    """Take a value for a list of so many entries."""
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise InputError(f"expected a list of {least} to {most}")
    return value


def text(value: Fields, field: str) -> str:
    """Give a field that is text."""
    found = value.get(field)
    if not isinstance(found, str):
        raise InputError(f"{field} is not text")
    return found


def whole(value: Fields, field: str, least: int) -> int:
    """Give a field that is a whole number, at least so great."""
    found = value.get(field)
    # A bool is an int to Python and not to JSON.
    if type(found) is not int or found < least:
        raise InputError(f"{field} is not a whole number from {least} on")
    return found
