"""[engagement] of the declaration: for whom a statement is made, and by which reporting standard.

    [engagement]
    standard = "AT-C 215"                none, AT-C 205, AT-C 215, ISAE 3000 or ISRS 4400
    engaging_party = "Example Exchange"
    addressee = "the supervisor"
    purpose = "the monthly reconciliation of customer assets"
    intended_users = ["management", "the supervisor"]
    restricted_use = true

    [[engagement.signatory]]
    role = "Chief Financial Officer"
    name = "…"                           may be left out
    keyid = "…"                          of the key that he holds; may be left out

It says which elements a report needs; that a practitioner was engaged, it cannot say.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from config.strict import STRICT
from config.text import MAX_PLAIN, PLAIN

Standard: TypeAlias = Literal["none", "AT-C 205", "AT-C 215", "ISAE 3000", "ISRS 4400"]
"""AICPA attestation standards for examinations and agreed-upon procedures, and the IAASB's."""

MAX_USERS = 20
MAX_SIGNATORIES = 10
Words: TypeAlias = Annotated[str, StringConstraints(max_length=MAX_PLAIN, pattern=PLAIN)]
KeyId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True, config=STRICT)
class SignatoryRow:
    """In whose name the entity signs."""

    role: Words
    name: Words | None = None
    keyid: KeyId | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class EngagementTable:
    """The table."""

    standard: Standard = "none"
    engaging_party: Words | None = None
    addressee: Words | None = None
    purpose: Words | None = None
    intended_users: Annotated[tuple[Words, ...], Field(max_length=MAX_USERS)] = ()
    restricted_use: bool = False
    signatory: Annotated[tuple[SignatoryRow, ...], Field(max_length=MAX_SIGNATORIES)] = ()
