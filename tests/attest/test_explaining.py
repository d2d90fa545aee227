from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from btclib_wallet import bip322
from Crypto.Hash import RIPEMD160, keccak
from eth_account import Account
from eth_account.messages import encode_defunct

from attest.checking import Trial
from attest.cli import explain as printed
from attest.cli.app import call
from attest.explaining import HASHES, explain_account
from chains.families import ChainAddresses
from chains.snapshot import Answer, ChainSnapshot, Pin, Question, Snapshot
from config.caip import AccountId
from config.claims import parse_claims
from config.errors import InputError
from config.registry_files import load_registry
from proofs.control import Reason
from proofs.facts import gather
from proofs.schemes import SCHEMES
from tests.examples import wallet

if TYPE_CHECKING:
    from pathlib import Path

    from coincurve import PrivateKey

    from attest.explaining import Explanation

REGISTRY = load_registry()
BITCOIN, ETHEREUM = REGISTRY.chain("bitcoin"), REGISTRY.chain("ethereum")
KEY, OTHER = wallet.key(1), wallet.key(2)
TEXT = "a text, of two\nlines"
QUOTED = f'"{TEXT}"'
EVM = wallet.evm_address(ETHEREUM, KEY)
NESTED = wallet.utxo_address(BITCOIN, wallet.single_script(KEY, wallet.NESTED))
LEGACY = wallet.utxo_address(BITCOIN, wallet.single_script(KEY, wallet.P2PKH))
SEGWIT = wallet.utxo_address(BITCOIN, wallet.single_script(KEY, wallet.P2WPKH))
MULTISIG = wallet.Multisig((wallet.key(3), wallet.key(4), wallet.key(5)))
JOINT = wallet.utxo_address(BITCOIN, MULTISIG.script)
MAGIC = b"\x18Bitcoin Signed Message:\n" + bytes((len(TEXT),)) + TEXT.encode()
HEADER = "account,scheme,message,signature,script\n"


def explained(row: str, account: str, trial: Trial | None = None) -> Explanation:
    data = (HEADER + row + "\n").encode()
    claims = parse_claims(data, "c", REGISTRY, ChainAddresses(), SCHEMES)
    (found,) = explain_account(account, claims, trial or Trial(REGISTRY))
    return found


def values(found: Explanation, what: str) -> list[str | bytes]:
    return [step.value for step in found.steps if step.what == what]


def hash160(data: bytes) -> bytes:
    return RIPEMD160.new(hashlib.sha256(data).digest()).digest()


