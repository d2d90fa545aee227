"""JSON Schemas (2020-12) of the statements, made from the types that read and write them.

They are published in `config/schema`, one a predicate type, for whoever reads a statement with
tools of his own; a test holds them against what is made here. Every object is closed. A schema says
which form a statement has. What it is worth is for `attest verify` to say.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from attest.countersignature import COUNTERSIGNATURE_TYPE, Countersignature
from attest.predicate import ATTESTATION_TYPE, Predicate
from attest.statement import DIGEST, NAME, STATEMENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

DIALECT = "https://json-schema.org/draft/2020-12/schema"

TYPES: Mapping[str, tuple[str, type]] = {
    # File in config/schema: predicate type, and the type of the predicate.
    "attestation.v1.json": (ATTESTATION_TYPE, Predicate),
    "countersignature.v0.json": (COUNTERSIGNATURE_TYPE, Countersignature),
}


def schema_of(file: str) -> bytes:
    """Give the schema that a file of config/schema holds, as its bytes."""
    kind, predicate = TYPES[file]
    inner = TypeAdapter(predicate).json_schema(by_alias=True, mode="serialization")
    definitions = inner.pop("$defs", {})
    document = {
        "$schema": DIALECT,
        "$id": kind.replace("urn:custody-attest:", "urn:custody-attest:schema:", 1),
        "title": f"in-toto Statement v1 with predicate {kind}",
        "type": "object",
        "additionalProperties": False,
        "required": ["_type", "predicate", "predicateType", "subject"],
        "properties": {
            "_type": {"const": STATEMENT_TYPE},
            "predicateType": {"const": kind},
            "predicate": inner,
            "subject": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Subject"}},
        },
        "$defs": {**definitions, "Subject": _subject()},
    }
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _subject() -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["digest", "name"],
        "properties": {
            "name": {"type": "string", "pattern": f"^{NAME}$"},
            "digest": {
                "type": "object",
                "additionalProperties": False,
                "required": ["sha256"],
                "properties": {"sha256": {"type": "string", "pattern": f"^{DIGEST}$"}},
            },
        },
    }
