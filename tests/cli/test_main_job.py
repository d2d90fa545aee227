"""The main job on real nodes: declare, challenge, sign, run, and verify somewhere else."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from attest.keys import load_public
from chains.utxo.answers import read_amount
from tests.cli import exchange
from tests.cli.command import attest, files_below
from tests.nodes.litecoind import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Attested

pytestmark = pytest.mark.nodes

SCRIPT = "import sys; from attest.cli.app import main; sys.argv[0] = 'attest'; main()"
CONNECT = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 1)"


def verdict(attested: Attested, level: str, anchors: str) -> dict[str, Any]:
    """What `verify --json` prints of the bundle, both chains alike."""
    chains = (exchange.UTXO.id, exchange.EVM.id)
    signed = (attested.bundle / "att/0001.payload.json").read_bytes()
    payload = json.loads(signed)
    return {
        "authenticity": "valid",
        "outcome": "pass",
        "level": level,
        "levels": dict.fromkeys(chains, level),
        "anchors": dict.fromkeys(chains, anchors),
        "reasons": [],
        "differences": [],
        "parties": [load_public(attested.public.read_bytes(), "").keyid],
        "network": "test",
        "about": {
            "entity": "Example Exchange",
            "series": "example-exchange 1",
            "asOf": payload["predicate"]["asOf"]["time"],
            "scope": "holdings control obligations comparison",
            "payload": hashlib.sha256(signed).hexdigest(),
            "profile": "full",
            "history": "not asked for",
        },
        "requiredLevel": level,
    }


def recorded_coins(bundle: Path) -> dict[tuple[str, int], str]:
    """Every coin of the first node's scan, as the bundle's evidence has it, with its amount."""
    folder = exchange.UTXO.id.replace(":", "-")
    log = (bundle / "evidence/chains" / folder / "node-1.jsonl").read_text().splitlines()
    scan = next(line for line in map(json.loads, log) if line.get("method") == "scantxoutset")
    return {(coin["txid"], coin["vout"]): coin["amount"] for coin in scan["result"]["unspents"]}


@pytest.fixture
def elsewhere(attested: Attested, tmp_path: Path) -> Path:
    """Another directory that holds nothing but the bundle and the public key."""
    shutil.copytree(attested.bundle, tmp_path / "bundle")
    shutil.copy(attested.public, tmp_path / "signer.pub")
    return tmp_path


def test_the_run_passes(attested: Attested) -> None:
    predicate = attested.run.document

    assert (attested.run.code, predicate["outcome"], predicate["network"]) == (0, "pass", "test")
    statuses = {finding["code"]: finding["status"] for finding in predicate["findings"]["inForce"]}
    unknown = {code for code, status in statuses.items() if status == "unknown"}
    assert {"pass"} == set(statuses.values()) - {"not_applicable", "unknown"}
    # Neither a window, others nor signing domains were given, and none of these rules is required.
    assert {"cold_moved", "in_and_out", "sent_on", "domain_share"} == unknown
    assert "not_applicable" == statuses["token_rate"]


def test_it_has_the_size_that_is_asked_for(attested: Attested) -> None:
    control = attested.run.document["control"]
    outcomes = {"proved": "211", "refuted": "0", "inconclusive": "0", "unproved": "0"}

    assert exchange.EVM_ACCOUNTS >= 200
    assert outcomes == control["outcomes"]
    assert control["grades"] == {"A": "0", "B": "211", "C": "0", "D": "0"}
    assert control["bands"]["controlled"] == "211"
    # Every payment, the change in place of what was spent, and the last block's own coins.
    assert len(recorded_coins(attested.bundle)) == 11 * exchange.COINS_EACH + 1


def test_the_sums_are_what_the_nodes_say(attested: Attested) -> None:
    said: Counter[str] = Counter()
    for (_, asset), (units, immature) in attested.spoken.items():
        said[asset] += units
        said[f"{asset} immature"] += immature
    found: Counter[str] = Counter()
    for line in attested.run.document["holdings"]:
        found[line["asset"]] += int(line["amount"])
        found[f"{line['asset']} immature"] += int(line["immature"])

    assert said == found
    assert found[f"{exchange.LTC} immature"] == 50 * 10**8 + exchange.FEE
    assert {exchange.INSTRUMENTS[asset]: str(said[asset]) for asset in exchange.INSTRUMENTS} == {
        one["instrument"]: one["counted"] for one in attested.run.document["comparison"]
    }


def test_every_account_has_what_the_nodes_say(attested: Attested) -> None:
    table = (attested.bundle / "report/accounts.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(table)))

    assert len(rows) == 3 * exchange.EVM_ACCOUNTS + 11
    assert attested.spoken == {
        (row["account"], row["asset"]): (int(row["units"]), int(row["immature"])) for row in rows
    }


def test_the_pins_are_blocks_of_the_nodes(attested: Attested) -> None:
    pins = {pin["chain"]: pin for pin in attested.run.document["asOf"]["anchors"]}
    evm = pins[exchange.EVM.id]

    assert attested.tip == pins[exchange.UTXO.id]["blockHash"]
    assert attested.evm.block(int(evm["height"]))["hash"] == evm["blockHash"]


def test_change_of_the_last_block_counts_and_what_it_spent_does_not(attested: Attested) -> None:
    coins, spend = recorded_coins(attested.bundle), attested.spend
    change = [read_amount(amount) for (txid, _), amount in coins.items() if txid == spend.txid]

    assert [spend.change] == change
    assert spend.spent not in coins


def test_everything_says_that_it_is_a_test(attested: Attested) -> None:
    shown = attest("verify", attested.bundle, "--key", attested.public, "--allow-test")

    assert "TEST NETWORK" in shown.out
    assert "TEST" in (attested.bundle / "report/report.md").read_text()


def test_no_secret_is_written_or_said(attested: Attested) -> None:
    everything = {**files_below(attested.bundle), "out": attested.run.out.encode()}
    everything["err"] = attested.run.err.encode()

    assert [name for name, data in everything.items() if PASSWORD.encode() in data] == []


@pytest.mark.skipif(
    shutil.which("unshare") is None
    or subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode != 0,  # noqa: S607 - the system's own
    reason="this machine gives no network namespace (unshare -rn)",
)
def test_verifying_needs_no_network(attested: Attested, elsewhere: Path) -> None:
    alone = ["unshare", "-rn", sys.executable, "-c"]
    options = ["verify", "bundle", "--key", "signer.pub", "--allow-test", "--json"]
    world = {name: value for name, value in os.environ.items() if not name.startswith("LTC_")}
    port = str(attested.utxo.port)
    reached = subprocess.run([*alone, CONNECT, port], capture_output=True, check=False)  # noqa: S603 - ours
    done = subprocess.run(  # noqa: S603 - this interpreter, our command
        [*alone, SCRIPT, *options], cwd=elsewhere, env=world, capture_output=True, check=False
    )

    assert reached.returncode != 0
    assert (done.returncode, done.stderr) == (0, b"")
    assert verdict(attested, "L3", "unconfirmed") == json.loads(done.stdout)


def test_verifying_opens_no_socket(
    attested: Attested, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def refuse(*arguments: object, **_: object) -> NoReturn:
        opened.append(arguments)
        raise OSError("no network here")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.chdir(elsewhere)
    options = ("verify", "bundle", "--key", "signer.pub", "--allow-test", "--json")
    ran = attest(*options)

    assert (ran.code, ran.err) == (0, "")
    assert verdict(attested, "L3", "unconfirmed") == ran.document
    assert opened == []
    # The same command with nodes to ask does try, so that the refusal above is of the right door.
    assert attest(*options, "--sources", attested.sources).code == 2
    assert opened != []


def test_a_verifiers_own_nodes_confirm_it(attested: Attested, elsewhere: Path) -> None:
    ran = attest(
        *("verify", elsewhere / "bundle", "--key", elsewhere / "signer.pub", "--allow-test"),
        *("--sources", attested.sources, "--json"),
    )

    assert verdict(attested, "L4", "confirmed") == ran.document
    assert ran.code == 0


@pytest.fixture
def recorded(attested: Attested, tmp_path: Path) -> Path:
    """The same declaration, with the bundle in place of the nodes."""
    shutil.copytree(attested.folder, tmp_path / "recorded")
    return point_to(tmp_path / "recorded", attested.bundle)


def point_to(folder: Path, recording: Path) -> Path:
    """Let a folder's declaration read from a recording."""
    path = folder / "declaration.toml"
    head = path.read_text().partition("[sources.")[0]
    tables = [
        f'[sources.{name}]\nrecorded = "{recording}"\nquorum = {quorum}\n'
        for name, quorum in (("anvil", 1), ("litecoin-regtest", 2))
    ]
    path.write_text("\n".join([head, *tables]))
    return path


