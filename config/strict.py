"""The one model configuration: frozen, strict, nothing extra.

Every type parsed from a file is a frozen pydantic dataclass made with `STRICT`. Strict means that
a number is not taken from text nor text from a number, and extra keys are an error. A document is
handed over as JSON text, because only then does strict mode take a table for a dataclass and an
array for a tuple; from Python values it asks for the dataclass itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_json

from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

STRICT = ConfigDict(strict=True, extra="forbid")


def freeze(value: object) -> object:
    """Replace every list in parsed TOML or JSON by a tuple, at any depth."""
    if isinstance(value, list):
        return tuple(freeze(item) for item in value)
    if isinstance(value, dict):
        return {key: freeze(item) for key, item in value.items()}
    return value


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
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        met = (
            ""
            if first["type"] in {"missing", "unexpected_keyword_argument"}
            else f", met {first['input']!r:.80}"
        )
        raise InputError.at(name, path, f"{first['msg'].lower()}{met}") from error
