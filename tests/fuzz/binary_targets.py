"""What is fuzzed beside claims as text: binary forms, a chain's words on an account, imports.

Each is a function of bytes, as in `targets`.
"""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from attest.errors import InvalidTimestamp
from attest.imports.entries import Known
from attest.imports.formats import reader
from attest.timestamps.authority import read_authority
from attest.timestamps.opentimestamps import check_ots
from attest.timestamps.rfc3161 import check_token
from attest.timestamps.tokens import kept, read_reply, read_token
from chains.families import ChainAddresses
from config.errors import InputError
from config.registry_files import load_registry
from proofs import xrpl_signature
from proofs.authority import tron as tron_authority
from proofs.authority import xrpl as xrpl_authority
from proofs.control import InconclusiveProof, InvalidProof, UnprovedClaim
from proofs.ed25519 import cbor
from proofs.ed25519.transaction_bytes import refuse_transaction
from proofs.evm import abi
from proofs.evm.safe_signatures import key_signatures
from proofs.evm.transaction import parse_transaction
from proofs.schemes import SCHEMES
from proofs.utxo import btclib_spend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REGISTRY = load_registry()
KNOWN = Known(REGISTRY, ChainAddresses(), tuple(SCHEMES))
VECTOR = json.loads((Path(__file__).parents[1] / "vectors/timestamps.json").read_text())
STAMPED, OWN, ROOT = (
    bytes.fromhex(VECTOR["vectors"][1]["signature"]),
    *(base64.b64decode(VECTOR["vectors"][1][part]) for part in ("certificate", "root")),
)
AUTHORITY = read_authority("example", OWN, ROOT, None)
VERDICTS = (InvalidProof, InconclusiveProof, UnprovedClaim)
TRON_ACCOUNT = "TKXCDUcYuJpQ4sgDwrNeLjSD9XLi2SrM3R"
XRPL_ACCOUNT = "rM8TRByGaNdJmA4md7Uhohc2pHgzZimZbL"
SIGNERS = frozenset((TRON_ACCOUNT, XRPL_ACCOUNT))


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def evm_transaction(data: bytes) -> None:
    with contextlib.suppress(InvalidProof):
        parse_transaction(data)


def utxo_transaction(data: bytes) -> None:
    with contextlib.suppress(*VERDICTS):
        tx = btclib_spend.read(data)
        if tx.raw != data:
            raise ValueError("two texts for one transaction")


def psbt(data: bytes) -> None:
    with contextlib.suppress(*VERDICTS):
        btclib_spend.read_psbt(data)


def cbor_value(data: bytes) -> None:
    with contextlib.suppress(cbor.CborError):
        cbor.decode(data)


def contract_words(data: bytes) -> None:
    for read in (abi.read_number, abi.read_address, abi.read_addresses, abi.read_page):
        read(data)
    abi.read_data(data)


def safe_slots(data: bytes) -> None:
    with contextlib.suppress(InvalidProof):
        list(key_signatures(data, 3, bytes(32)))


def solana_message(data: bytes) -> None:
    with contextlib.suppress(InvalidProof):
        refuse_transaction(REGISTRY.chain("solana"), data)


def xrpl_key(data: bytes) -> None:
    """Read a key and a signature, apart at the first space."""
    key, _, signature = text_of(data).partition(" ")
    with contextlib.suppress(InvalidProof):
        xrpl_signature.check(xrpl_signature.read_key(key), signature, b"message")


def tron_word(data: bytes) -> None:
    with contextlib.suppress(*VERDICTS):
        chain = REGISTRY.chain("tron")
        found = tron_authority.read_account(text_of(data), chain, TRON_ACCOUNT)
        tron_authority.judge(found, SIGNERS)


def xrpl_word(data: bytes) -> None:
    with contextlib.suppress(*VERDICTS):
        chain = REGISTRY.chain("xrpl")
        xrpl_authority.listed(
            xrpl_authority.read_account(text_of(data), chain, XRPL_ACCOUNT), SIGNERS
        )


def _published(name: str) -> Callable[[bytes], None]:
    """Make a target of a published format."""

    def target(data: bytes) -> None:
        read, _ = reader(name)
        with contextlib.suppress(InputError):
            read(data, "f", KNOWN)

    return target


def timestamp_reply(data: bytes) -> None:
    """Read a reply; what can be read has one kept form, and is of the one authority or of none."""
    with contextlib.suppress(InvalidTimestamp):
        token = read_reply(data)
        made = kept(token)
        if read_token(made) != token:
            raise ValueError("a kept token reads as another")
        check_token(made, STAMPED, AUTHORITY)


def timestamp_certificates(data: bytes) -> None:
    with contextlib.suppress(InputError):
        read_authority("example", data, data, None)


def ots_proof(data: bytes) -> None:
    with contextlib.suppress(InvalidTimestamp):
        check_ots(data, b"Hello World!\n", {358391: bytes(80)}, REGISTRY.chain("bitcoin"))


BINARY_TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "evm-transaction": evm_transaction,
    "utxo-transaction": utxo_transaction,
    "psbt": psbt,
    "cbor": cbor_value,
    "contract-words": contract_words,
    "safe-slots": safe_slots,
    "solana-message": solana_message,
    "xrpl-signature": xrpl_key,
    "tron-authority": tron_word,
    "xrpl-authority": xrpl_word,
    "timestamp-reply": timestamp_reply,
    "timestamp-certificates": timestamp_certificates,
    "ots-proof": ots_proof,
    "import-okx": _published("okx"),
    "import-bitmex": _published("bitmex"),
    "import-bitfinex": _published("bitfinex"),
}
