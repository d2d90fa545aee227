"""What is fuzzed beside claims as text: binary forms, a chain's words on an account, imports.

Each is a function of bytes, as in `targets`.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from attest.imports.entries import Known
from attest.imports.formats import reader
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
    "import-okx": _published("okx"),
    "import-bitmex": _published("bitmex"),
    "import-bitfinex": _published("bitfinex"),
}
