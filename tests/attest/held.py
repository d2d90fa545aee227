"""Positions, parameters of the core pack and cases, for tests of rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attest.positions import Position
from attest.rules.parameters import Parameters
from config.caip import AccountId, AssetId, InstrumentId
from config.policy import parse_pack, shipped_pack

if TYPE_CHECKING:
    from attest.rules.case import Result

NATIVE = AssetId("eip155:31337/slip44:60")
AS_OF = 1_800_000_000
ETH, JPY = InstrumentId("eth"), InstrumentId("jpy")
CORE = parse_pack(shipped_pack("core"), "core.toml")


def position(units: int, **change: object) -> Position:
    plain = Position(
        account=AccountId(f"eip155:31337:0x{units:040x}"),
        asset=NATIVE,
        instrument=ETH,
        wrapped=False,
        units=units,
        immature=0,
        method="cold",
        holder="self",
        owner="customer",
        band="controlled",
        evidence="quorum",
    )
    return replace(plain, **change)  # type: ignore[arg-type]  # fields by name


def parameters(rule: str, **change: int | str | tuple[str, ...]) -> Parameters:
    own = next(one for one in CORE.rule if one.id == rule)
    return Parameters(rule, {**own.parameters, **change})


def statuses(results: tuple[Result, ...]) -> list[str]:
    return [result.status for result in results]
