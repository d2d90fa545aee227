"""Rows of account chains for tests, and the published data about them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.caip import AssetId, ChainId
from config.registry import Chain

VECTORS = Path(__file__).parents[1] / "vectors"

TRON = Chain(
    id=ChainId("tron:0x2b6653dc"),
    name="tron",
    title="Tron",
    family="tron",
    network="main",
    native=AssetId("tron:0x2b6653dc/slip44:195"),
    confirmations=19,
    source="made for tests",
    checked="made for tests",
)
XRPL = replace(
    TRON,
    id=ChainId("xrpl:0"),
    name="xrpl",
    title="XRP Ledger",
    family="xrpl",
    native=AssetId("xrpl:0/slip44:144"),
)
COSMOS = replace(
    TRON,
    id=ChainId("cosmos:cosmoshub-4"),
    name="cosmos",
    title="Cosmos Hub",
    family="cosmos",
    native=AssetId("cosmos:cosmoshub-4/slip44:118"),
)
BOSTROM = replace(COSMOS, id=ChainId("cosmos:bostrom"), name="bostrom", title="Bostrom")


def vectors(name: str) -> Any:  # noqa: ANN401 - JSON
    """Give the entries of a file."""
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["vectors"]
