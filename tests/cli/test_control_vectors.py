"""Every shared vector of the schemes, written into a claims.csv and judged by `attest control`."""

from __future__ import annotations

import csv
import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from attest.cli.app import call

if TYPE_CHECKING:
    from collections.abc import Iterator

VECTORS = Path(__file__).parents[1] / "vectors"
Row = tuple[str, str, str, str, str, str]
"""Account, scheme, message, signature, script, expected outcome; a public key and a profile stand
in the place of the script, with a bar between them."""

TREZOR_CHAINS = {"Bitcoin": "bitcoin", "Testnet": "bitcoin-testnet4", "Bcash": "bitcoincash"}
OKX_CHAINS = {"BTC": "bitcoin", "LTC": "litecoin", "DOGE": "dogecoin", "ETH": "ethereum"}
OKX_ED25519 = {"SOL": "solana", "APTOS": "aptos", "ADA": "cardano"}
OKX_EVM = {"ETH": "ethereum", "ETH-LINEA": "linea", "OKB-X1-USDT": "xlayer"}


def load(name: str) -> Any:  # noqa: ANN401 - as many forms as files
    return json.loads((VECTORS / name).read_text())["vectors"]


def bip322() -> Iterator[Row]:
    for name in ("bip322-basic.json", "bip322-generated.json"):
        lists = load(name)
        for kind in ("simple", "full", "proof_of_funds"):
            for one in lists.get(kind, ()):
                locked = one.get("lock_time") or one.get("sequence")
                # A time-locked proof is decided only by a chain, and none is read here.
                outcome = "inconclusive" if locked else "proved"
                for signature in one["bip322_signatures"]:
                    account = f"bitcoin:{one['address']}"
                    yield account, "bip322", one["message"], signature, "", outcome
        for one in lists["error"]:
            account = f"bitcoin:{one['address']}"
            yield account, "bip322", one["message"], one["signature"], "", "refuted"
    for one in load("bip322-js-misc.json"):
        scheme = one.get("scheme", "bip322")
        outcome = "proved" if one["valid"] else "refuted"
        yield f"bitcoin:{one['address']}", scheme, one["message"], one["signature"], "", outcome


def bip137() -> Iterator[Row]:
    plain = [
        *load("signmessage-p2pkh.json"),
        *load("signmessage-electrum-legacy.json"),
        *load("bip137-trezor-p2pkh.json"),
        *load("bip137-trezor-p2sh-segwit.json"),
        *(
            {**one, "coin": one["network"].title()}
            for one in load("signmessage-bitcoinjs.json")["verify"]
        ),
    ]
    for one in plain:
        coin = one.get("coin", "Bitcoin")
        if coin == "Groestlcoin":
            continue  # It hashes messages with another function, and no chain here is it.
        chain = {**TREZOR_CHAINS, "Dogecoin": "dogecoin"}[coin]
        # The device that made these vectors signs the NFC form of a text.
        message = unicodedata.normalize("NFC", one["message"])
        outcome = "proved" if one["valid"] else "refuted"
        yield f"{chain}:{one['address']}", "bip137", message, one["signature"], "", outcome


def evm() -> Iterator[Row]:
    for one in load("eip191-trezor.json"):
        yield f"ethereum:{one['address']}", "eip191", one["message"], one["signature"], "", "proved"
    signer = json.loads((VECTORS / "eip191-eth-account.json").read_text())["address"]
    for one in load("eip191-eth-account.json"):
        yield f"ethereum:{signer}", "eip191", one["message"], one["signature"], "", "proved"


def published() -> Iterator[Row]:
    lists = load("okx-published.json")
    for one in lists["utxo"]:
        scheme = "multisig-signmessage" if one["script"] else "bip137"
        signatures = ";".join(sig for sig in (one["sign1"], one["sign2"]) if sig)
        account = f"{OKX_CHAINS[one['coin']]}:{one['addr']}"
        yield account, scheme, one["msg"], signatures, one["script"], "proved"
    for one in lists["evm"]:
        if one["coin"] in OKX_EVM:
            account = f"{OKX_EVM[one['coin']]}:{one['addr']}"
            yield account, "eip191-keccak", one["msg"], one["sign"], "", "proved"
            yield account, "eip191", one["msg"], one["sign"], "", "refuted"


def ed25519() -> Iterator[Row]:
    for one in load("okx-published.json")["ed25519"]:
        account = f"{OKX_ED25519[one['coin']]}:{one['addr']}"
        key = f"{one['pub']}|"
        yield account, "ed25519-prefixed", one["msg"], one["sign"], f"{key}okx", "proved"
        yield account, "ed25519-raw", one["msg"], one["sign"], key, "refuted"
    row = load("okx-csv-example.json")[3]
    key = f"{row['redeem script/ public key']}|okx"
    account = f"ton:{row['address']}"
    # The address is of a wallet contract that no known code leads to.
    yield account, "ed25519-prefixed", row["message"], row["signature1"], key, "unproved"
    for one in load("stellar-sep-53.json")[:2]:
        account = f"stellar:{one['address']}"
        yield account, "ed25519-prefixed", one["message"], one["signature"], "|sep-53", "proved"
    for one in load("cardano-cip-8.json"):
        key = f"{one['public_key']}|cip-8"
        account = f"cardano:{one['address']}"
        yield account, "ed25519-prefixed", one["message"], one["signature"], key, "proved"


def judge(rows: list[Row], folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    path = folder / "claims.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        columns = ("account", "scheme", "message", "signature", "script", "public_key", "profile")
        writer.writerow(columns)
        for row in rows:
            key, bar, profile = row[4].partition("|")
            extra = ("", key, profile) if bar else (row[4], "", "")
            writer.writerow((*row[:4], *extra))
    call(["control", str(path), "--json"])
    document = json.loads(capsys.readouterr().out)
    return [one["outcome"] for one in document["controls"]]


@pytest.mark.parametrize("source", [bip322, bip137, evm, published, ed25519])
def test_vectors_give_the_stated_result(
    source: Any,  # noqa: ANN401 - one of the functions above
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = list(source())

    assert len(rows) > 5
    assert [row[5] for row in rows] == judge(rows, tmp_path, capsys)


@pytest.mark.parametrize("source", [bip322, bip137, evm, published, ed25519])
def test_the_same_signatures_of_another_text_are_refuted(
    source: Any,  # noqa: ANN401 - one of the functions above
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [(*row[:2], row[2] + "x", *row[3:]) for row in source() if row[5] != "refuted"]

    assert ["refuted"] * len(rows) == judge(rows, tmp_path, capsys)
