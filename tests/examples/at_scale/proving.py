"""Challenge, claims and the earlier statement: what shows whose the keys are.

All is made by the tool's own commands; the keys that sign attestations, texts, ceremonies and rows
of the books follow from names, so that they stay the same each time the example is made.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from attest.keys import private_key
from tests.examples import make, wallet
from tests.examples.at_scale import ethereal
from tests.examples.at_scale.wallets import (
    BITCOIN,
    EVM,
    REGISTRY,
    SEED,
    SIGNER,
    TPRV,
    TPUB,
    UTXO,
    XPRV,
    XPUB,
    by_label,
)
from tests.examples.make import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from attest.keys import SigningKey
    from tests.examples.at_scale.wallets import Wallet
    from tests.nodes.anvil import Anvil

ENTITY = "Example Exchange Tokyo"
REVIEWER = "Example Reviewer"
EARLIER = "earlier/0001"
COLUMNS = ("account", "scheme", "message", "signature", "public_key", "script", "signer")


def key_of(party: str) -> SigningKey:
    """Give the key of a party's name."""
    return private_key(_raw_of(party))


def _raw_of(party: str) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(
        hashlib.sha256(f"{SEED} key of {party}".encode()).digest()
    )


def key_file(keys: Path, party: str) -> str:
    """Write a party's key where commands can read it; give its path."""
    path = keys / f"{party.replace(' ', '-')}.pem"
    raw = _raw_of(party)
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(raw.private_bytes(serialization.Encoding.PEM, form, plain))
    return str(path)


def make_earlier(folder: Path, keys: Path, node: Anvil, as_of: str) -> None:
    """Make the statement before this one, of one address alone, and carry its proof."""
    place = keys / "earlier"
    place.mkdir()
    account = f"anvil:{ethereal.address_of(ethereal.VIA)}"
    (place / "accounts.csv").write_text(
        f"account,method,holder,owner,assets\n{account},warm,self,customer,eth\n"
    )
    file, key = place / "declaration.toml", key_file(keys, ENTITY)
    file.write_text(
        f'[entity]\nname = "{ENTITY}"\njurisdiction = "JP"\n[attestation]\n'
        f'series = "example-exchange-tokyo"\nas_of = "{as_of}"\nnetwork = "test"\n'
        'scope = ["holdings", "control"]\n[inputs]\naccounts = "accounts.csv"\n'
        'claims = "claims.csv"\nchallenges = "challenges.json"\n[sources.anvil]\n'
        f'endpoints = ["{node.url}"]\n'
    )
    texts = issue(place, keys)
    text = texts[f"{EVM.id}:{account.partition(':')[2]}"]
    signature = wallet.sign_eip191(wallet.key(ethereal.VIA), text)
    rows = [(account, "eip191", "@challenge", signature)]
    (place / "claims.csv").write_text(make.table(COLUMNS[:4], rows))
    run("run", str(file), "--key", key, "-o", str(place / "bundle"))
    run("carry", str(place / "bundle"), "-o", str(folder / EARLIER))


def issue(folder: Path, keys: Path) -> dict[str, str]:
    """Issue the texts with the reviewer's key; give them by account."""
    path = folder / "challenges.json"
    key = ("--key", key_file(keys, REVIEWER), "--issuer", REVIEWER, "--days", "14")
    run("challenge", str(folder / "declaration.toml"), *key, "-o", str(path))
    found: dict[str, str] = json.loads(path.read_text())["texts"]
    return found


def claim(
    folder: Path,
    keys: Path,
    everything: Sequence[Wallet],
    texts: Mapping[str, str],
    carrier: str,
    held_at: str,
) -> None:
    """Write claims.csv: signatures, the transaction that carries a text, the witness's word."""
    rows = [
        _extended("anvil", f"{XPUB}/0/*", texts),
        _extended(UTXO.name, f"wpkh({TPUB}/0/*)", texts),
    ]
    for one in everything:
        text = texts.get(f"{REGISTRY.chain(one.chain).id}:{one.address}")
        if text is not None and one.scheme not in ("", "witnessed"):
            rows.append(_row(one, text, carrier))
    path = folder / "claims.csv"
    path.write_text(make.table(COLUMNS, rows))
    run(
        "witness",
        *(str(folder / "challenges.json"), by_label("guarantee").account),
        *("--key", key_file(keys, REVIEWER), "--witness", REVIEWER),
        *("--held-at", held_at, "--what", "transaction_signed", "-o", str(path)),
    )


def _extended(chain: str, text: str, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Sign for an extended key with one key below it."""
    signed = texts[f"{REGISTRY.chain(chain).id}:{text}"]
    if chain == "anvil":
        signature = wallet.sign_eip191(wallet.child_key(XPRV, SIGNER), signed)
        scheme = "eip191"
    else:
        private = wallet.child_key(TPRV, SIGNER)
        signature = wallet.sign_bip322(private, BITCOIN, wallet.P2WPKH, signed)
        scheme = "bip322"
    return (f"{chain}:{text}", scheme, "@challenge", signature, "", "", SIGNER)


def _row(one: Wallet, text: str, carrier: str) -> tuple[str, ...]:
    script = ""
    if one.scheme == "onchain-transfer":
        signature = carrier
    elif one.scheme == "multisig-signmessage":
        script = make.multisig(one.number).witness_script.hex()
        signature = make.multisig(one.number).sign(UTXO, text)
    elif one.scheme == "eip191":
        signature = wallet.sign_eip191(wallet.key(one.number), text)
    elif one.scheme == "bip322":
        signature = wallet.sign_bip322(wallet.key(one.number), BITCOIN, one.kind, text)
    else:
        signature = wallet.sign_message(UTXO, wallet.key(one.number), one.kind, text)
    return (one.account, one.scheme, "@challenge", signature, "", script, "")
