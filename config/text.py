"""Bytes of an input file to text: bounded, UTF-8, line ends normalised.

Parsers of this package take text, never a path, so that a run and a later replay from a bundle read
the same bytes the same way. Reading a file is left to the command line.

A carriage return that does not end a line is refused: readers differ on whether it begins a row,
and an editor that shows none would hide one. Text for people (names, labels) may hold any script,
but no character that is not seen or that turns the direction of what follows.
"""

from __future__ import annotations

import re

from config.errors import InputError

BOM = "\ufeff"
MAX_PLAIN = 200
"""Characters of a name or label: room for any legal name, and a report keeps its columns."""
UNSEEN = r"\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
"""Control, direction and zero-width characters, as the inside of a character class. The joiners
U+200C and U+200D are letters' own in several scripts and stay allowed."""
PLAIN = rf"^[^\s{UNSEEN}]([^{UNSEEN}]*[^\s{UNSEEN}])?$"
"""Text for people: something is seen, and it neither begins nor ends with a space."""

_PLAIN = re.compile(PLAIN)


def decode(data: bytes, name: str, limit: int) -> str:
    """Decode an input file.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        limit: the largest size accepted, in bytes.

    Returns:
        The text without a byte order mark, with a line feed at every line's end.

    Raises:
        InputError: the file is empty, over the limit, not UTF-8, or holds a NUL character or a
            carriage return without a line feed.
    """
    if len(data) > limit:
        raise InputError.at(name, "", f"file too large: {len(data)} bytes, the limit is {limit}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        hint = "save the file as UTF-8"
        raise InputError.at(name, f"byte {error.start}", "not UTF-8", hint) from error
    text = text.removeprefix(BOM).replace("\r\n", "\n")
    if not text.strip():
        raise InputError.at(name, "", "file is empty")
    _refuse(text, name, "\0", "text expected, met a NUL character", "save the file as UTF-8")
    hint = "save the file with LF or CRLF line ends; write a message that holds one in hex"
    _refuse(text, name, "\r", "carriage return without a line feed", hint)
    return text


def _refuse(text: str, name: str, character: str, what: str, hint: str) -> None:
    place = text.find(character)
    if place >= 0:
        raise InputError.at(name, f"line {text.count(chr(10), 0, place) + 1}", what, hint)


def is_plain(text: str) -> bool:
    """Tell whether text is fit for people: not empty, seen, no space at an edge, not too long."""
    return len(text) <= MAX_PLAIN and _PLAIN.fullmatch(text) is not None
