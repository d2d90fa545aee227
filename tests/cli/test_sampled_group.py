"""A group of single keys on a real node: drawn, signed for, run, and verified without a node."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from config.registry_files import load_registry
from config.times import format_time
from tests.cli.command import attest
from tests.examples import wallet
from tests.nodes.anvil import anvil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.nodes.anvil import Anvil

pytestmark = pytest.mark.nodes

COUNT, SIZE = 40, 8
CHAIN = load_registry().chain("anvil")
KEYS = {wallet.evm_address(CHAIN, wallet.key(one)): wallet.key(one) for one in range(500, 540)}
ALONE = wallet.key(900)
DECLARATION = """\
[entity]
name = "Example"
[attestation]
series = "sampled"
network = "test"
as_of = "{as_of}"
scope = ["holdings", "control"]
[inputs]
accounts = "accounts.csv"
{more}
[policies]
packs = ["core"]
parameters = {{ "sampled_control.size" = 8 }}
[sources.anvil]
endpoints = ["{url}"]
"""
INPUTS = 'challenges = "challenges.json"\nclaims = "claims.csv"'


@dataclass(frozen=True, slots=True)
class Prepared:
    """A declaration with a challenge for its groups."""

    folder: Path
    node: Anvil
    texts: dict[str, str]

    def claim(self, leave_out: str = "") -> None:
        """Sign every text but that of one account."""
        keys = {**KEYS, wallet.evm_address(CHAIN, ALONE): ALONE}
        asked = {name: text for name, text in self.texts.items() if "*" not in name}
        rows = [
            f"{name},eip191,@challenge,{wallet.sign_eip191(keys[name.rpartition(':')[2]], text)}"
            for name, text in asked.items()
            if name != leave_out
        ]
        table = "\n".join(("account,scheme,message,signature", *rows))
        (self.folder / "claims.csv").write_text(table)

    def run(self, name: str) -> tuple[Counter[str], dict[str, Any]]:
        """Run; give how many accounts stand in which band, and the finding on the group."""
        file, key = self.folder / "declaration.toml", self.folder / "key.pem"
        done = attest("run", file, "--key", key, "-o", self.folder / name, "--json")
        assert done.complaint == ()
        rows = csv.DictReader(
            (self.folder / name / "report" / "accounts.csv").read_text().splitlines()
        )
        findings = done.document["findings"]["inForce"]
        (found,) = (one for one in findings if one["code"] == "sampled_control")
        return Counter(row["band"] for row in rows), found


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    folder = tmp_path_factory.mktemp("sampled")
    with anvil("--no-mining", "--timestamp", str(int(time.time()) - 3600)) as node:
        node.ask("anvil_mine", hex(5), hex(12))
        grouped = [f"anvil:{one},hot,self,customer,deposits" for one in KEYS]
        alone = f"anvil:{wallet.evm_address(CHAIN, ALONE)},hot,self,customer,"
        rows = ("account,method,holder,owner,group", *grouped, alone)
        (folder / "accounts.csv").write_text("\n".join(rows))
        file = folder / "declaration.toml"
        said = {"as_of": format_time(int(time.time())), "url": node.url}
        file.write_text(DECLARATION.format(**said, more=""))
        assert attest("keys", "new", folder / "key.pem", "--unencrypted").code == 0
        assert attest("challenge", file, "-o", folder / "challenges.json").code == 0
        file.write_text(DECLARATION.format(**said, more=INPUTS))
        texts = json.loads((folder / "challenges.json").read_text())["texts"]
        yield Prepared(folder, node, texts)


def test_texts_are_of_the_drawn_alone(prepared: Prepared) -> None:
    # Each with the text for one key on every network, and the account in no group besides.
    assert len(prepared.texts) == 2 * (SIZE + 1)


def test_a_proved_sample_speaks_for_the_group(prepared: Prepared) -> None:
    prepared.claim()
    bands, found = prepared.run("good")

    assert bands == {"controlled": SIZE + 1, "sampled": COUNT - SIZE}
    assert (found["status"], found["subject"]) == ("pass", "deposits")
    met = attest(
        "verify",
        prepared.folder / "good",
        "--key",
        prepared.folder / "key.pem.pub",
        "--allow-test",
        "--json",
    ).document
    # The verifier's own rule draws 300, which is all of them: by it the group is not proved.
    assert met["authenticity"] == "valid"
    assert any("sampled_control" in str(one) for one in met["differences"])


def test_one_missing_signature_fails_it(prepared: Prepared) -> None:
    drawn = next(name for name in prepared.texts if name.rpartition(":")[2] in KEYS)
    drawn = f"{CHAIN.id}:{drawn.rpartition(':')[2]}"
    prepared.claim(leave_out=drawn)
    bands, found = prepared.run("bad")

    assert bands == {"controlled": SIZE, "observed": COUNT - SIZE + 1}
    assert (found["status"], found["facts"]["first"]) == ("warn", drawn)


def test_a_changed_list_is_refused(prepared: Prepared) -> None:
    prepared.claim()
    accounts = prepared.folder / "accounts.csv"
    whole = accounts.read_text()
    accounts.write_text(whole.replace(",deposits", ",", 1))
    done = attest("control", prepared.folder / "declaration.toml")
    accounts.write_text(whole)

    assert done.code == 3
    assert "accountsSha256" in done.err
