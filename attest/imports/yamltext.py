"""A small part of YAML, read strictly: mappings, lists and plain or quoted text, with line numbers.

Every scalar stays the text it is: `1e5` is no number and `no` no truth value, so an address or
script is never turned into something else. Refused: aliases and anchors (with them a small file
unfolds into gigabytes), tags, a key twice, keys that are no text, several documents, and nesting
deeper than the limit. The file is read as a stream of events, so that a refusal comes before what
it refuses is built.

This is the adapter of PyYAML, and the only module that imports it. Its `safe_load` was refused: it
expands aliases, keeps the last of two equal keys and turns text into numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import yaml

from config.errors import InputError, shown
from config.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 6
"""A mapping of lists of mappings of text, and two more: an odd value refuses its row alone."""
LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as written."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; its keys are text."""

    line: int
    cells: dict[str, Node]


Node: TypeAlias = "Text | Items | Table"


def parse_yaml(data: bytes, name: str, limit: int) -> Node:
    """Read a file of one document.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        limit: the largest size accepted, in bytes.

    Raises:
        InputError: as the module says; also what `config.text.decode` refuses.
    """
    events = yaml.parse(decode(data, name, limit), Loader=LOADER)
    try:
        return _document(events, name)
    # RecursionError: the pure Python scanner, where libyaml is missing, on deep nesting.
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark is not None else ""
        raise InputError.at(name, where, "not YAML") from error


def _document(events: Iterator[yaml.Event], name: str) -> Node:
    node: Node | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent) and node is not None:
            raise _refusal(event, name, "a second document")
        if isinstance(event, yaml.NodeEvent):
            node = _node(event, events, name, 1)
    if node is None:
        raise InputError.at(name, "", "no document")
    return node


def _node(event: yaml.Event, events: Iterator[yaml.Event], name: str, depth: int) -> Node:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise _refusal(event, name, "an anchor or alias", "write each value out")
    if getattr(event, "tag", None) is not None:
        raise _refusal(event, name, f"a tag: {shown(str(getattr(event, 'tag', '')))}")
    if depth > MAX_DEPTH:
        raise _refusal(event, name, f"nested deeper than {MAX_DEPTH}")
    if isinstance(event, yaml.ScalarEvent):
        return Text(_line(event), event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        return Items(_line(event), tuple(_items(events, name, depth)))
    if isinstance(event, yaml.MappingStartEvent):
        return Table(_line(event), _cells(events, name, depth))
    raise _refusal(event, name, "something that is no value")


def _items(events: Iterator[yaml.Event], name: str, depth: int) -> Iterator[Node]:
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        yield _node(event, events, name, depth + 1)


def _cells(events: Iterator[yaml.Event], name: str, depth: int) -> dict[str, Node]:
    cells: dict[str, Node] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        key = _node(event, events, name, depth + 1)
        if not isinstance(key, Text):
            raise _refusal(event, name, "a key that is no text")
        if key.text in cells:
            raise _refusal(event, name, f"key given twice: {shown(key.text)}")
        cells[key.text] = _node(next(events), events, name, depth + 1)
    return cells


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 0


def _refusal(event: yaml.Event, name: str, what: str, hint: str = "") -> InputError:
    return InputError.at(name, f"line {_line(event)}", what, hint)
