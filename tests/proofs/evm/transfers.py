"""Signed Ethereum transactions of every kind, made by eth-account."""

from __future__ import annotations

from typing import Any

from eth_account import Account

from tests.proofs.evm.evm_claims import ETHEREUM

KEY = bytes(range(1, 33))
OTHER_KEY = bytes(range(2, 34))
SENDER: str = Account.from_key(KEY).address
OTHER: str = Account.from_key(OTHER_KEY).address
CHAIN_ID = 1
KINDS = ("legacy", "2930", "1559", "4844", "7702")
ACCESS = [{"address": OTHER, "storageKeys": ["0x" + "01" * 32, "0x" + "02" * 32]}]

assert ETHEREUM.id == f"eip155:{CHAIN_ID}"


def fields(kind: str, data: bytes, chain_id: int = CHAIN_ID, to: str = SENDER) -> dict[str, Any]:
    """Give a transaction before it is signed."""
    made: dict[str, Any] = {"nonce": 7, "gas": 60_000, "to": to, "value": 0, "data": data}
    made["chainId"] = chain_id
    if kind in ("legacy", "2930"):
        made["gasPrice"] = 10**9
    else:
        made |= {"maxFeePerGas": 2 * 10**9, "maxPriorityFeePerGas": 10**9}
    if kind != "legacy":
        made |= {"type": {"2930": 1, "1559": 2, "4844": 3, "7702": 4}[kind], "accessList": ACCESS}
    if kind == "4844":
        made |= {"maxFeePerBlobGas": 10**9, "blobVersionedHashes": ["0x01" + "ab" * 31]}
    if kind == "7702":
        allowed = {"chainId": chain_id, "address": OTHER, "nonce": 8}
        made["authorizationList"] = [Account.from_key(OTHER_KEY).sign_authorization(allowed)]
    return made


def signed(kind: str, data: bytes, key: bytes = KEY, **changes: Any) -> bytes:  # noqa: ANN401
    """Give the bytes of a signed transaction."""
    return bytes(Account.sign_transaction(fields(kind, data, **changes), key).raw_transaction)
