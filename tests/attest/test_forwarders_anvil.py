"""Deposit contracts on a real node: declared, read at the pin, judged, and replayed."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from attest.cli.load import gather, tool
from attest.inputs import Criteria, parse_inputs
from attest.observation import encode_observation
from attest.observe import Machine, observe, open_tables
from attest.pipeline import EVIDENCE, Work, work_through
from attest.plan import plan_chains
from config.declaration import sources_by_chain
from config.registry_files import load_registry
from config.times import format_time
from tests.cli.command import attest
from tests.conftest import in_memory, silent
from tests.examples import wallet
from tests.nodes.anvil import anvil
from tests.nodes.forwarder import FORWARDER, OFFSETS, clone, digest, fixed, install

if TYPE_CHECKING:
    from pathlib import Path

    from config.registry import Chain
    from tests.nodes.anvil import Anvil

pytestmark = pytest.mark.nodes

KEY = wallet.key(77)
BEHIND = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
STRANGER = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
DECLARATION = """\
[entity]
name = "Example"
[attestation]
series = "deposits"
network = "test"
as_of = "{as_of}"
scope = ["holdings", "control"]
[inputs]
accounts = "accounts.csv"
{more}
[sources.anvil]
endpoints = ["{url}"]
"""
INPUTS = 'challenges = "challenges.json"\nclaims = "claims.csv"'
ROWS = f"""\
[[forwarder]]
name = "own"
form = "exact"
code_sha256 = "{digest(FORWARDER)}"
parent_function = "parentAddress()"
source = "made for tests"
checked = "read"
[[forwarder]]
name = "cloned"
form = "eip1167"
code_sha256 = "{digest(FORWARDER)}"
parent_function = "parentAddress()"
source = "made for tests"
checked = "read"
[[forwarder]]
name = "fixed"
form = "exact"
code_sha256 = "{digest(fixed("0x" + "0" * 40))}"
parent_offsets = [{OFFSETS[0]}, {OFFSETS[1]}]
source = "made for tests"
checked = "read"
"""


def deposit(number: int) -> str:
    """Give an address of digits alone, so that it has one form, and above the precompiles."""
    return f"0x{5_000_000 + number:040d}"


def deploy(node: Anvil, parent: str) -> dict[str, str]:
    """Install contracts; give the band that each shall have."""
    install(node, BEHIND, FORWARDER)
    install(node, deposit(0), FORWARDER, parent)
    install(node, deposit(1), clone(BEHIND), parent)
    install(node, deposit(2), fixed(parent))
    install(node, deposit(3), clone(BEHIND), STRANGER)
    install(node, deposit(4), fixed(STRANGER))
    install(node, deposit(5), f"{FORWARDER}00", parent)
    install(node, deposit(7), clone(STRANGER), parent)
    install(node, deposit(8), clone(BEHIND))
    bands = {deposit(number): "observed" for number in range(9)}
    return {**bands, parent: "controlled", **{deposit(at): "derived" for at in range(3)}}


def prepare(folder: Path, node: Anvil, chain: Chain) -> dict[str, str]:
    """Write declaration and inputs, sign for the parent; give the bands that follow."""
    parent = wallet.evm_address(chain, KEY)
    bands = deploy(node, parent)
    node.ask("anvil_mine", hex(5), hex(12))
    rows = [f"anvil:{one},hot,self,customer,anvil:{parent}" for one in bands if one != parent]
    table = ("account,method,holder,owner,parent", *rows, f"anvil:{parent},hot,self,customer,")
    (folder / "accounts.csv").write_text("\n".join(table))
    file = folder / "declaration.toml"
    said = {"as_of": format_time(int(time.time())), "url": node.url}
    file.write_text(DECLARATION.format(**said, more=""))
    assert attest("challenge", file, "-o", folder / "challenges.json").code == 0
    file.write_text(DECLARATION.format(**said, more=INPUTS))
    text = json.loads((folder / "challenges.json").read_text())["texts"][f"{chain.id}:{parent}"]
    signed = f"anvil:{parent},eip191,@challenge,{wallet.sign_eip191(KEY, text)}"
    (folder / "claims.csv").write_text(f"account,scheme,message,signature\n{signed}\n")
    return bands


def work_of(folder: Path) -> Work:
    """Read the chain and judge, by a registry with the rows of the test contracts."""
    files, shipped = gather(folder / "declaration.toml")
    registry = tuple(
        (name, ROWS.encode() if name == "forwarders.toml" else data)
        for name, data in shipped.registry
    )
    criteria = Criteria(registry, shipped.packs)
    inputs = parse_inputs(files, criteria)
    tables = sources_by_chain(inputs.declaration.sources, inputs.registry)
    machine = Machine({}, lambda _seconds: None, lambda: 0.0, lambda _path: {})
    as_of = inputs.declaration.as_of
    assert as_of is not None
    sources = open_tables(tables, inputs.registry, folder, machine)
    found = observe(plan_chains(inputs, as_of), sources, as_of, silent())
    evidence = {EVIDENCE + name: data for name, data in encode_observation(found).items()}
    return work_through({**files, **in_memory(evidence)}, criteria, tool())


def test_forwarders_are_told_from_what_only_looks_like_one(tmp_path: Path) -> None:
    chain = load_registry().chain("anvil")
    with anvil("--no-mining", "--timestamp", str(int(time.time()) - 3600)) as node:
        expected = prepare(tmp_path, node, chain)
        work = work_of(tmp_path)
    found = {account.rpartition(":")[2]: band for account, band in work.case.bands.items()}
    named = {
        one.facts["reason"]: one.facts["accounts"]
        for one in work.predicate.findings.in_force
        if one.code == "forwarders"
    }

    assert expected == found
    assert named == {"no_code": "1", "unknown_code": "2", "other_parent": "3"}


def test_the_contract_of_these_tests_does_forward() -> None:
    with anvil() as node:
        parent = "0x" + "00" * 18 + "dEaD"
        install(node, BEHIND, FORWARDER)
        install(node, deposit(1), clone(BEHIND), parent)
        sender = node.ask("eth_accounts")[0]
        node.ask(
            "eth_sendTransaction", {"from": sender, "to": deposit(1), "value": hex(5), "data": "0x"}
        )
        node.mine(1)

        assert [node.ask("eth_getBalance", one, "latest") for one in (deposit(1), parent)] == [
            "0x0",
            "0x5",
        ]