def twice(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def legacy_row(signer: PrivateKey = KEY) -> str:
    signed = wallet.sign_message(BITCOIN, signer, wallet.P2PKH, TEXT)
    return f"bitcoin:{LEGACY},bip137,{QUOTED},{signed},"


def test_a_bip137_claim_shows_what_is_hashed_and_compared() -> None:
    found = explained(legacy_row(), f"bitcoin:{LEGACY}")
    public = KEY.public_key.format()

    assert [TEXT.encode()] == values(found, "message")
    assert [MAGIC] == values(found, "digest preimage")
    assert [twice(MAGIC)] == values(found, "digest")
    assert [public] == values(found, "recovered public key")
    assert [hash160(public)] == values(found, "hash for the key")
    assert [hash160(public)] == values(found, "hash in the address")
    assert found.control.outcome == "proved"
    order = [step.what for step in found.steps]
    assert order.index("message") < order.index("digest") < order.index("recovered public key")


def test_a_refuted_claim_shows_whose_key_it_is() -> None:
    found = explained(legacy_row(OTHER), f"bitcoin:{LEGACY}")

    assert [OTHER.public_key.format()] == values(found, "recovered public key")
    assert [hash160(OTHER.public_key.format())] == values(found, "hash for the key")
    assert [hash160(KEY.public_key.format())] == values(found, "hash in the address")
    assert (found.control.outcome, found.control.reason) == ("refuted", "key_mismatch")


def test_an_eip191_claim_shows_the_same_as_another_library() -> None:
    signed = wallet.sign_eip191(KEY, TEXT)
    found = explained(f"ethereum:{EVM},eip191,{QUOTED},{signed},", f"eip155:1:{EVM.lower()}")
    message = encode_defunct(text=TEXT)
    header = b"\x19Ethereum Signed Message:\n" + str(len(TEXT)).encode() + TEXT.encode()
    public = KEY.public_key.format(compressed=False)

    assert Account.recover_message(message, signature=signed) == EVM
    assert [header] == values(found, "digest preimage")
    assert [keccak.new(digest_bits=256, data=header).digest()] == values(found, "digest")
    assert [public] == values(found, "recovered public key")
    hashed = keccak.new(digest_bits=256, data=public[1:]).digest()
    assert [hashed[12:]] == values(found, "address of the key")
    assert [bytes.fromhex(EVM[2:])] == values(found, "address claimed")


def test_a_multisig_claim_shows_the_script_and_every_signer() -> None:
    signed = MULTISIG.sign(BITCOIN, TEXT)
    script = MULTISIG.witness_script
    row = f"bitcoin:{JOINT},multisig-signmessage,{QUOTED},{signed},{script.hex()}"
    found = explained(row, f"bitcoin:{JOINT}")
    publics = [key.public_key.format() for key in MULTISIG.keys]

    assert [script] == values(found, "script")
    assert ["2"] == values(found, "signers needed")
    assert publics == values(found, "key of the script")
    assert [hashlib.sha256(script).digest()] == values(found, "hash of the script, for P2WSH")
    assert [hashlib.sha256(script).digest()] == values(found, "hash in the address")
    assert [twice(MAGIC)] == values(found, "digest")
    assert [publics[0], publics[2]] == values(found, "recovered public key")
    assert found.control.outcome == "proved"


def test_a_bip322_claim_shows_the_transactions() -> None:
    signed = wallet.sign_bip322(KEY, BITCOIN, wallet.P2WPKH, TEXT)
    found = explained(f"bitcoin:{SEGWIT},bip322,{QUOTED},{signed},", f"bitcoin:{SEGWIT}")
    tag = hashlib.sha256(b"BIP0322-signed-message").digest()
    tagged = hashlib.sha256(tag + tag + TEXT.encode()).digest()
    script = b"\x00\x14" + hash160(KEY.public_key.format())
    # Version 0, one input (null, ffffffff, OP_0 PUSH32 hash, sequence 0), one output of 0, no lock.
    spend = (
        bytes(4)
        + b"\x01"
        + bytes(32)
        + b"\xff" * 4
        + b"\x22\x00\x20"
        + tagged
        + bytes(4)
        + b"\x01"
        + bytes(8)
        + bytes((len(script),))
        + script
        + bytes(4)
    )

    assert [tagged] == values(found, "hash of the message (tagged SHA-256)")
    assert [spend] == values(found, "to_spend")
    assert [twice(spend)[::-1]] == values(found, "id of to_spend")
    assert [base64.b64decode(signed.removeprefix("smp"))] == values(found, "signature, decoded")
    assert spend == bip322.to_spend(TEXT.encode(), script).serialize(include_witness=False)


def test_an_issued_text_and_code_are_shown() -> None:
    base = REGISTRY.chain("base")
    accounts = (AccountId(f"{ETHEREUM.id}:{EVM}"), AccountId(f"{base.id}:{EVM}"))
    question = Question(ETHEREUM.id, "code", EVM)
    read = ChainSnapshot(
        Pin(ETHEREUM.id, 1, "00", 1, 1), (), (), answers=(Answer(question, "0x", ("a",)),)
    )
    trial = Trial(REGISTRY, facts=gather(accounts, Snapshot((read,))))
    row = f"eip155:*:{EVM},eip191,{QUOTED},{wallet.sign_eip191(KEY, TEXT)},"
    found = explained(row, f"ethereum:{EVM}", trial)

    assert ["0x"] == values(found, f"code at the pin of {accounts[0]}")
    assert ["not known"] == values(found, f"code at the pin of {accounts[1]}")
    assert ["utf8"] == values(found, "text of the claim, encoding")


def test_an_account_of_a_claim_for_several_is_found() -> None:
    row = f"bitcoin:{SEGWIT} bitcoin:{LEGACY},bip322,,AA==,"

    assert explained(row, f"bitcoin:{LEGACY}").control.outcome == "refuted"
    assert explained(row, f"bitcoin:{LEGACY} bitcoin:{SEGWIT}").control.line == 2


@pytest.mark.parametrize("account", [f"bitcoin:{NESTED}", f"base:{EVM}", f"eip155:*:{EVM}"])
def test_an_account_that_no_claim_names_is_refused(account: str) -> None:
    row = f"ethereum:{EVM},eip191,x,0x00,"
    with pytest.raises(InputError, match="no claim names") as refused:
        explained(row, account)
    assert f"eip155:1:{EVM}" in refused.value.hint


SHELL = shutil.which("sh")


@pytest.mark.skipif(
    not all(map(shutil.which, ("sh", "openssl", "xxd", "tac", "python3"))),
    reason="openssl, xxd, tac or python3 is missing",
)
def test_the_commands_give_the_values() -> None:
    evm = f"ethereum:{EVM},eip191,{QUOTED},{wallet.sign_eip191(KEY, TEXT)},"
    signed = wallet.sign_bip322(KEY, BITCOIN, wallet.P2WPKH, TEXT)
    segwit = f"bitcoin:{SEGWIT},bip322,{QUOTED},{signed},"
    steps = [
        step
        for row in (legacy_row(), evm, segwit)
        for step in explained(row, row.partition(",")[0]).steps
        if step.command
    ]
    seen = set()
    for step in steps:
        done = subprocess.run(  # noqa: S603 - the commands are ours
            [str(SHELL), "-c", step.command], capture_output=True, text=True, check=True
        )
        if not isinstance(step.value, bytes):
            pytest.fail("a command stands at text")
        assert done.stdout.split()[-1] == step.value.hex()
        seen.add(step.what)

    assert {"digest", "hash for the key", "address of the key", "id of to_spend"} <= seen
    assert "hash of the message (tagged SHA-256)" in seen
    assert len(HASHES) == 7


def written(tmp_path: Path, *rows: str) -> str:
    path = tmp_path / "claims.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return str(path)


def test_the_command_prints_steps_and_the_verdict_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, legacy_row(), legacy_row(OTHER))
    code = call(["control", path, "--explain", f"bitcoin:{LEGACY}"])
    out = capsys.readouterr().out

    assert code == 1
    assert f"line 2: bip137 for bip122:000000000019d6689c085ae165831e93:{LEGACY}" in out
    assert twice(MAGIC).hex() in out
    assert '"a text, of two\\nlines"' in out
    assert "grade: D, a static text that does not name the address" in out
    assert "reason: key_mismatch, the signature is of another key than the address's" in out
    assert max(map(len, (line for line in out.splitlines() if "$" not in line))) < 120


