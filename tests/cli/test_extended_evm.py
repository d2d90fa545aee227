"""Deposit addresses of one extended key, from declaration to verified bundle, on a real node."""

from __future__ import annotations

import csv
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from chains.families import ChainAddresses
from config.registry_files import load_registry
from config.times import format_time
from tests.cli.command import attest
from tests.examples import wallet
from tests.nodes.anvil import anvil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.nodes

XPRV, XPUB = wallet.extended_key(8, "m/44h/60h/0h", "0488ade4")
LAST = 299
CONTRACT, DELEGATED, SIGNER, BEYOND = 3, 4, 7, LAST + 2
DECLARATION = """\
[entity]
name = "Example"
[attestation]
series = "deposits"
network = "test"
as_of = "{as_of}"
scope = ["holdings", "control"]
margin = 5
[inputs]
accounts = "accounts.csv"
{more}
[sources.anvil]
endpoints = ["{url}"]
"""
INPUTS = 'challenges = "challenges.json"\nclaims = "claims.csv"'


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it."""

    bundle: Path
    key: Path
    bands: dict[str, str]


def addresses() -> tuple[str, ...]:
    chain = load_registry().chain("anvil")
    return ChainAddresses().derive(chain, f"{XPUB}/0/*?last={BEYOND}")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder, found = tmp_path_factory.mktemp("deposits"), addresses()
    with anvil("--no-mining", "--timestamp", str(int(time.time()) - 3600)) as node:
        node.ask_all([("anvil_setBalance", [one, hex(10**18)]) for one in found[: LAST + 1]])
        node.ask("anvil_setBalance", found[BEYOND], hex(77))
        node.ask("anvil_setCode", found[CONTRACT], "0x6001600155")
        node.ask("anvil_setCode", found[DELEGATED], "0xef0100" + "ab" * 20)
        node.ask("anvil_mine", hex(5), hex(12))
        file = folder / "declaration.toml"
        said = {"as_of": format_time(int(time.time())), "url": node.url}
        (folder / "accounts.csv").write_text(
            f"account,method,holder,owner\nanvil:{XPUB}?last={LAST},hot,self,customer\n"
        )
        file.write_text(DECLARATION.format(**said, more=""))
        assert attest("challenge", file, "-o", folder / "challenges.json").code == 0
        file.write_text(DECLARATION.format(**said, more=INPUTS))
        texts = json.loads((folder / "challenges.json").read_text())["texts"]
        (text,) = texts.values()
        assert list(texts) == [f"eip155:31337:{XPUB}/0/*"]
        signature = wallet.sign_eip191(wallet.child_key(XPRV, f"0/{SIGNER}"), text)
        (folder / "claims.csv").write_text(
            "account,scheme,message,signature,signer\n"
            f"anvil:{XPUB}/0/*,eip191,@challenge,{signature},0/{SIGNER}\n"
        )
        key = folder / "key.pem"
        assert attest("keys", "new", key, "--unencrypted").code == 0
        done = attest("run", file, "--key", key, "-o", folder / "bundle", "--json")
        assert done.complaint == ()
        table = (folder / "bundle" / "report" / "accounts.csv").read_text()
        rows = csv.DictReader(table.splitlines())
        bands = {row["account"].rpartition(":")[2]: row["band"] for row in rows}
        yield Run(folder / "bundle", key, bands)


def test_every_address_is_derived_but_the_one_with_code(run: Run) -> None:
    found = addresses()[: LAST + 1]

    assert set(found) == run.bands.keys()
    assert [one for one in found if run.bands[one] != "derived"] == [found[CONTRACT]]
    assert run.bands[found[CONTRACT]] == "observed"


def test_an_address_after_the_last_index_is_named(run: Run) -> None:
    report = (run.bundle / "report" / "report.md").read_text()

    assert addresses()[BEYOND] in report
    assert "77 base units" in report


def test_a_verifier_without_a_node_sees_the_same(run: Run) -> None:
    met = attest("verify", run.bundle, "--key", f"{run.key}.pub", "--allow-test", "--json").document

    assert (met["authenticity"], met["levels"]) == ("valid", {"eip155:31337": "L3"})
