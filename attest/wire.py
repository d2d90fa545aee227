"""The one JSON form of what a statement says: camelCase keys, strict values, nothing extra."""

from __future__ import annotations

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

WIRE = ConfigDict(
    strict=True,
    extra="forbid",
    alias_generator=to_camel,
    validate_by_name=True,
    validate_by_alias=True,
)
