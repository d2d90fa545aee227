"""The one JSON form of what a statement says: camelCase keys, strict values, nothing extra.

Numbers that may exceed 2**53, and all that are counted or added, are decimal strings; the types
below say what such a string may look like, and stand in the published schemas as patterns.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import AfterValidator, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

from config.errors import InputError
from config.times import parse_time

WIRE = ConfigDict(
    strict=True,
    extra="forbid",
    alias_generator=to_camel,
    validate_by_name=True,
    validate_by_alias=True,
)

Units: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(0|-?[1-9][0-9]*)$")]
"""Base units of an asset, or a difference of such."""
Whole: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)$")]
"""A count, a height, a number of decimals or a place in a series."""
Ratio: TypeAlias = Annotated[str, StringConstraints(pattern=r"^-?(0|[1-9][0-9]*)\.[0-9]{12}$")]
"""A ratio with twelve places, rounded down."""
Sha256: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def _real(text: str) -> str:
    """Refuse what has the form of a time and is none, such as the 31st of February."""
    try:
        parse_time(text)
    except InputError as error:
        raise ValueError(error.what) from error
    return text


Time: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"),
    AfterValidator(_real),
]
"""RFC 3339 in UTC, whole seconds."""