def test_a_bundle_read_as_if_it_were_nodes_gives_the_same_balances(
    attested: Attested, recorded: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    ran = attest("run", recorded, "--key", attested.key, "-o", again, "--json")

    assert (ran.code, ran.complaint) == (0, ())
    for part in ("asOf", "holdings", "comparison", "control", "findings"):
        assert attested.run.document[part] == ran.document[part]
    for name in ("report/accounts.csv", "report/controls.csv"):
        assert (attested.bundle / name).read_bytes() == (again / name).read_bytes()


def test_the_steps_one_by_one_give_the_bytes_of_a_run(
    attested: Attested, recorded: Path, tmp_path: Path
) -> None:
    seen, draft, bundle, at_once = (tmp_path / one for one in ("seen", "draft", "bundle", "run"))
    codes = [
        attest("observe", recorded, "-o", seen).code,
        attest("assess", recorded, "--snapshot", seen, "-o", draft).code,
        attest("sign", draft, "--key", attested.key, "-o", bundle).code,
        attest("run", recorded, "--key", attested.key, "-o", at_once).code,
    ]
    in_steps, run = files_below(bundle), files_below(at_once)
    of_a_signature = {
        "att/0001.signer.dsse.json",
        "att/0001.signer.sigstore.json",
        "SHA256SUMS",
        "manifest.json",
    }

    assert codes == [0, 0, 0, 0]
    assert run.keys() == in_steps.keys()
    assert {name for name in run if run[name] != in_steps[name]} <= of_a_signature
    assert attest("verify", bundle, "--key", attested.public, "--allow-test").code == 0


def test_trust_decides_and_not_the_key_in_the_bundle(attested: Attested, tmp_path: Path) -> None:
    attest("keys", "new", tmp_path / "other", "--unencrypted")
    cases = {
        "valid": ("--key", attested.public, "--allow-test"),
        "no_trust_given": ("--allow-test",),
        "no_trusted_signature": ("--key", tmp_path / "other.pub", "--allow-test"),
        "test_network": ("--key", attested.public),
    }
    met = {}
    for name, options in cases.items():
        ran = attest("verify", attested.bundle, *options, "--json")
        codes = [reason["code"] for reason in ran.document["reasons"]]
        met[name] = (ran.code, ran.document["authenticity"], codes)

    assert met == {
        "valid": (0, "valid", []),
        "no_trust_given": (2, "indeterminate", ["no_trust_given", "level_not_reached"]),
        "no_trusted_signature": (1, "invalid", ["no_trusted_signature"]),
        "test_network": (1, "invalid", ["test_network"]),
    }
