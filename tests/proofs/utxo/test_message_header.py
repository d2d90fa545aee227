"""Headers of the chains of the family, and what a header that two chains share leaves open."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from coincurve import PublicKey

from chains.keyhash import hash160
from chains.utxo.address import address_of_script
from config.registry_files import load_registry
from proofs import bip137, multisig_signmessage
from proofs.utxo.bitcoinlib_message import message_hash
from proofs.utxo.message_header import header_warnings
from tests.proofs.utxo import signer
from tests.proofs.utxo.vectors import claim, load, verdict

REGISTRY = load_registry()
KEY, OTHER = signer.KEYS[0], signer.KEYS[1]
TEXT = b"I am an address"
CHAINS = ("bitcoin", "litecoin", "dogecoin", "bitcoincash", "dash", "zcash")
COINS = {row["slip44"]: row for row in load("coin-message-headers")}


def own_address(name: str) -> str:
    script = b"\x76\xa9\x14" + hash160(signer.point(KEY)) + b"\x88\xac"
    found = address_of_script(REGISTRY.chain(name), script)
    assert found is not None
    return found


def signed(text: bytes, header: str) -> str:
    data = KEY.sign_recoverable(message_hash(text, header), hasher=None)
    return base64.b64encode(bytes((31 + data[64],)) + data[:64]).decode()


@pytest.mark.parametrize("name", CHAINS)
def test_each_chain_has_its_own_header(name: str) -> None:
    chain = REGISTRY.chain(name)
    coin: Any = COINS[int(chain.native.rpartition(":")[2])]
    address = own_address(name)
    for other in COINS.values():
        signature = signed(TEXT, other["signed_message_header"])
        same = coin["signed_message_header"] == other["signed_message_header"]
        outcome = verdict(bip137.verify, claim(address, TEXT, signature, chain))
        assert ("proved" if same else "key_mismatch") == outcome


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        (TEXT, ("header_shared",)),
        (b"chain: bip122:000000000019d6689c085ae165831e93", ("header_shared",)),
        (b"chain: bip122:000000000000000000651ef99cb9fcbe", ()),
        (b"I hold bitcoin cash", ()),
        (b"BitcoinCash:qp", ()),
    ],
)
def test_a_text_on_a_shared_header_names_its_chain(text: bytes, warnings: tuple[str, ...]) -> None:
    chain = REGISTRY.chain("bitcoincash")
    signature = signed(text, "Bitcoin Signed Message:\n")
    signing = claim(own_address("bitcoincash"), text, signature, chain)
    assert warnings == bip137.verify(signing).warnings


@pytest.mark.parametrize("name", sorted(set(CHAINS) - {"bitcoincash"}))
def test_chains_with_a_genesis_of_their_own_have_no_warning(name: str) -> None:
    form = REGISTRY.chain(name).utxo
    assert form is not None
    assert () == header_warnings(REGISTRY.chain(name), form, TEXT)


@pytest.mark.parametrize("name", ["dash", "zcash", "bitcoincash"])
def test_two_of_three_keys_sign_on_any_of_these_chains(name: str) -> None:
    chain = REGISTRY.chain(name)
    assert chain.utxo is not None
    keys = [signer.point(key) for key in signer.KEYS[:3]]
    script = b"\x52" + b"".join(b"\x21" + key for key in keys) + b"\x53\xae"
    address = address_of_script(chain, b"\xa9\x14" + hash160(script) + b"\x87")
    assert address is not None
    assert PublicKey(keys[0]).format() == keys[0]
    parts = []
    for key in signer.KEYS[:2]:
        data = key.sign_recoverable(message_hash(TEXT, chain.utxo.message_header), hasher=None)
        parts.append(base64.b64encode(bytes((31 + data[64],)) + data[:64]).decode())
    proof = multisig_signmessage.verify(
        claim(address, TEXT, ";".join(parts), chain, script=script.hex())
    )
    assert (("header_shared",) if name == "bitcoincash" else ()) == proof.warnings
    one = claim(address, TEXT, parts[0], chain, script=script.hex())
    assert "threshold_not_met" == verdict(multisig_signmessage.verify, one)
