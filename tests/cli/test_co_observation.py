"""A second party's signed reading raises the level, or speaks against the statement."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.cli.load import inputs_of, tool
from attest.co_observation import ENVELOPE, OBSERVATION_TYPE, sign_observation
from attest.disk import write_folder
from attest.envelope import seal
from attest.keys import load_signing
from attest.observation import decode_observation, recheck
from attest.plan import plan_chains
from attest.statement import build_statement
from chains.evidence import Column
from chains.recording import decode_log, encode_log
from tests.cli.command import attest, files_below
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attest.keys import SigningKey
    from chains.evidence import Entry
    from tests.cli.command import Ran

DECLARATION = EXAMPLES / "exchange" / "declaration.toml"
EVM, UTXO = "eip155:31337", "bip122:530827f38f93b43ed12af0b3ad25a288"
TRUST = """\
[[party]]
name = "Example Exchange"
key = "signer.pub"
[[party]]
name = "Second Reader"
key = "observer.pub"
roles = ["{role}"]
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A bundle of the shipped example, an observation of another party, and a trust file."""
    for name in ("signer", "observer"):
        assert attest("keys", "new", tmp_path / name, "--unencrypted").code == 0
    ran = attest("run", DECLARATION, "--key", tmp_path / "signer", "-o", tmp_path / "bundle")
    assert ran.code == 0
    observed = tmp_path / "observed"
    ran = attest("observe", DECLARATION, "--key", tmp_path / "observer", "-o", observed)
    assert ran.code == 0
    (tmp_path / "trust.toml").write_text(TRUST.format(role="observer"))
    return tmp_path


def verify(place: Path, *observed: str) -> Ran:
    named = [word for name in observed for word in ("--co-observation", str(place / name))]
    trust = ["--trust", str(place / "trust.toml")]
    return attest("verify", place / "bundle", *trust, *named, "--allow-test", "--json")


def reasons(ran: Ran) -> set[str]:
    return {reason["code"] for reason in ran.document["reasons"]}


def signed_again(place: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> str:
    """Change an observation and let its own party sign it."""

    files = files_below(place / "observed")
    own = change({name: data for name, data in files.items() if name != ENVELOPE})
    found = decode_observation(own)
    snapshot = recheck(plan_chains(inputs_of(DECLARATION), found.as_of), found)
    own[ENVELOPE] = sign_observation(own, snapshot, tool(), observer(place))
    write_folder(place / "changed", own)
    return "changed"


def observer(place: Path) -> SigningKey:
    return load_signing((place / "observer").read_bytes(), "observer", lambda: b"")


def test_a_trusted_partys_reading_raises_the_level(place: Path) -> None:
    alone = verify(place)
    assert (alone.code, alone.document["levels"]) == (0, {EVM: "L3", UTXO: "L3"})
    both = verify(place, "observed")
    assert (both.code, both.document["levels"]) == (0, {EVM: "L4", UTXO: "L4"})
    assert both.document["anchors"] == {EVM: "confirmed", UTXO: "confirmed"}
    assert both.document["requiredLevel"] == "L4"
    assert both.document["reasons"] == []


def test_an_observation_can_be_a_recording_too(place: Path) -> None:
    text = DECLARATION.read_text().replace('recorded = "recording"', 'recorded = "observed"')
    folder = place / "again"
    shutil.copytree(DECLARATION.parent, folder)
    shutil.copytree(place / "observed", folder / "observed")
    (folder / "declaration.toml").write_text(text)
    ran = attest("observe", folder / "declaration.toml", "-o", place / "second")
    assert ran.code == 0
    first, second = files_below(place / "observed"), files_below(place / "second")
    assert {name: data for name, data in first.items() if name != ENVELOPE} == second


@pytest.mark.parametrize("role", ["attester", "challenger"])
def test_only_an_observer_observes(place: Path, role: str) -> None:
    (place / "trust.toml").write_text(TRUST.format(role=role))
    ran = verify(place, "observed")
    assert ran.code == 3
    assert "is not trusted" in ran.complaint[0]


@pytest.mark.parametrize("role", ["auditor", "regulator"])
def test_auditors_and_regulators_may_observe(place: Path, role: str) -> None:
    (place / "trust.toml").write_text(TRUST.format(role=role))
    assert verify(place, "observed").code == 0


def test_a_key_that_is_revoked_observes_no_more(place: Path) -> None:
    # Nothing but today shows when an observation was signed.
    row = 'roles = ["observer"]\n[[party.keys]]\nfile = "observer.pub"\n'
    text = TRUST.replace('key = "observer.pub"\nroles = ["{role}"]\n', row)
    found = []
    for at in ("2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"):
        revoked = f'revoked_at = "{at}"\nreason = "compromised"\n'
        (place / "trust.toml").write_text(text + revoked)
        found.append(verify(place, "observed").code)
    assert [3, 0] == found


def test_the_signer_cannot_observe_for_himself(place: Path) -> None:
    both = 'key = "signer.pub"\nroles = ["attester", "observer"]'
    text = TRUST.replace('key = "signer.pub"', both)
    (place / "trust.toml").write_text(text.format(role="observer"))
    attest("observe", DECLARATION, "--key", place / "signer", "-o", place / "own")
    ran = verify(place, "own")
    assert ran.code == 3
    assert "is not trusted" in ran.complaint[0]


def test_an_unsigned_observation_is_refused(place: Path) -> None:
    (place / "observed" / ENVELOPE).unlink()
    ran = verify(place, "observed")
    assert (ran.code, f"{ENVELOPE} is missing" in ran.complaint[0]) == (3, True)


def test_every_file_is_bound_to_the_signature(place: Path) -> None:
    for name, data in files_below(place / "observed").items():
        for at in (0, len(data) // 2, len(data) - 1):
            changed = bytearray(data)
            changed[at] ^= 1
            (place / "observed" / name).write_bytes(changed)
            assert verify(place, "observed").code == 3
        (place / "observed" / name).write_bytes(data)
    (place / "observed" / "chains" / "more.jsonl").write_bytes(b"")
    assert verify(place, "observed").code == 3


def test_a_bundle_is_not_an_observation(place: Path) -> None:
    envelope = (place / "bundle" / "att" / "0001.signer.dsse.json").read_bytes()
    (place / "observed" / ENVELOPE).write_bytes(envelope)
    assert verify(place, "observed").code == 3


def one_wei_more(files: dict[str, bytes]) -> dict[str, bytes]:
    """Let every source say more, and leave the proofs out."""
    found = {name: data for name, data in files.items() if not name.endswith("state.nodes")}
    for name in [one for one in found if "eip155" in one]:
        chain, log = decode_log(found[name], name)
        entries: list[Entry] = []
        for entry in log.entries:
            if entry.call.method == "eth_getProof":
                continue
            if isinstance(entry, Column) and entry.call.method == "eth_getBalance":
                results = tuple(hex(int(str(one), 16) + 1) for one in entry.results)
                entries.append(replace(entry, results=results))
            else:
                entries.append(entry)
        found[name] = encode_log(chain, replace(log, entries=tuple(entries)))
    return found


def test_another_balance_speaks_against_the_statement(place: Path) -> None:
    ran = verify(place, signed_again(place, one_wei_more))
    assert (ran.code, ran.document["outcome"]) == (2, "unknown")
    assert ran.document["levels"] == {EVM: "L3", UTXO: "L4"}
    assert reasons(ran) == {"balance_mismatch", "level_not_reached"}
    detail = ran.document["reasons"][0]["detail"]
    assert "Second Reader" in detail
    assert "statement" in detail


def test_one_contradiction_outweighs_any_agreement(place: Path) -> None:
    changed = signed_again(place, one_wei_more)
    for order in (("observed", changed), (changed, "observed")):
        ran = verify(place, *order)
        assert (ran.code, ran.document["levels"][EVM]) == (2, "L3")


def without_utxo(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if "bip122" not in name}


def test_what_was_not_observed_is_not_raised(place: Path) -> None:
    changed = without_utxo(
        {k: v for k, v in files_below(place / "observed").items() if k != ENVELOPE}
    )
    files = dict(changed)

    found = decode_observation(files)
    plans = plan_chains(inputs_of(DECLARATION), found.as_of)
    evm = tuple(plan for plan in plans if plan.chain.id == EVM)
    files[ENVELOPE] = sign_observation(files, recheck(evm, found), tool(), observer(place))
    write_folder(place / "changed", files)
    ran = verify(place, "changed")
    assert (ran.code, ran.document["levels"]) == (2, {EVM: "L4", UTXO: "L3"})
    assert reasons(ran) == {"level_not_reached"}


def test_a_reading_that_gives_no_pin_says_nothing(place: Path) -> None:
    files = {k: v for k, v in files_below(place / "observed").items() if k != ENVELOPE}
    name = next(one for one in files if "eip155" in one and one.endswith("jsonl"))
    chain, log = decode_log(files[name], name)
    asked = [entry for entry in log.entries if entry.call.method != "eth_chainId"]
    files[name] = encode_log(chain, replace(log, entries=tuple(asked)))

    digests = {one: hashlib.sha256(data).hexdigest() for one, data in files.items()}
    payload = build_statement(OBSERVATION_TYPE, {}, digests)
    files[ENVELOPE] = seal(payload, observer(place))
    write_folder(place / "changed", files)
    ran = verify(place, "changed")
    assert (ran.code, ran.document["levels"]) == (2, {EVM: "L3", UTXO: "L4"})
    assert reasons(ran) == {"not_read_again", "level_not_reached"}


def test_the_statement_says_what_was_read(place: Path) -> None:

    envelope = json.loads((place / "observed" / ENVELOPE).read_bytes())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["predicateType"] == "urn:custody-attest:observation:v0"
    chains = {one["chain"]: one for one in statement["predicate"]["chains"]}
    assert set(chains) == {EVM, UTXO}
    assert chains[EVM]["failed"] == "0"
    assert {one["name"] for one in statement["subject"]} == set(files_below(place / "observed")) - {
        ENVELOPE
    }
