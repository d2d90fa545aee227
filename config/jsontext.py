"""Strict JSON: no duplicate keys, no floats, no NaN, nothing after the value.

Python's parser keeps the last of two equal keys and turns `0.1` into a float without a word; both
would let one document mean two things. Integers beyond 2**53 are refused too: other readers round
them, so amounts are decimal strings (RFC 8785, section 3.2.2.3). Half of a surrogate pair is not a
character and has no UTF-8, so it is refused before anything tries to write it again.

What others publish writes amounts as numbers: `parse_json_as_written` is as strict, but keeps each
number as the text it is, so that no digit is lost and a number stays another thing than text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from config.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32
"""Deeper than any document of ours, and far from the depth at which Python runs out of stack."""

_STRING = re.compile(rb'"[^"]*"')
_NO_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as written."""

    text: str


def parse_json(data: bytes, name: str) -> object:
    """Read JSON text in UTF-8.

    Args:
        data: the document, nothing before or after it but white space.
        name: the file's name, for messages.

    Raises:
        InputError: as the module says.
    """
    return _parse(data, name, _refuse_number, _integer)


def parse_json_as_written(data: bytes, name: str) -> object:
    """Read JSON text in UTF-8; every number becomes a `Number`.

    Args:
        data: as for `parse_json`.
        name: the file's name, for messages.

    Raises:
        InputError: as the module says, but for numbers; NaN and infinity are refused.
    """
    return _parse(data, name, Number, Number)


def _parse(
    data: bytes, name: str, fraction: Callable[[str], object], whole: Callable[[str], object]
) -> object:
    _refuse_depth(data, name)
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=fraction,
            parse_constant=_refuse_number,
            parse_int=whole,
        )
    except InputError as error:
        raise InputError.at(name, "", error.what, error.hint) from error
    except (ValueError, RecursionError) as error:
        raise InputError.at(name, "", "not JSON in UTF-8") from error
    _check(value, name, characters=_SURROGATE.search(data) is not None)
    return value


def _refuse_depth(data: bytes, name: str) -> None:
    """Refuse very deep nesting before the parser sees it; `_check` finds the exact depth.

    The parser recurses in C as far as the recursion limit lets it, and libraries raise that limit
    (py_ecc does on import): the process would end. Brackets outside strings are peeled from the
    inside, at least one level a pass; what is left is too deep, or is no JSON at all.
    """
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    unescaped = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = _STRING.sub(b"", unescaped.translate(None, _NO_BRACKETS))
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        what = f"nested deeper than {MAX_DEPTH}, or brackets that do not match"
        raise InputError.at(name, "", what)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise InputError(f"key given twice: {shown(twice)}")
    return found


def _refuse_number(text: str) -> NoReturn:
    raise InputError(f"number not allowed: {text[:40]}", "write amounts as decimal text in quotes")


def _integer(text: str) -> int:
    if len(text) > len(str(-MAX_INTEGER)) or abs(int(text)) > MAX_INTEGER:
        raise InputError(f"integer beyond 2**53: {text[:40]}", "write it as decimal text in quotes")
    return int(text)


def _check(value: object, name: str, *, characters: bool) -> None:
    """Refuse deep nesting and, where escapes may hide one, half a surrogate pair.

    It goes level by level: a walk by recursion would run out of stack before it could say so.
    """
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        if characters:
            _check_characters(level, name)
        containers = [one for one in level if isinstance(one, dict | list)]
        if not containers:
            return
        level = [item for one in containers for item in _inside(one)]
    raise InputError.at(name, "", f"nested deeper than {MAX_DEPTH}")


def _inside(value: dict[str, object] | list[object]) -> list[object]:
    return [*value, *value.values()] if isinstance(value, dict) else value


def _check_characters(values: list[object], name: str) -> None:
    for value in values:
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise InputError.at(name, "", f"half a character: {shown(value)}") from error
