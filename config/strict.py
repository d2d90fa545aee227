"""The one model configuration: frozen, strict, nothing extra.

Every type parsed from a file is a frozen pydantic dataclass made with `STRICT`. Strict means that
a number is not taken from text nor text from a number, and extra keys are an error. A document is
handed over as JSON text, because only then does strict mode take a table for a dataclass and an
array for a tuple; from Python values it asks for the dataclass itself.

A fault is named by its key path and shows what was met, but never a URL: an endpoint written where
another kind of value belongs may hold a password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_json

from config.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

T = TypeVar("T")

STRICT = ConfigDict(strict=True, extra="forbid")


def parse(kind: type[T], document: Mapping[str, object], name: str) -> T:
    """Read a document into a strict type.

    Args:
        kind: a dataclass made with STRICT.
        document: what the TOML or JSON parser gave.
        name: the file's name, for messages.

    Raises:
        InputError: the first fault, with its key path.
    """
    try:
        return TypeAdapter(kind).validate_json(to_json(document))
    except ValidationError as error:
        where, what = _fault(error.errors(include_url=False)[0], document)
        raise InputError.at(name, where, what) from error


def _fault(first: ErrorDetails, document: Mapping[str, object]) -> tuple[str, str]:
    """Give the key path of a fault, and the fault in words."""
    path = [str(part) for part in first["loc"]]
    if first["type"] in {"missing", "unexpected_keyword_argument"}:
        what = "missing" if first["type"] == "missing" else "unknown key"
        return ".".join((*path[: _known(path[:-1], document)], path[-1])), what
    known = _known(path, document)
    # What is left of the path is pydantic's name for one of several kinds that were tried.
    kinds = path[known:]
    message = first["msg"] if not kinds or kinds[-1] == "[key]" else "not of a kind allowed here"
    what = message[:1].lower() + message[1:]
    met = "a URL" if "://" in repr(first["input"]) else _value(first["input"])
    return ".".join(path[:known]), f"{what}, met {met}"


def _value(value: object) -> str:
    """Write a value of TOML or JSON for a message."""
    return shown(value) if isinstance(value, str) else f"{value!r:.80}".rstrip()


def _known(path: list[str], document: object) -> int:
    """Count the parts of a path that are keys and indexes of the document."""
    for count, part in enumerate(path):
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        else:
            return count
    return len(path)
