"""The example of real accounts: run and verified without a node; a changed byte ends it."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import attest, files_below
from tests.conftest import EXAMPLES
from tests.examples import mainnet

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = EXAMPLES / "mainnet"
HOLDER = f"eip155:1:{mainnet.HOLDER}"
USDC = "eip155:1/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"


@pytest.fixture
def bundle(tmp_path: Path, key: Path) -> Path:
    ran = attest("run", EXAMPLE / "declaration.toml", "--key", key, "-o", tmp_path / "bundle")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "outcome: pass")
    return tmp_path / "bundle"


def test_what_is_shipped_is_what_the_published_facts_give(tmp_path: Path) -> None:
    snapshot = mainnet.make(tmp_path / "made")
    shipped = {k: v for k, v in files_below(EXAMPLE).items() if k != "README.md"}
    assert files_below(tmp_path / "made") == shipped
    (chain,) = snapshot.chains
    assert [(one.account, one.asset, one.units, one.evidence) for one in chain.balances] == [
        (HOLDER, USDC, 4_996_521_887_269_694, "state_proof"),
        (f"eip155:1:{mainnet.IMPLEMENTATION}", "eip155:1/slip44:60", 0, "state_proof"),
    ]
    assert {one.sources for one in chain.balances} == {()}


def test_control_is_unproved_and_the_result_says_so(bundle: Path) -> None:
    report = (bundle / "report" / "report.md").read_text()
    assert "2 of 2 accounts read have no proof of control" in report
    assert "| usdc | `" in report
    assert (
        "| 4996521887.269694 | 0 | 1 | unknown | self | house "
        "| undeclared | observed | none | state_proof |" in report
    )


def test_the_readmes_trust_file_makes_it_a_pass(bundle: Path, key: Path, tmp_path: Path) -> None:
    readme = (EXAMPLE / "README.md").read_text()
    trust = re.search(r"<<'END'\n(.*?)END\n", readme, re.DOTALL)
    assert trust is not None
    shutil.copy(f"{key}.pub", tmp_path / "me.pem.pub")
    (tmp_path / "trust.toml").write_text(trust[1])
    ran = attest("verify", bundle, "--trust", tmp_path / "trust.toml", "--json")
    found = ran.document
    assert (ran.code, found["authenticity"], found["outcome"]) == (0, "valid", "pass")
    assert (found["level"], found["anchors"]) == ("L3", {"eip155:1": "confirmed"})


def test_without_trust_in_the_block_it_is_unconfirmed(bundle: Path, key: Path) -> None:
    ran = attest("verify", bundle, "--key", f"{key}.pub", "--json")
    found = ran.document
    assert (ran.code, found["authenticity"], found["outcome"]) == (2, "valid", "unknown")
    assert found["anchors"] == {"eip155:1": "unconfirmed"}


def test_every_changed_byte_of_a_node_ends_the_proof(tmp_path: Path, key: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "declared")
    store = tmp_path / "declared" / "recording" / "chains" / "eip155-1" / "state.nodes"
    whole = store.read_bytes()
    for number, place in enumerate(range(0, len(whole), 400)):
        changed = bytearray(whole)
        changed[place] ^= 1
        store.write_bytes(changed)
        output = tmp_path / f"bundle-{number}"
        declaration = tmp_path / "declared" / "declaration.toml"
        ran = attest("run", declaration, "--key", key, "-o", output, "--json")
        if ran.code == 3:
            continue
        # What no longer leads to the balance proves nothing, and nothing else says it.
        assert ran.code == 2
        known = sum(int(line["accounts"]) for line in ran.document["holdings"])
        assert known < 2
