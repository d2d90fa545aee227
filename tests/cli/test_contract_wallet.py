"""A Safe and a typed challenge from end to end: issued, signed, run, verified, and read again."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from eth_account import Account

from config.times import format_time
from tests.cli.command import Ran, attest
from tests.nodes.anvil import Anvil, anvil
from tests.nodes.safe import DeployedSafe, deploy_safe, keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.nodes

OWNERS = keys(3)
ALONE = Account.from_key(b"\x0b" * 32)
DECLARATION = """\
[entity]
name = "Example"
[attestation]
series = "wallets"
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


@dataclass(frozen=True, slots=True)
class Signed:
    """A declaration whose accounts are a Safe and a key, signed for."""

    folder: Path
    node: Anvil
    safe: DeployedSafe
    key: Path

    def run(self, name: str) -> Ran:
        words = ("--key", self.key, "-o", self.folder / name, "--json")
        return attest("run", self.folder / "declaration.toml", *words)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signed]:
    folder = tmp_path_factory.mktemp("wallets")
    with anvil("--no-mining", "--timestamp", str(int(time.time()) - 3600)) as node:
        safe = deploy_safe(node, "1.4.1").safe([owner.address for owner in OWNERS], 2)
        node.ask("anvil_setBalance", safe.address, hex(10**20))
        node.ask("anvil_setBalance", ALONE.address, hex(10**18))
        node.ask("anvil_mine", hex(5), hex(12))
        made = Signed(folder, node, safe, folder / "key.pem")
        assert attest("keys", "new", made.key, "--unencrypted").code == 0
        issue(made)
        yield made


def issue(made: Signed) -> None:
    """Write the declaration, let the texts be issued, and sign them."""
    folder, file = made.folder, made.folder / "declaration.toml"
    said = {"as_of": format_time(int(time.time())), "url": made.node.url}
    accounts = "".join(
        f"anvil:{at},cold,self,customer\n" for at in (made.safe.address, ALONE.address)
    )
    (folder / "accounts.csv").write_text(f"account,method,holder,owner\n{accounts}")
    file.write_text(DECLARATION.format(**said, more=""))
    words = ("-o", folder / "challenges.json", "--typed-data", folder / "typed")
    assert attest("challenge", file, *words).code == 0
    file.write_text(DECLARATION.format(**said, more=INPUTS))
    texts = json.loads((folder / "challenges.json").read_text())["texts"]
    text = texts[f"eip155:31337:{made.safe.address}"]
    typed = json.loads((folder / "typed" / f"eip155-31337-{ALONE.address}.json").read_text())
    rows = (
        ("account", "scheme", "message", "signature"),
        (f"anvil:{made.safe.address}", "eip1271", "@challenge", made.safe.sign(text, OWNERS[1:])),
        (
            f"anvil:{ALONE.address}",
            "eip712",
            "@challenge",
            f"0x{ALONE.sign_typed_data(full_message=typed).signature.hex()}",
        ),
    )
    (folder / "claims.csv").write_text("".join(f"{','.join(row)}\n" for row in rows))


def verify(signed: Signed, bundle: str, *words: str | Path) -> Any:  # noqa: ANN401 - JSON
    trust = ("--key", f"{signed.key}.pub", "--allow-test", "--json")
    return attest("verify", signed.folder / bundle, *trust, *words).document


def test_both_are_proved_and_a_verifier_sees_the_same(signed: Signed) -> None:
    assert signed.run("bundle").complaint == ()
    sources = signed.folder / "sources.toml"
    sources.write_text(f'[sources.anvil]\nendpoints = ["{signed.node.url}"]\n')
    alone = verify(signed, "bundle")
    again = verify(signed, "bundle", "--sources", sources)
    # Who owns the Safe after the pin changes nothing of what was seen at it.
    signed.safe.do("changeThreshold(uint256)", 3)
    signed.node.mine(2)
    later = verify(signed, "bundle", "--sources", sources)

    assert {one["authenticity"] for one in (alone, again, later)} == {"valid"}
    levels = [one["levels"]["eip155:31337"] for one in (alone, again, later)]
    assert levels == ["L3", "L4", "L4"]
    table = (signed.folder / "bundle" / "report" / "controls.csv").read_text()
    assert table.count(",proved,B,") == 2
    signed.safe.do("changeThreshold(uint256)", 2)


def test_an_answer_taken_out_of_the_evidence_is_found(signed: Signed) -> None:
    assert signed.run("second").complaint == ()
    (log,) = (signed.folder / "second" / "evidence" / "chains").rglob("*.jsonl")
    lines = log.read_bytes().splitlines(keepends=True)
    asked = [at for at, line in enumerate(lines) if b'a0e67e2b"}' in line]
    log.write_bytes(b"".join(line for at, line in enumerate(lines) if at not in asked))
    met = verify(signed, "second")

    assert len(asked) == 1
    assert met["authenticity"] == "invalid"


def test_without_a_chain_the_safe_is_unproved(signed: Signed) -> None:
    met = attest("control", signed.folder / "declaration.toml", "--json")

    assert met.code == 2
    shown = [(one["scheme"], one["outcome"], one["reason"]) for one in met.document["controls"]]
    assert shown == [("eip1271", "unproved", "chain_not_asked"), ("eip712", "proved", None)]
