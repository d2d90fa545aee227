"""First inputs for the other schemes: a row of each, and what lies in rows as bytes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

from eth_abi.abi import encode

from tests.fuzz.binary_targets import TRON_ACCOUNT, XRPL_ACCOUNT
from tests.proofs.ed25519.ed25519_claims import ADDRESSES, OWN_NAME, PUBLIC, sign, vectors
from tests.proofs.evm import transfers
from tests.proofs.tron.test_tron_authority import DEFAULT, account, owner
from tests.proofs.utxo.kinds import address
from tests.proofs.utxo.test_bip127 import THREE
from tests.proofs.witness import ED25519, ceremony, text
from tests.proofs.xrpl import test_xrpl_authority as xrpl

if TYPE_CHECKING:
    from collections.abc import Iterator

IMPORTS = Path(__file__).parents[1] / "vectors" / "imports"
PROFILES = {"stellar": "sep-53", "sui": "sui-personal", "aptos": "aptos-message nonce=n"}
MAX_SEED = 6000
"""Bytes: a longer one makes every mutation slow."""


def _row(account: str, scheme: str, *cells: str) -> str:
    """Write message, signature, public_key, script, encoding, signer, received_at, profile."""
    return ",".join((account, scheme, *cells, *("",) * (8 - len(cells)))) + "\n"


def scheme_rows() -> Iterator[str]:
    """Give a row or more for every scheme that is not in `seeds`."""
    signed = sign(b"text").hex()
    for chain, own in ADDRESSES.items():
        key = "" if chain in OWN_NAME else PUBLIC.hex()
        yield _row(f"{chain}:{own}", "ed25519-raw", "text", signed, key)
        cells = ("text", signed, key, "", "", "", "", PROFILES.get(chain, "okx"))
        yield _row(f"{chain}:{own}", "ed25519-prefixed", *cells)
    for scheme in ("solana-raw", "solana-offchain-v0"):
        yield _row(f"solana:{ADDRESSES['solana']}", scheme, "text", signed)
    yield from _published_rows()
    yield from _transactions()
    seen = ceremony([f"eip155:1:{transfers.SENDER}"], b"t")
    witness = ("t", text(ED25519.sign(seen)), text(ED25519.der), text(seen))
    yield _row(f"ethereum:{transfers.SENDER}", "witnessed", *witness)


def _published_rows() -> Iterator[str]:
    for one in vectors("tron-made")[:2]:
        for scheme in ("tip191-v1", "tip191-v2"):
            yield _row(f"tron:{one['address']}", scheme, "74", one["signature"], "", "", "hex")
    for one in vectors("xrpl-made")[:4]:
        yield _row(f"xrpl:{one['address']}", "xrpl", "74", one["signature"], one["public_key"])
    for one in vectors("cosmos-adr36-made")[:2]:
        yield _row(f"cosmos:{one['address']}", "adr36", "74", one["signature"], one["public_key"])
    cip = vectors("cardano-cip-8")[0]
    cells = (cip["message"], cip["signature"], cip["public_key"], "", "", "", "", "cip-8")
    yield _row(f"cardano:{cip['address']}", "ed25519-prefixed", *cells)
    ton = vectors("ton-proof")[0]
    form = f"ton-proof domain={ton['domain']} timestamp={ton['timestamp']}"
    signature = base64.b64decode(ton["signature"]).hex()
    cells = (ton["payload"], signature, ton["public_key"], "", "", "", "", form)
    yield _row(f"ton:{ton['address']}", "ed25519-prefixed", *cells)


def _transactions() -> Iterator[str]:
    coins = " ".join(f"bitcoin:{address(coin.script)}" for coin in THREE.coins)
    for signature in (THREE.hex(), THREE.base64()):
        yield _row(coins, "bip127", "These coins are ours", signature)
    sent = transfers.signed("1559", f"{transfers.SENDER}".encode()).hex()
    for scheme in ("onchain-transfer", "eip712", "eip1271"):
        yield _row(f"ethereum:{transfers.SENDER}", scheme, transfers.SENDER, sent)


def addresses() -> Iterator[str]:
    """Give an account of every chain that is not in `seeds`."""
    yield from (f"{chain}:{own}" for chain, own in ADDRESSES.items())
    yield from (f"tron:{TRON_ACCOUNT}", f"xrpl:{XRPL_ACCOUNT}")
    yield "cosmos:" + vectors("cosmos-adr36-made")[0]["address"]
    yield from ("dash:XpESxaUmonkq8RaLLp46Brx2K39ggQe226", "ton:0:" + "83" * 32)


def _timestamps() -> Iterator[tuple[str, bytes]]:
    for vector in vectors("timestamps"):
        yield "timestamp-reply", base64.b64decode(vector["reply"])
        yield "timestamp-certificates", base64.b64decode(vector["root"])
    yield "ots-proof", bytes.fromhex(vectors("ots-hello-world")[0]["proof"])


def binary_seeds() -> Iterator[tuple[str, str | bytes]]:
    """Give a target and an input for it, one or more for each of `BINARY_TARGETS`."""
    for kind in transfers.KINDS:
        yield "evm-transaction", transfers.signed(kind, b"text")
    yield "utxo-transaction", bytes.fromhex(THREE.hex())
    yield "psbt", base64.b64decode(THREE.base64())
    yield "cbor", bytes.fromhex(vectors("cardano-cip-8")[0]["signature"])
    yield "contract-words", encode(["uint256"], [2])
    yield "contract-words", encode(["address[]", "address"], [["0x" + "11" * 20], "0x" + "00" * 20])
    yield "contract-words", encode(["bytes"], [b"data"])
    yield from _timestamps()
    slot = bytes.fromhex("11" * 64)
    yield "safe-slots", b"".join(slot + bytes((v,)) for v in (27, 31, 0, 1))
    yield "solana-message", bytes((1, 0, 0, 1)) + bytes(32) + bytes(32) + bytes((1, 0, 0, 0))
    for one in vectors("xrpl-made")[:4]:
        yield "xrpl-signature", f"{one['public_key']} {one['signature']}"
    for said in (DEFAULT, account(), account(owner({TRON_ACCOUNT: 2}, 3))):
        yield "tron-authority", json.dumps(said)
    for said in (xrpl.account(), xrpl.account(xrpl.OWN, xrpl.signer_list({XRPL_ACCOUNT: 1}, 1))):
        yield "xrpl-authority", json.dumps(said)
    for path in sorted(IMPORTS.iterdir()):
        yield f"import-{path.stem.partition('-')[0]}", path.read_bytes()[:MAX_SEED]
