"""Strict JSON: no duplicate keys, no floats, no NaN, nothing after the value.

Python's parser keeps the last of two equal keys and turns `0.1` into a float without a word; both
would let one document mean two things. Integers beyond 2**53 are refused too: other readers round
them, so amounts are decimal strings (RFC 8785, section 3.2.2.3).
"""

from __future__ import annotations

import json
from typing import NoReturn

from config.errors import InputError

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32
"""Deeper than any document of ours; json's own recursion limit would be reached long after."""


def parse_json(data: bytes, name: str) -> object:
    """Read JSON text in UTF-8.

    Args:
        data: the document, nothing before or after it but white space.
        name: the file's name, for messages.

    Raises:
        InputError: as the module says.
    """
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            parse_int=_integer,
        )
    except InputError as error:
        raise InputError.at(name, "", error.what, error.hint) from error
    except (ValueError, RecursionError) as error:
        raise InputError.at(name, "", "not JSON in UTF-8") from error
    if _depth(value) > MAX_DEPTH:
        raise InputError.at(name, "", f"nested deeper than {MAX_DEPTH}")
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InputError(f"key given twice: {twice!r}")
    return found


def _refuse_number(text: str) -> NoReturn:
    raise InputError(f"number not allowed: {text[:40]}", "write amounts as decimal text in quotes")


def _integer(text: str) -> int:
    if len(text) > len(str(-MAX_INTEGER)) or abs(int(text)) > MAX_INTEGER:
        raise InputError(f"integer beyond 2**53: {text[:40]}", "write it as decimal text in quotes")
    return int(text)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0
