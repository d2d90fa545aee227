"""DER, as much of it as a timestamp needs: cut bytes into elements, and write elements.

    30 0b | 06 09 60 86 48 01 65 03 04 02 01      tag, length, content: a sequence of one identifier

Read strictly: definite lengths in their shortest form, tags of one byte, nothing left over. What
lies inside an element is cut only when it is asked for.

Chosen: forty lines that only cut. Refused: the declarative reader of `cryptography`, whose sets
must be in order, while authorities send their certificates in an order of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

SEQUENCE, SET = 0x30, 0x31
BOOLEAN, INTEGER, OCTETS, NULL, OID, TIME = 0x01, 0x02, 0x04, 0x05, 0x06, 0x18
FIRST, SECOND = 0xA0, 0xA1
"""[0] and [1], constructed."""

_LONG = 0x80
_TAG_CONTINUES = 0x1F
_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Element:
    """One element of DER."""

    tag: int
    content: bytes
    whole: bytes
    """Tag, length and content, as they were."""


def cut(data: bytes) -> tuple[Element, ...]:
    """Cut bytes into the elements that lie in them one after another.

    Raises:
        ValueError: bytes that are not whole elements.
    """
    found, at = [], 0
    while at < len(data):
        one = _element(data, at)
        found.append(one)
        at += len(one.whole)
    return tuple(found)


def inside(element: Element, *tags: int | None) -> tuple[Element, ...]:
    """Cut an element's content.

    Args:
        element: a constructed element.
        tags: the tags of its first parts; None stands for any.

    Raises:
        ValueError: other tags, or fewer parts.
    """
    parts = cut(element.content)
    met = [one.tag for one in parts[: len(tags)]]
    fits = [expected in (None, tag) for expected, tag in zip(tags, met, strict=False)]
    if len(met) < len(tags) or not all(fits):
        raise ValueError(f"parts with tags {met}, expected {list(tags)}")
    return parts


def exactly(element: Element, *tags: int | None) -> tuple[Element, ...]:
    """Cut an element that has these parts and no other; raise ValueError if it has not."""
    parts = inside(element, *tags)
    if len(parts) != len(tags):
        raise ValueError(f"{len(parts)} parts, expected {len(tags)}")
    return parts


def single(data: bytes, tag: int) -> Element:
    """Read bytes that are exactly one element; raise ValueError if they are not."""
    parts = cut(data)
    if len(parts) != 1 or parts[0].tag != tag:
        raise ValueError(f"{len(parts)} elements, expected one with tag {tag}")
    return parts[0]


def write(tag: int, *parts: bytes) -> bytes:
    """Write an element around its content."""
    content = b"".join(parts)
    if len(content) < _LONG:
        return bytes((tag, len(content))) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(size))) + size + content


def write_integer(value: int) -> bytes:
    """Write an integer that is not negative."""
    return write(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def read_integer(element: Element) -> int:
    """Read an integer; raise ValueError if it is none, or not in its shortest form."""
    content = element.content
    padded = len(content) > 1 and content[0] in (0, 0xFF) and (content[0] ^ content[1]) < _LONG
    if element.tag != INTEGER or not content or padded:
        raise ValueError("not an integer in its shortest form")
    return int.from_bytes(content, "big", signed=True)


def _element(data: bytes, at: int) -> Element:
    head = data[at : at + 2]
    if len(head) < 2 or head[0] & _TAG_CONTINUES == _TAG_CONTINUES:  # noqa: PLR2004 - tag and length
        raise ValueError(f"no element at byte {at}")
    size, begin = head[1], at + 2
    if size >= _LONG:
        count = size - _LONG
        begin += count
        size = int.from_bytes(data[at + 2 : begin], "big")
        shortest = (size.bit_length() + 7) // 8
        if not 1 <= count <= _LENGTH_BYTES or count != shortest or size < _LONG:
            raise ValueError(f"length at byte {at} is not in its shortest form")
    if len(data) < begin + size:
        raise ValueError(f"element at byte {at} ends beyond its bytes")
    return Element(head[0], data[begin : begin + size], data[at : begin + size])
