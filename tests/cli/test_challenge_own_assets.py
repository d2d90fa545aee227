"""Texts are issued for accounts that hold tokens of the entity's own file, as for any other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli.command import attest

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"
DECLARATION = """\
[entity]
name = "Example"
[attestation]
series = "own"
network = "test"
[inputs]
accounts = "accounts.csv"
assets = "assets.toml"
"""
ASSETS = f"""\
[[instrument]]
id = "gamepoint"
title = "Game Point"
decimals = 8
[[asset]]
chain = "anvil"
contract = "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"
symbol = "gp"
decimals = 18
instrument = "gamepoint"
code_sha256 = "{"ab" * 32}"
"""


def declare(folder: Path, symbol: str) -> Path:
    rows = f"account,method,holder,owner,assets\nanvil:{ADDRESS},hot,self,customer,{symbol}\n"
    (folder / "accounts.csv").write_text(rows)
    (folder / "assets.toml").write_text(ASSETS)
    (folder / "declaration.toml").write_text(DECLARATION)
    return folder / "declaration.toml"


def test_an_account_may_name_an_own_token(tmp_path: Path) -> None:
    issued = tmp_path / "challenges.json"
    ran = attest("challenge", declare(tmp_path, "gp"), "-o", issued, "--no-anchor")

    assert (0, ()) == (ran.code, ran.complaint)
    assert f"eip155:31337:{ADDRESS}" in json.loads(issued.read_text())["texts"]


def test_a_token_that_nobody_declares_is_refused(tmp_path: Path) -> None:
    ran = attest("challenge", declare(tmp_path, "xp"), "-o", tmp_path / "c.json", "--no-anchor")

    assert 3 == ran.code
    assert "unknown asset on anvil: 'xp'" in ran.err
