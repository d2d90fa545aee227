"""Assets of the entity's own file, held against what their contracts say at the pin.

A declared token counts only if the code at its contract has the declared digest and `decimals()`
answers what was declared. Otherwise it is not the token that was declared, and counts for nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.snapshot import Question
from config.books.assets import expectations
from config.caip import AssetId, address_of, chain_of_account

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.books.assets import Expectation, OwnAssets

OwnVerdict: TypeAlias = Literal["as_declared", "other_code", "other_decimals", "not_answered"]


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """What a declared token's contract says."""

    asset: AssetId
    verdict: OwnVerdict


def own_questions(own: OwnAssets | None) -> tuple[Question, ...]:
    """List what is asked of the contracts."""
    return () if own is None else tuple(_question(one) for one in expectations(own))


def check_own_assets(
    own: OwnAssets | None, answers: Mapping[Question, str]
) -> tuple[OwnCheck, ...]:
    """Hold every declared token against its contract, in the order of the file."""
    if own is None:
        return ()
    asked: dict[str, list[Expectation]] = {}
    for one in expectations(own):
        asked.setdefault(one.contract, []).append(one)
    return tuple(
        OwnCheck(asset.row.id, _verdict(asked[asset.contract], answers)) for asset in own.assets
    )


def _verdict(asked: list[Expectation], answers: Mapping[Question, str]) -> OwnVerdict:
    found: OwnVerdict = "as_declared"
    for one in asked:
        answer = answers.get(_question(one))
        if answer is None:
            return "not_answered"
        if one.kind == "code" and _digest(answer) != one.expected:
            return "other_code"
        if one.kind == "call" and answer != one.expected:
            found = "other_decimals"
    return found


def _question(one: Expectation) -> Question:
    address = address_of(one.contract)
    subject = address if one.kind == "code" else f"{address} {one.data}"
    return Question(chain_of_account(one.contract), one.kind, subject)


def _digest(code: str) -> str:
    return hashlib.sha256(bytes.fromhex(code.removeprefix("0x"))).hexdigest()
