"""The in-toto Statement v1: subjects by digest, one predicate, RFC 8785 bytes.

    {"_type": "https://in-toto.io/Statement/v1", "predicate": {…}, "predicateType":
    "urn:custody-attest:…",
     "subject": [{"digest": {"sha256": "…"}, "name": "evidence/…"}]}

in-toto matches subjects by digest alone. Here the name is bound too: `read_statement` gives a map
from name to digest, and the bundle must hold exactly these files. Names are relative POSIX paths,
unique even where case is folded. Source: in-toto attestation framework, Statement layer v1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import rfc8785

from config.errors import InputError
from config.jsontext import parse_json

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
MAX_PAYLOAD = 64 * 1024 * 1024
"""A statement holds totals and findings, not accounts; findings may name many."""
MAX_NAME = 300
NAME = "[A-Za-z0-9._@+-][A-Za-z0-9._@+ -]*(/[A-Za-z0-9._@+-][A-Za-z0-9._@+ -]*)*"
DIGEST = "[0-9a-f]{64}"
_NAME, _DIGEST = re.compile(NAME, re.ASCII), re.compile(DIGEST, re.ASCII)


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed statement."""

    predicate_type: str
    predicate: dict[str, object]
    subjects: dict[str, str]
    """Name to SHA-256 in hex."""


def canonical(document: object) -> bytes:
    """Write a JSON document as RFC 8785 bytes.

    Raises:
        InputError: the document holds what RFC 8785 cannot, such as an integer beyond 2**53.
    """
    try:
        return rfc8785.dumps(document)  # type: ignore[arg-type]  # its own recursive alias
    except rfc8785.CanonicalizationError as error:
        raise InputError("document has no canonical form") from error


def build_statement(
    predicate_type: str, predicate: dict[str, object], subjects: dict[str, str]
) -> bytes:
    """Make the payload bytes of a statement; subjects are sorted by name."""
    for name in subjects:
        check_name(name)
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "predicateType": predicate_type,
            "predicate": predicate,
            "subject": [
                {"name": name, "digest": {"sha256": subjects[name]}} for name in sorted(subjects)
            ],
        }
    )


def read_statement(payload: bytes) -> Statement:
    """Parse payload bytes that were verified.

    Raises:
        InputError: not canonical, not a Statement v1, or subjects that are not unique names and
        digests.
    """
    if len(payload) > MAX_PAYLOAD:
        raise InputError(f"payload too large: {len(payload)} bytes, the limit is {MAX_PAYLOAD}")
    document = parse_json(payload, "payload")
    if canonical(document) != payload:
        raise InputError("payload: not in canonical form (RFC 8785)")
    if not isinstance(document, dict) or set(document) != {
        "_type",
        "predicate",
        "predicateType",
        "subject",
    }:
        raise InputError("payload: not a statement: its keys differ")
    if document["_type"] != STATEMENT_TYPE:
        raise InputError(f"payload: _type is {document['_type']!r}, expected {STATEMENT_TYPE!r}")
    kind, predicate = document["predicateType"], document["predicate"]
    if not isinstance(kind, str) or not isinstance(predicate, dict):
        raise InputError("payload: predicateType and predicate have the wrong form")
    return Statement(kind, predicate, _subjects(document["subject"]))


def _subjects(listed: object) -> dict[str, str]:
    if not isinstance(listed, list) or not listed:
        raise InputError("payload: no subjects")
    found: dict[str, str] = {}
    for subject in listed:
        match subject:
            case {"name": str(name), "digest": {"sha256": str(digest), **others}, **rest} if (
                not others and not rest and _DIGEST.fullmatch(digest)
            ):
                check_name(name)
                found[name] = digest
            case _:
                raise InputError("payload: a subject has the wrong form")
    if len({name.casefold() for name in found}) != len(listed):
        raise InputError("payload: two subjects with one name")
    return found


def check_name(name: str) -> None:
    """Refuse a name that is not a plain relative path; raise InputError."""
    parts = name.split("/")
    if (
        len(name) > MAX_NAME
        or not _NAME.fullmatch(name)
        or any(set(part) == {"."} for part in parts)
    ):
        raise InputError(f"not a plain relative path: {name[:MAX_NAME]!r}")
