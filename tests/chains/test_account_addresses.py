"""Addresses of the families whose balances are not read: one text for an account, or a refusal."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stellar_sdk import Keypair

from chains.cardano import address as cardano
from chains.errors import ChainError
from chains.evidence import ChainEvidence, ChainPlan
from chains.families import FAMILIES, ChainAddresses, reads_balances
from chains.polkadot import address as polkadot
from chains.stellar import address as stellar
from chains.sui import address as sui
from chains.ton import address as ton
from chains.ton.wallets import WALLETS, account_hashes
from chains.utxo import bech32
from config.errors import InputError
from config.registry_files import load_registry
from tests.chains import other_ton
from tests.proofs.ed25519.ed25519_claims import ADDRESSES, PUBLIC, vectors

if TYPE_CHECKING:
    from config.registry import Chain

REGISTRY = load_registry()
FORMS = [
    ("solana", "7bzoTJhZmpU1vQVjN63fQ3iVYmWCVgQh1sYSqsjuapU9", None),
    ("solana", "1" * 32, None),
    ("aptos", "0x1", f"0x{'0' * 63}1"),
    ("aptos", f"0x{'AB' * 32}", f"0x{'ab' * 32}"),
    ("sui", f"0x{'AB' * 32}", f"0x{'ab' * 32}"),
    ("ton", "EQBm--PFwDv1yCeS-QTJ-L8oiUpqo9IT1BwgVptlSq3ts90Q", "UQBm--PFwDv1yCeS-QTJ-L8oiUpqo9IT1BwgVptlSq3ts4DV"),  # noqa: E501
    ("ton", "UQBm++PFwDv1yCeS+QTJ+L8oiUpqo9IT1BwgVptlSq3ts4DV", "UQBm--PFwDv1yCeS-QTJ-L8oiUpqo9IT1BwgVptlSq3ts4DV"),  # noqa: E501
    ("ton", "0:66fbe3c5c03bf5c82792f904c9f8bf28894a6aa3d213d41c20569b654aadedb3", "UQBm--PFwDv1yCeS-QTJ-L8oiUpqo9IT1BwgVptlSq3ts4DV"),  # noqa: E501
    ("polkadot", "12bzRJfh7arnnfPPUZHeJUaE62QLEwhK48QnH9LXeK2m1iZU", None),
    ("polkadot", "14QKFrBmnhP5xoH1t7nC2q7mssgj671AhzThsGewVj3Ea8Xt", None),
    ("cardano", "addr1v80axvuddhj0mhlyzk9ness59ev752qvpw53fvf5xjy24yqhvxq3j", None),
    # CIP-19's own examples of each kind.
    ("cardano", "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x", None),  # noqa: E501
    ("cardano", "addr1z8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs9yc0hh", None),  # noqa: E501
    ("cardano", "addr1yx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerkr0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shs2z78ve", None),  # noqa: E501
    ("cardano", "addr1x8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gt7r0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shskhj42g", None),  # noqa: E501
    ("cardano", "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8", None),
    ("cardano", "addr1w8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcyjy7wx", None),
    ("cardano", "ADDR1VX2FXV2UMYHTTKXYXP8X0DLPDT3K6CWNG5PXJ3JHSYDZERS66HRL8", "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8"),  # noqa: E501
    ("stellar", "GBXFXNDLV4LSWA4VB7YIL5GBD7BVNR22SGBTDKMO2SBZZHDXSKZYCP7L", None),
]  # fmt: skip
REFUSED = [
    ("solana", "1" * 31, "32 to 44 characters"),
    ("solana", "1" * 33, "33 bytes"),
    ("solana", "7bzoTJhZmpU1vQVjN63fQ3iVYmWCVgQh1sYSqsjuapU0", "base58"),
    ("solana", "7bzoTJhZmpU1vQVjN63fQ3iVYmWCVgQh1sYSqsjuapU9 ", "base58"),
    ("solana", "z" * 44, "33 bytes"),
    ("aptos", "0x", "64 hex digits"),
    ("aptos", "1", "0x and up to"),
    ("aptos", f"0x{'0' * 65}", "64 hex digits"),
    ("aptos", "0X1", "0x and up to"),
    ("sui", "0x2", "64 hex digits"),
    ("sui", f"0x{'0' * 63}", "64 hex digits"),
    ("ton", "UQBm--PFwDv1yCeS-QTJ-L8oiUpqo9IT1BwgVptlSq3ts4DW", "checksum"),
    ("ton", "UQBm-+PFwDv1yCeS-QTJ-L8oiUpqo9IT1BwgVptlSq3ts4DV", "base64"),
    ("ton", "kQBm--PFwDv1yCeS-QTJ-L8oiUpqo9IT1BwgVptlSq3ts2ab", "checksum"),
    ("ton", f"1:{'0' * 64}", "base64"),
    ("ton", f"0:{'0' * 63}", "base64"),
    ("polkadot", "DxN4uvzwPzJLtn17yew6jEffPhXQfdKHTp2brufb98vGbPN", "network prefix 2"),
    ("polkadot", "5Gv8YYFu8H1btvmrJy9FjjAWfb99wrhV3uhPFoNEr918utyR", "network prefix 42"),
    ("polkadot", "12bzRJfh7arnnfPPUZHeJUaE62QLEwhK48QnH9LXeK2m1iZV", "checksum"),
    ("cardano", "addr_test1vz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerspjrlsz", "prefix"),
    ("cardano", "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw", "prefix"),
    ("cardano", "addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k", "kind 4"),
    ("cardano", "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl9", "checksum"),
    ("cardano", "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi", "mixes"),
    ("cardano", "addr1" + "q" * 200, "at most"),
    ("stellar", "GBXFXNDLV4LSWA4VB7YIL5GBD7BVNR22SGBTDKMO2SBZZHDXSKZYCP7M", "version or checksum"),
    ("stellar", "SAKICEVQLYWGSOJS4WW7HZJWAHZVEEBS527LHK5V4MLJALYKICQCJXMW", "G and 55"),
    ("stellar", "gbxfxndlv4lswa4vb7yil5gbd7bvnr22sgbtdkmo2sbzzhdxskzycp7l", "G and 55"),
]


@pytest.mark.parametrize(("chain", "text", "canonical"), FORMS)
def test_an_account_has_one_text(chain: str, text: str, canonical: str | None) -> None:
    row = REGISTRY.chain(chain)
    parsed = ChainAddresses().canonical(row, text)
    assert (canonical or text) == parsed
    assert parsed == ChainAddresses().canonical(row, parsed)


@pytest.mark.parametrize(("chain", "text", "why"), REFUSED)
def test_what_is_no_address_is_refused(chain: str, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        ChainAddresses().canonical(REGISTRY.chain(chain), text)
    # What is pasted there may be a private key.
    assert text[:7] not in caught.value.what or len(text) <= 6


@pytest.mark.parametrize("chain", ADDRESSES)
def test_every_changed_letter_is_refused_or_another_account(chain: str) -> None:
    row, text = REGISTRY.chain(chain), ADDRESSES[chain]
    checked = chain not in {"solana", "aptos", "sui"}
    for place in range(len(text)):
        changed = text[:place] + ("2" if text[place] != "2" else "3") + text[place + 1 :]
        try:
            found = ChainAddresses().canonical(row, changed)
        except InputError:
            continue
        # Only texts without a checksum can become another account's.
        assert not checked
        assert found != text


@pytest.mark.parametrize("chain", ADDRESSES)
@given(text=st.text(max_size=130))
def test_any_text_is_an_address_or_refused(chain: str, text: str) -> None:
    row = REGISTRY.chain(chain)
    try:
        found = ChainAddresses().canonical(row, text)
    except InputError:
        return
    assert found == ChainAddresses().canonical(row, found)


@given(st.binary(min_size=32, max_size=32))
def test_keys_and_addresses_are_each_other(key: bytes) -> None:
    assert key == stellar.key_of(stellar.address_of_key(key))
    assert key == polkadot.key_of(polkadot.address_of_key(key))
    assert stellar.address_of_key(key) == Keypair.from_raw_ed25519_public_key(key).public_key


@given(st.binary(min_size=32, max_size=32), st.sampled_from((0, -1)))
def test_ton_addresses_are_those_another_library_writes(account: bytes, workchain: int) -> None:
    text = other_ton.address(workchain, account, bounceable=False)
    assert text == ton.write_address(workchain, account)
    row = REGISTRY.chain("ton")
    bounceable, raw = (
        other_ton.address(workchain, account),
        other_ton.address(workchain, account, raw=True),
    )
    for form in (text, bounceable, raw):
        assert text == ton.parse_address(row, form)
    assert (workchain, account) == ton.parts_of(text)


def test_an_address_of_a_test_network_is_refused() -> None:
    row = REGISTRY.chain("ton")
    with pytest.raises(InputError, match="flags 0x91"):
        ton.parse_address(row, other_ton.address(0, bytes(32), test=True))
    with pytest.raises(InputError, match="workchain 5"):
        ton.parse_address(row, other_ton.address(5, bytes(32)))


@given(st.binary(min_size=32, max_size=32))
def test_the_data_of_wallets_hashes_as_another_library_says(key: bytes) -> None:
    for wallet, account in zip(WALLETS, account_hashes(key), strict=True):
        number = int.from_bytes(key, "big")
        parts = ((wallet.before, wallet.before_bits), (number, 256), (0, wallet.after_bits))
        depths = wallet.depth.to_bytes(2, "big") + bytes(2)
        state = bytes((2, 1, 0x34)) + depths + wallet.code + other_ton.cell_hash(parts)
        assert hashlib.sha256(state).digest() == account


def test_published_wallets() -> None:
    for entry in vectors("ton-wallets"):
        assert entry["address"] in ton.wallets_of_key(bytes.fromhex(entry["public_key"]))
    for entry in vectors("ton-proof"):
        state, code = other_ton.state_hashes(entry["state_init"])
        _, account = ton.parts_of(ton.parse_address(REGISTRY.chain("ton"), entry["address"]))
        assert state == account
        assert WALLETS[2].code == code
        assert account in account_hashes(bytes.fromhex(entry["public_key"]))


def test_a_cardano_address_of_a_test_network_is_refused() -> None:
    data = bytes((0x60,)) + bytes(28)
    text = bech32.encode("addr", bech32.digits_of(data), bech32.BECH32)
    with pytest.raises(InputError, match="network 0"):
        cardano.parse_address(REGISTRY.chain("cardano"), text)


def test_the_first_letter_and_length_of_each() -> None:
    assert ADDRESSES["stellar"].startswith("G")
    assert ADDRESSES["cardano"].startswith("addr1v")
    assert ADDRESSES["ton"].startswith("UQ")
    assert 66 == len(ADDRESSES["sui"]) == len(ADDRESSES["aptos"])
    assert sui.address_of_key(PUBLIC) != ADDRESSES["aptos"]
    assert PUBLIC == base58.b58decode(ADDRESSES["solana"])
    assert cardano.has_payment_key(ADDRESSES["cardano"])


UNREAD = [chain for chain in REGISTRY.chains if not reads_balances(chain)]


@pytest.mark.parametrize("chain", UNREAD, ids=lambda chain: chain.name)
def test_no_reading_comes_of_a_chain_that_is_not_read(chain: Chain) -> None:
    plan = ChainPlan(chain, 0, 1, 1, ())
    evidence = ChainEvidence(chain.id, ())
    with pytest.raises(ChainError, match="cannot be read by this version"):
        FAMILIES[chain.family].recheck(plan, evidence)
    with pytest.raises(ChainError, match="cannot be read by this version"):
        FAMILIES[chain.family].recorded(evidence)
