"""Controls carried from one bundle into the next, with the commands that a user has."""

from __future__ import annotations

import csv
import json
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest

from config.times import format_time
from proofs.eip191 import personal_digest
from tests.cli.command import Ran, attest, files_below
from tests.conftest import EXAMPLES
from tests.nodes.anvil import anvil
from tests.nodes.safe import deploy_code, deploy_safe, keys

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.nodes.anvil import Anvil

ACCOUNT = "anvil:0x4b21Feac2185d3062c4757e6D03c363206041718"
LATER = "2026-11-22T20:00:00Z"
OWNERS = keys(4)
MAGIC = "1626ba7e" + "00" * 28
DECLARATION = """\
[entity]
name = "Example"
[attestation]
series = "wallets"
network = "test"
scope = ["holdings", "control"]
[inputs]
accounts = "accounts.csv"
{more}
[sources.anvil]
endpoints = ["{url}"]
"""
INPUTS = 'challenges = "challenges.json"\nclaims = "claims.csv"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the example, to be declared again of half an hour later."""
    made = tmp_path / "declared"
    shutil.copytree(EXAMPLES / "exchange", made)
    return made


@pytest.fixture
def bundle(folder: Path, key: Path) -> Path:
    """The example's bundle: the earlier statement."""
    made = folder.parent / "first"
    assert run(folder, key, made).complaint == ()
    return made


def run(folder: Path, key: Path, bundle: Path, *words: str) -> Ran:
    given = ("--key", key, "-o", bundle, "--json")
    return attest("run", folder / "declaration.toml", *given, *words)


def controls(bundle: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((bundle / "report" / "controls.csv").read_text().splitlines()))


def verified(bundle: Path, key: Path) -> Any:  # noqa: ANN401 - JSON
    return attest("verify", bundle, "--key", f"{key}.pub", "--allow-test", "--json").document


def test_a_cold_key_is_carried_into_the_next_statement(
    folder: Path, bundle: Path, key: Path
) -> None:
    ran = attest("carry", bundle, "-o", folder / "earlier" / "0001")
    assert (0, ()) == (ran.code, ran.complaint)
    assert '[[carried]]\nfolder = "earlier/0001"\n' in ran.out
    file, claims = folder / "declaration.toml", folder / "claims.csv"
    file.write_text(f"{file.read_text()}\n{ran.out}")
    lines = claims.read_text().splitlines()
    claims.write_text("\n".join(line for line in lines if not line.startswith(ACCOUNT)))
    second = folder.parent / "second"
    ran = run(folder, key, second, "--at", LATER)

    assert (0, ()) == (ran.code, ran.complaint)
    (record,) = ran.document["carried"]
    rows = controls(second)
    taken = [row for row in rows if row["carried"]]
    assert {record["sha256"]} == {row["carried"] for row in taken}
    assert [ACCOUNT.replace("anvil", "eip155:31337")] == [
        row["account"] for row in taken if row["outcome"] == "proved"
    ]
    assert {"superseded"} == {row["reason"] for row in taken if row["outcome"] != "proved"}
    met = verified(second, key)
    notes = {one["code"] for one in met["differences"]}
    assert ("valid", "L3", "pass") == (met["authenticity"], met["level"], met["outcome"])
    assert {"as_of_replaced"} == notes
    # What is carried says where it comes from, also where no chain is read.
    said = attest("control", file)
    assert "not judged here: claims carried forward from earlier/0001" in said.err