def test_the_command_gives_the_steps_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, legacy_row())
    code = call(["control", path, "--json", "--explain", f"bitcoin:{LEGACY}"])
    (found,) = json.loads(capsys.readouterr().out)["explanations"]

    assert (code, found["outcome"], found["grade"], found["line"]) == (0, "proved", "D", 2)
    digest = {step["step"]: step for step in found["steps"]}["digest"]
    assert digest["hex"] == twice(MAGIC).hex()
    assert digest["command"].startswith("echo")


def test_an_unknown_account_ends_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, legacy_row())

    assert call(["control", path, "--explain", f"bitcoin:{NESTED}"]) == 3
    assert call(["control", path, "--explain", "nonsense"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"hint: accounts claimed: 'bip122:000000000019d6689c085ae165831e93:{LEGACY}" in (
        captured.err
    )


def test_nothing_shown_can_move_the_cursor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = f'bitcoin:{LEGACY},bip137,"\x1b[2J\x08\u202ehidden",AAAA,'
    call(["control", written(tmp_path, row), "--explain", f"bitcoin:{LEGACY}"])
    out = capsys.readouterr().out

    assert {"\x1b", "\x08", "\u202e"} & set(out) == set()
    assert "1b5b324a" in out


def test_every_grade_and_every_reason_has_words() -> None:
    assert {"A", "B", "C", "D"} == set(printed.GRADES)
    assert set(printed.REASONS) == set(Reason.__args__)  # type: ignore[attr-defined]
