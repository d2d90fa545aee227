from __future__ import annotations

import base64
from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization

from attest.keys import load_public, new_key
from attest.purpose import MODULES, wallets_of
from config.caip import AccountId
from tests.attest.history.logs import key

if TYPE_CHECKING:
    from attest.inputs import Inputs
    from attest.keys import PublicKey
    from attest.pipeline import Work

OWN = key("one key for both")
RAW: bytes = OWN.public.raw.public_bytes_raw()  # type: ignore[union-attr]  # it is Ed25519


def holding(work: Work, chain: str, address: str) -> Inputs:
    """Declare one account, and no claims."""
    accounts = work.inputs.accounts
    row = replace(accounts.rows[0], id=AccountId(f"{chain}:{address}"))
    return replace(work.inputs, accounts=replace(accounts, rows=(row,)), claims=())


def claiming(work: Work, public_key: str) -> Inputs:
    """Claim with a public key beside the signature."""
    claim = replace(work.inputs.claims[0], public_key=public_key, line=7)
    return replace(work.inputs, claims=(claim,))


def test_an_honest_exchange_s_keys_are_of_no_wallet(work: Work) -> None:
    for name in ("p256", "ed25519"):
        public = load_public(new_key(name, None)[1], name)
        assert () == wallets_of(public, work.inputs)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_an_account_of_the_key_is_named(work: Work, module: str) -> None:
    address = import_module(module).address_of_key(MODULES[module] + RAW)
    inputs = holding(work, f"{module.split('.')[1]}:0", address)

    assert (inputs.accounts.rows[0].id,) == wallets_of(OWN.public, inputs)
    assert () == wallets_of(key("another").public, inputs)


def test_every_family_whose_addresses_follow_from_an_ed25519_key_is_asked() -> None:
    # XRPL and Aptos name the kind of key; the others take the key alone.
    assert {"aptos", "polkadot", "solana", "stellar", "sui", "xrpl"} == {
        name.split(".")[1] for name in MODULES
    }
    assert {"chains.xrpl.address"} == {name for name, before in MODULES.items() if before}


HEX = RAW.hex()


@pytest.mark.parametrize(
    "text",
    [
        HEX,
        HEX.upper(),
        f"0x{HEX}",
        f"0X{HEX.upper()}",
        f"ED{HEX.upper()}",
        f"{'00' * 32};{HEX}",
        f"0x{'00' * 32};0x{HEX}",
        f"ED{'00' * 32};ED{HEX}",
        f"a4010103272006215820{HEX}",
    ],
)
def test_a_claim_that_names_the_key_is_named(work: Work, text: str) -> None:
    assert ("claim on line 7",) == wallets_of(OWN.public, claiming(work, text))
    assert () == wallets_of(key("another").public, claiming(work, text))


def test_a_witness_who_countersigns_too_has_no_wallet(work: Work) -> None:
    # A witness's key stands beside his row as base64 of its SPKI; it is an attestation key.
    der = OWN.public.raw.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    assert () == wallets_of(OWN.public, claiming(work, base64.b64encode(der).decode()))


def test_a_p256_key_is_of_no_wallet_whatever_stands_there(work: Work) -> None:
    public: PublicKey = load_public(new_key("p256", None)[1], "p")

    assert () == wallets_of(public, claiming(work, sha256(public.pem).hexdigest()))
    assert () == wallets_of(public, claiming(work, public.keyid))