def test_a_sealed_statement_is_carried_and_linked_to_by_a_sealed_one(
    folder: Path, key: Path
) -> None:
    """Each with a secret of its own, and with the table that the command printed."""
    file = folder / "declaration.toml"
    file.write_text(file.read_text().replace("[inputs]\n", '[inputs]\nsalts = "salts.hex"\n'))
    assert attest("disclose", "salts", folder / "salts.hex").code == 0
    first, second = folder.parent / "first", folder.parent / "second"
    assert run(folder, key, first).complaint == ()
    carried = attest("carry", first, "-o", folder / "earlier" / "0001")
    link = attest("carry", first, "--previous", "-o", folder / "before")
    text = file.read_text().replace("sequence = 1\n", "sequence = 2\n")
    file.write_text(f"{text}\n{carried.out}\n{link.out}")
    (folder / "salts.hex").unlink()
    assert attest("disclose", "salts", folder / "salts.hex").code == 0
    ran = run(folder, key, second, "--at", LATER)

    assert "# TEST NETWORK, controls of the statement about 2026-11-22" in carried.out
    assert "# TEST NETWORK, the statement about 2026-11-22" in link.out
    assert '[[carried]]\nfolder = "earlier/0001"\nsealed = true\n' in carried.out
    assert '[previous]\nfolder = "before"\nsealed = true\n' in link.out
    assert (0, ()) == (ran.code, ran.complaint)
    assert (
        ran.document["series"]["previous"]["payloadSha256"]
        == (ran.document["carried"][0]["sha256"])
    )
    met = verified(second, key)
    assert ("valid", "L3", "pass") == (met["authenticity"], met["level"], met["outcome"])
    file.write_text(file.read_text().replace("sealed = true\n", ""))
    (unsealed, hint) = run(folder, key, folder.parent / "third", "--at", LATER).complaint
    assert "a sealed statement" in unsealed
    assert "sealed = true" in hint


def test_a_statement_is_not_carried_into_itself(folder: Path, bundle: Path, key: Path) -> None:
    file = folder / "declaration.toml"
    table = attest("carry", bundle, "-o", folder / "same").out
    file.write_text(f"{file.read_text()}\n{table}")
    ran = run(folder, key, folder.parent / "second")

    assert 3 == ran.code
    assert "this statement about 2026-11-22T19:27:54Z" in ran.complaint[0]
    assert not (folder.parent / "second").exists()


@pytest.mark.parametrize("name", ["claims.csv", "challenges.json", "payload.json"])
def test_an_edited_file_ends_the_run(folder: Path, bundle: Path, key: Path, name: str) -> None:
    file = folder / "declaration.toml"
    table = attest("carry", bundle, "-o", folder / "earlier").out
    file.write_text(f"{file.read_text()}\n{table}")
    edited = folder / "earlier" / name
    edited.write_bytes(edited.read_bytes().replace(b"1", b"2", 1))
    ran = run(folder, key, folder.parent / "second", "--at", LATER)

    assert 3 == ran.code
    assert ran.complaint[0].startswith("error: earlier/")
    assert not (folder.parent / "second").exists()


def test_a_changed_bundle_is_not_carried(folder: Path, bundle: Path) -> None:
    claims = bundle / "evidence" / "inputs" / "claims.csv"
    claims.write_bytes(claims.read_bytes() + b"\n")
    ran = attest("carry", bundle, "-o", folder / "earlier")

    assert 3 == ran.code
    assert not (folder / "earlier").exists()


def test_json_names_the_folder(folder: Path, bundle: Path) -> None:
    ran = attest("carry", bundle, "-o", folder.parent / "else" / "where", "--json")

    assert {"folder": "where", "network": "test", "claims": "17"} == {
        name: ran.document[name] for name in ("folder", "network", "claims")
    }
    assert 5 == len(files_below(folder.parent / "else" / "where"))
    assert 3 == attest("carry", bundle, "-o", folder).code


def test_a_bundle_without_texts_has_nothing_to_carry(tmp_path: Path, key: Path) -> None:
    folder = tmp_path / "declared"
    shutil.copytree(EXAMPLES / "exchange", folder)
    file = folder / "declaration.toml"
    stated = file.read_text()
    for line in ('claims = "claims.csv"\n', 'challenges = "challenges.json"\n'):
        stated = stated.replace(line, "")
    file.write_text(stated)
    assert run(folder, key, tmp_path / "bundle").complaint == ()
    ran = attest("carry", tmp_path / "bundle", "-o", folder / "earlier")

    assert 3 == ran.code
    assert "nothing to carry" in ran.complaint[0]


