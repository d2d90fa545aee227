"""JSON as a node writes it and as evidence keeps it: one strict reading, one canonical writing.

A node's answer is untrusted text. It is read so that it can mean one thing only, and so that what
was read can be written again as RFC 8785 without loss:

- UTF-8 alone, no duplicate keys, no `NaN` or `Infinity`, no lone surrogates, nothing after the
  value;
- nested at most `MAX_DEPTH` deep, and at most `MAX_CONTAINERS` arrays and objects;
- a number with a fraction or an exponent, and an integer beyond 2**53, is kept as the text the node
  wrote. RFC 8785 prints numbers as IEEE 754 doubles, which hold neither exactly, and a float is
  never money. A node's `1.5` and its `"1.5"` are therefore the same value here; each decoder knows
  which it expects.

Refusing large integers instead was considered: one odd number in a block header would then hide
every other answer of that node, though nobody reads it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn, cast

import rfc8785

if TYPE_CHECKING:
    from chains.evidence import Json

MAX_DEPTH = 32
"""Answers of nodes nest about six deep; the limit keeps every later walk over them shallow."""

MAX_CONTAINERS = 1 << 21
"""An empty array takes two bytes of an answer and 64 of memory: without a limit the largest answer
(`chains.transport`) would fill gigabytes. What has that many has 64 bytes for each of them."""

MAX_INTEGER = 2**53 - 1
"""The largest integer RFC 8785 can write (its section 3.2.2.3, and RFC 7493, section 2.2)."""

_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_STRING = re.compile(rb'"[^"]*"')
_NO_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))


def decode_json(data: bytes) -> Json:
    """Read JSON text, arrays as tuples.

    Raises:
        ValueError: it is not such text, in any of the ways the module names.
    """
    _refuse_depth(data)
    value = json.loads(
        data.decode("utf-8"),
        object_pairs_hook=_object,
        parse_float=str,
        parse_int=_integer,
        parse_constant=_refuse_constant,
    )
    return _freeze(value, MAX_DEPTH)


def encode_json(value: Json) -> bytes:
    """Write a value of the form `decode_json` gives as RFC 8785, without loss.

    Nearly all evidence is ASCII, and there the standard library's compact form with sorted keys is
    the same text at a tenth of the time: keys sort alike, the same characters are escaped alike
    (RFC 8785, section 3.2), and no number here is a float or beyond 2**53.
    """
    text = _PLAIN.encode(value)
    return text.encode() if text.isascii() else rfc8785.dumps(value)


def _refuse_depth(data: bytes) -> None:
    """Refuse deep nesting, and too much of it, before the parser sees it.

    The parser recurses in C as deep as the recursion limit lets it. Libraries raise that limit
    (py_ecc does on import), and the interpreter then dies of a reply of 200,000 brackets.

    Brackets outside strings are peeled from the inside, at least one level a pass; what is left
    after MAX_DEPTH passes is too deep, or is no JSON at all. The exact depth is left to `_freeze`.
    """
    containers = data.count(b"[") + data.count(b"{")
    if containers > MAX_CONTAINERS:
        raise ValueError(f"json with {containers} brackets, the limit is {MAX_CONTAINERS}")
    if containers <= MAX_DEPTH:
        return  # Too few to be deep, as in every line of a recording of balances.
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = data.translate(None, _NO_BRACKETS).replace(b'""', b"")
    if b'"' in brackets:  # A string with brackets in it leaves one of its quotes.
        brackets = _STRING.sub(b"", data.translate(None, _NO_BRACKETS))
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise ValueError(f"json nested deeper than {MAX_DEPTH}, or with brackets that do not match")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(
            f"json object with a key given twice: {len(pairs)} pairs, {len(found)} keys"
        )
    return found


def _integer(text: str) -> int | str:
    # The length comes first: int() of a million digits is work a hostile node would choose.
    if len(text) > len(str(-MAX_INTEGER)):
        return text
    value = int(text)
    return value if abs(value) <= MAX_INTEGER else text


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"not a json number: {text}")


def _freeze(value: object, depth: int) -> Json:
    """Give a parsed value with tuples for lists.

    Texts and numbers in a list or an object are taken without a call for each: there may be ten
    thousand of them in a reply, and hardly anything else.
    """
    if isinstance(value, str):
        return _text(value)
    if not isinstance(value, (list, dict)):
        return cast("bool | int | None", value)
    if depth == 0:
        raise ValueError(f"json nested deeper than {MAX_DEPTH}")
    if isinstance(value, list):
        return tuple(
            [
                one if type(one) is str and one.isascii() else _freeze(one, depth - 1)
                for one in value
            ]
        )
    return {
        _text(key): one
        if type(one) is int or (type(one) is str and one.isascii())
        else _freeze(one, depth - 1)
        for key, one in value.items()
    }


def _text(text: str) -> str:
    # An escaped lone surrogate passes the parser and has no UTF-8 form: it could never be evidence.
    if not text.isascii():
        text.encode("utf-8")
    return text
