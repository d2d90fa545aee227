"""The published schemas: what the types give, closed, and neither narrower nor wider than them."""

from __future__ import annotations

import copy
import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from attest.predicate import from_document
from attest.schemas import DIALECT, TYPES, schema_of
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attest.pipeline import Work

FOLDER = Path(str(resources.files("config"))) / "schema"


def objects_in(schema: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from objects_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects_in(value)


@pytest.mark.parametrize("file", sorted(TYPES))
def test_published_schemas_are_what_the_types_give(file: str) -> None:
    assert schema_of(file) == (FOLDER / file).read_bytes()


def test_every_published_schema_has_a_type() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(TYPES)


@pytest.mark.parametrize("file", sorted(TYPES))
def test_schemas_are_of_the_dialect_and_closed(file: str) -> None:
    schema = json.loads(schema_of(file))

    Draft202012Validator.check_schema(schema)
    assert DIALECT == schema["$schema"]
    for one in objects_in(schema):
        # A map from words to amounts says what its values are; every other object is closed.
        assert one["additionalProperties"] is False or "properties" not in one


def test_a_statement_of_ours_is_of_the_schema(work: Work) -> None:
    schema = json.loads(schema_of("attestation.v1.json"))

    assert [] == list(Draft202012Validator(schema).iter_errors(json.loads(work.payload)))


def shortened(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Give a document with one entry of every list: the others have its form."""
    if isinstance(value, dict):
        return {key: shortened(one) for key, one in value.items()}
    return [shortened(one) for one in value[:1]] if isinstance(value, list) else value


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    yield path
    if isinstance(value, dict):
        for key, one in value.items():
            yield from paths_in(one, (*path, key))
    elif isinstance(value, list) and value:
        yield from paths_in(value[0], (*path, 0))


@pytest.mark.parametrize("wrong", [1, 1.5, True, "x\n", {"besides": "1"}, [None]])
def test_schema_and_types_refuse_the_same(work: Work, wrong: object) -> None:
    whole = shortened(json.loads(work.payload))
    validator = Draft202012Validator(json.loads(schema_of("attestation.v1.json")))
    differ = []
    for path in paths_in(whole["predicate"]):
        changed = copy.deepcopy(whole)
        at = changed
        for part in ("predicate", *path[:-1]) if path else ():
            at = at[part]
        at[path[-1] if path else "predicate"] = wrong
        by_schema = not validator.is_valid(changed)
        try:
            from_document(changed["predicate"])
            by_types = False
        except InputError:
            by_types = True
        if by_schema != by_types:
            differ.append((path, by_schema, by_types))

    assert [] == differ