class Wallet:
    """A declaration about one contract wallet, read from a live node, statement by statement."""

    def __init__(self, folder: Path, node: Anvil, key: Path, account: str) -> None:
        self.folder, self.node, self.key, self.account = folder, node, key, account
        folder.mkdir()
        (folder / "accounts.csv").write_text(
            f"account,method,holder,owner\nanvil:{account},cold,self,customer\n"
        )

    def text(self) -> str:
        """Let the text be issued."""
        self.declare("")
        issued = self.folder / "challenges.json"
        assert 0 == attest("challenge", self.folder / "declaration.toml", "-o", issued).code
        return str(json.loads(issued.read_text())["texts"][f"eip155:31337:{self.account}"])

    def claim(self, signature: str) -> None:
        row = f"anvil:{self.account},eip1271,@challenge,{signature}"
        (self.folder / "claims.csv").write_text(f"account,scheme,message,signature\n{row}\n")
        self.declare(INPUTS)

    def declare(self, more: str, table: str = "") -> None:
        stated = DECLARATION.format(more=more, url=self.node.url)
        (self.folder / "declaration.toml").write_text(f"{stated}\n{table}")

    def run(self, name: str, *, at: int) -> list[tuple[str, str]]:
        """Make a statement; give outcome and reason of each control."""
        bundle = self.folder.parent / name
        assert () == run(self.folder, self.key, bundle, "--at", format_time(at)).complaint
        return [(row["outcome"], row["reason"]) for row in controls(bundle)]

    def carry(self, name: str) -> None:
        """Carry a bundle's control, and claim nothing anew."""
        ran = attest("carry", self.folder.parent / name, "-o", self.folder / "earlier")
        self.declare("", ran.out)


@pytest.mark.nodes
def test_a_contract_that_no_longer_agrees_refutes_what_is_carried(
    tmp_path: Path, key: Path
) -> None:
    began, signature = int(time.time()) - 3600, "11" * 65
    with anvil("--no-mining", "--timestamp", str(began)) as node:
        made = Wallet(tmp_path / "wallet", node, key, deploy_code(node, "00"))
        asked = personal_digest(made.text().encode()).hex()
        # It says yes to this digest with this signature, and no to whatever else it is asked.
        yes = f"7f{asked}600435147f{signature[:64]}60643514167f{MAGIC}0260005260206000f3"
        node.ask("anvil_setCode", made.account, f"0x{yes}")
        node.ask("anvil_mine", hex(5), hex(12))
        made.claim(f"0x{signature}")
        now = int(time.time())
        first = made.run("first", at=now)
        made.carry("first")
        node.ask("anvil_setCode", made.account, "0x00")
        node.ask("anvil_mine", hex(5), hex(12))
        second = made.run("second", at=now + 60)

    assert [("unproved", "unknown_contract")] == first
    assert [("refuted", "signature_invalid")] == second


@pytest.mark.nodes
@pytest.mark.parametrize("owners", ["same", "other"])
def test_a_safe_is_judged_by_its_owners_of_today(tmp_path: Path, key: Path, owners: str) -> None:
    began = int(time.time()) - 3600
    with anvil("--no-mining", "--timestamp", str(began)) as node:
        addresses: Sequence[str] = [owner.address for owner in OWNERS]
        safe = deploy_safe(node, "1.4.1").safe(list(addresses[:2]), 2)
        made = Wallet(tmp_path / "wallet", node, key, safe.address)
        node.ask("anvil_mine", hex(5), hex(12))
        made.claim(safe.sign(made.text(), OWNERS[:2]))
        now = int(time.time())
        first = made.run("first", at=now)
        made.carry("first")
        if owners == "other":
            first_owner = "0x" + "00" * 19 + "01"
            change = "swapOwner(address,address,address)"
            safe.do(change, first_owner, addresses[0], addresses[2])
        node.ask("anvil_mine", hex(5), hex(12))
        second = made.run("second", at=now + 60)

    assert [("proved", "")] == first
    assert [("proved", "") if owners == "same" else ("refuted", "signature_invalid")] == second
