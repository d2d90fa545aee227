"""Strict TOML: text in, a plain dictionary out, and no float anywhere.

Duplicate keys are an error in TOML itself. A float is not, and `rate = 0.1` would be rounded before
anything of ours sees it; so a float is refused at its key, written in any form (`0.1`, `1e18`,
`nan`, `inf`), and the person writes decimal text in quotes instead. Integers keep to the 64 bits
that TOML promises to every reader. Example: `parse_toml('a = 1', 'x.toml')` gives `{"a": 1}`.

The parser is Python's own. A second one that keeps the place of every key was considered and
refused: the key path is enough for a person to find the line, and tomllib needs no dependency.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from config.errors import InputError

MAX_DEPTH = 16
"""Our files nest four deep. Dotted keys nest without recursion, so that only a limit keeps later
walks over the document from running out of stack."""
MAX_DOTS = 200
"""Dots on one line. The parser's work grows with the square of the parts of a dotted key: half a
megabyte of them, all on one line as they must be, would take it half an hour."""
MAX_INTEGER = 2**63 - 1
"""The largest integer of TOML 1.0; an amount beyond it is decimal text in quotes."""
SHOWN = 40
"""How much of a refused value is shown: a message is not a place for a megabyte of digits."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


@dataclass(frozen=True, slots=True)
class _Float:
    """A float as it was written, kept until its key path is known."""

    text: str


def parse_toml(text: str, name: str) -> dict[str, object]:
    """Read a TOML document.

    Args:
        text: the document, as `config.text.decode` gives it.
        name: the file's name, for messages.

    Returns:
        Tables as dictionaries, arrays as lists; values are text, integers, booleans, dates, times.

    Raises:
        InputError: the text is not TOML, with line and column; or it holds a float, an integer
            beyond 64 bits, or nests too deep, with the key path.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MAX_DOTS:
            fault = f"{line.count('.')} dots on one line, at most {MAX_DOTS} are allowed"
            raise InputError.at(name, f"line {number}", fault, "write a long list on several lines")
    try:
        document: dict[str, object] = tomllib.loads(text, parse_float=_Float)
    except tomllib.TOMLDecodeError as error:
        where, fault = _split(str(error), text)
        raise InputError.at(name, where, f"not toml: {fault}") from error
    except (ValueError, RecursionError) as error:
        # Python refuses an integer of thousands of digits and brackets nested a thousand deep.
        raise InputError.at(name, "", "not toml: a number too long or nested too deep") from error
    _check(document, name)
    return document


def _split(message: str, text: str) -> tuple[str, str]:
    """Take the place out of a message of tomllib; give the place and the rest in our form."""
    match = _PLACE.search(message)
    fault = message[: match.start()] if match else message
    line, column = (match[1], match[2]) if match else (None, None)
    if line is None:
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    return f"line {line}, column {column}", fault[:1].lower() + fault[1:]


def _check(document: dict[str, object], name: str) -> None:
    """Refuse what TOML allows and we do not; a loop, because the depth is not yet known."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > MAX_DEPTH:
            where = ".".join(path[:4])
            raise InputError.at(name, where, f"nested deeper than {MAX_DEPTH}")
        if isinstance(value, dict):
            waiting += (((*path, str(key)), item) for key, item in value.items())
        elif isinstance(value, list):
            waiting += (((*path, str(index)), item) for index, item in enumerate(value))
        else:
            _check_value(value, name, ".".join(path))


def _check_value(value: object, name: str, where: str) -> None:
    if isinstance(value, _Float):
        hint = f'write it as text in quotes: "{value.text[:SHOWN]}"'
        raise InputError.at(name, where, f"float not allowed: {value.text[:SHOWN]}", hint)
    if isinstance(value, int) and not -MAX_INTEGER - 1 <= value <= MAX_INTEGER:
        what = f"integer too large: {value.bit_length()} bits, at most 63 and a sign allowed"
        raise InputError.at(name, where, what, "write it as text in quotes")
