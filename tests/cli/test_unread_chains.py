"""Chains of which addresses alone are read: texts, proofs of control, and no balances."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import attest, files_below
from tests.conftest import EXAMPLES
from tests.proofs.ed25519.ed25519_claims import ADDRESSES, OWN_NAME, PUBLIC, REGISTRY, sign

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    """The example of the main network, to which accounts are added."""
    shutil.copytree(EXAMPLES / "mainnet", tmp_path / "declared")
    return tmp_path / "declared"


def add(folder: Path, *chains: str) -> None:
    with (folder / "accounts.csv").open("a") as file:
        for chain in chains:
            file.write(f"{chain}:{ADDRESSES[chain]},cold,self,customer,,\n")


@pytest.mark.parametrize("command", ["observe", "run"])
@pytest.mark.parametrize("chain", ADDRESSES)
def test_an_account_that_cannot_be_read_stops_the_reading(
    declared: Path, key: Path, tmp_path: Path, command: str, chain: str
) -> None:
    add(declared, chain)
    output = tmp_path / "output"
    signing = ("--key", key) if command == "run" else ()
    ran = attest(command, declared / "declaration.toml", *signing, "-o", output)
    assert (3, "") == (ran.code, ran.out)
    what, hint = ran.complaint
    expected = f"balances on {chain} cannot be read by this version: account on line 4"
    assert f"error: {expected}" == what
    assert "attest control" in hint
    assert not output.exists() or files_below(output) == {}


def test_a_source_of_such_a_chain_gives_no_block(declared: Path, tmp_path: Path) -> None:
    declaration = declared / "declaration.toml"
    endpoint = '\n[sources.solana]\nendpoints = ["http://127.0.0.1:1"]\noperators = ["me"]\n'
    text = declaration.read_text()
    declaration.write_text(text[: text.index("[sources.ethereum]")] + endpoint.strip() + "\n")
    ran = attest("challenge", declaration, "-o", tmp_path / "challenges.json")
    assert 3 == ran.code
    assert "no newest block of solana" in ran.complaint[0]
    assert "Traceback" not in ran.err


def test_issued_texts_are_proved_on_every_chain(declared: Path, tmp_path: Path) -> None:
    add(declared, *ADDRESSES)
    declaration = declared / "declaration.toml"
    issued = tmp_path / "challenges.json"
    assert 0 == attest("challenge", declaration, "-o", issued, "--no-anchor").code
    texts = json.loads(issued.read_text())["texts"]
    rows = []
    for chain, address in ADDRESSES.items():
        text = texts[f"{REGISTRY.chain(chain).id}:{address}"].encode()
        key = "" if chain in OWN_NAME else PUBLIC.hex()
        rows.append((f"{chain}:{address}", "ed25519-raw", sign(text).hex(), key, ""))
    digest = hashlib.sha256(b"Stellar Signed Message:\n" + text_of(texts, "stellar")).digest()
    rows.append(
        (f"stellar:{ADDRESSES['stellar']}", "ed25519-prefixed", sign(digest).hex(), "", "sep-53")
    )
    rows.append((rows[0][0], "solana-raw", sign(text_of(texts, "solana")).hex(), "", ""))
    with (declared / "claims.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("account", "scheme", "message", "signature", "public_key", "profile"))
        writer.writerows((row[0], row[1], "@challenge", *row[2:]) for row in rows)
    shutil.copy(issued, declared / "challenges.json")
    declaration.write_text(
        declaration.read_text().replace(
            '"accounts.csv"',
            '"accounts.csv"\nclaims = "claims.csv"\nchallenges = "challenges.json"',
        )
    )
    ran = attest("control", declaration, "--json")
    assert {"proved": len(rows), "refuted": 0, "inconclusive": 0, "unproved": 0} == ran.document[
        "summary"
    ]
    assert {"B"} == {one["grade"] for one in ran.document["controls"]}
    assert (
        rows[0][0].replace("solana", REGISTRY.chain("solana").id)
        == ran.document["controls"][0]["account"]
    )


def text_of(texts: dict[str, str], chain: str) -> bytes:
    return texts[f"{REGISTRY.chain(chain).id}:{ADDRESSES[chain]}"].encode()
