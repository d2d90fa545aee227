"""As much CBOR (RFC 8949) as a COSE signature needs, read strictly.

Integers, byte strings, text, arrays, maps, true, false and null, all of definite length. Refused:
everything else (tags, floats, indefinite lengths), map keys that are not an integer, bytes or text,
a key given twice, text that is not UTF-8, bytes after the value, more than a few levels. Numbers
may be written longer than needed, because what is signed is never written again from what was read.
"""

from __future__ import annotations

MAX_DEPTH = 4
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _SIMPLE = 0, 1, 2, 3, 4, 5, 7
_SIMPLE_VALUES = {20: False, 21: True, 22: None}
_SHORT = 24


class CborError(Exception):
    """The bytes are not of the CBOR that is read here."""


def decode(data: bytes) -> object:
    """Read one value to the last byte; raise CborError.

    Returns:
        int, bytes, str, bool, None, a tuple, or a dict of these.
    """
    value, place = _value(data, 0, MAX_DEPTH)
    if place != len(data):
        raise CborError("bytes after the value")
    return value


def encode_bytes(data: bytes) -> bytes:
    """Write a byte string in its shortest form."""
    size = len(data)
    if size < _SHORT:
        return bytes((_BYTES << 5 | size,)) + data
    width = next(width for width in range(4) if size < 1 << 8 * (1 << width))
    return bytes((_BYTES << 5 | _SHORT + width,)) + size.to_bytes(1 << width, "big") + data


def _value(data: bytes, place: int, depth: int) -> tuple[object, int]:
    if not depth:
        raise CborError("too many levels")
    kind, number, place = _head(data, place)
    if kind in (_UNSIGNED, _NEGATIVE):
        return (-1 - number if kind == _NEGATIVE else number), place
    if kind in (_BYTES, _TEXT):
        return _string(data, place, number, text=kind == _TEXT)
    if kind == _ARRAY:
        return _items(data, place, number, depth)
    if kind == _MAP:
        return _map(data, place, number, depth)
    if kind == _SIMPLE and number in _SIMPLE_VALUES:
        return _SIMPLE_VALUES[number], place
    raise CborError("a kind of value that is not read")


def _head(data: bytes, place: int) -> tuple[int, int, int]:
    """Read a value's kind and number; give them and the place behind them."""
    if place >= len(data):
        raise CborError("the value ends early")
    kind, short = divmod(data[place], 32)
    place += 1
    if short < _SHORT:
        return kind, short, place
    width = 1 << short - _SHORT
    if short > _SHORT + 3 or kind == _SIMPLE or place + width > len(data):
        raise CborError("a length that is not read")
    return kind, int.from_bytes(data[place : place + width], "big"), place + width


def _string(data: bytes, place: int, size: int, *, text: bool) -> tuple[bytes | str, int]:
    end = place + size
    if end > len(data):
        raise CborError("a string ends early")
    if not text:
        return data[place:end], end
    try:
        return data[place:end].decode("utf-8"), end
    except UnicodeDecodeError as error:
        raise CborError("text that is not UTF-8") from error


def _items(data: bytes, place: int, count: int, depth: int) -> tuple[tuple[object, ...], int]:
    # Each value takes a byte at least, so a count beyond them is refused before the loop.
    if count > len(data) - place:
        raise CborError("an array ends early")
    items = []
    for _item in range(count):
        item, place = _value(data, place, depth - 1)
        items.append(item)
    return tuple(items), place


def _map(data: bytes, place: int, count: int, depth: int) -> tuple[dict[object, object], int]:
    flat, place = _items(data, place, 2 * count, depth)
    keys = flat[::2]
    # The type is part of the key, or true and 1 would be one.
    if any(type(key) not in (int, bytes, str) for key in keys) or len(set(keys)) != count:
        raise CborError("a map key twice, or of a kind that is not read")
    return dict(zip(keys, flat[1::2], strict=True)), place
