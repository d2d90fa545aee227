"""TON addresses: workchain and hash, canonical in the friendly form for wallets (`UQ…`).

    flags (1) || workchain (1) || hash (32) || CRC16-XModem, big end first (2)       48 characters
    UQB1CKrUWm7qf41Z1GeEE6AgVVj5cH6y6x1aRmWe6q4mj1fn       base64url, not bounceable: canonical
    EQ…, and base64 with + and /                            the same account, read
    0:7508aad45a6eea7f8d59d467841 …                         raw: workchain, colon, 64 hex digits

Chosen: the form that exchanges publish, with a checksum and the flag of the network. Refused as the
canonical one: raw text, which has neither, and whose colon stands in the way of `chain:address`.
(CAIP-10 knows no `_` either, which base64url cannot leave out.) Addresses for test networks (`kQ…`,
`0Q…`) are refused. Source: TEP-2.

A wallet is a contract. Its address is the hash of the code and data it was deployed with, so a key
has one address for each wallet code (`wallets_of_key`).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from chains.refusal import not_an_address
from chains.ton.wallets import account_hashes

if TYPE_CHECKING:
    from config.registry import Chain

BOUNCEABLE, NOT_BOUNCEABLE = 0x11, 0x51
BASECHAIN = 0
"""The workchain on which wallets live."""

_SIZE = 34
_WORKCHAINS = (0, -1)
"""Basechain and masterchain: there are no others."""
_FRIENDLY = re.compile(r"[0-9A-Za-z_-]{48}|[0-9A-Za-z+/]{48}", re.ASCII)
_RAW = re.compile(r"(0|-1):([0-9a-fA-F]{64})", re.ASCII)


def parse_address(chain: Chain, text: str) -> str:
    """Read an address in its friendly or raw form; raise InputError for anything else."""
    raw = _RAW.fullmatch(text)
    if raw is not None:
        return write_address(int(raw[1]), bytes.fromhex(raw[2]))
    if _FRIENDLY.fullmatch(text) is None:
        raise not_an_address(chain, text, "48 characters of base64, or 0: and 64 hex digits")
    data = base64.b64decode(text, altchars=b"-_" if "-" in text or "_" in text else None)
    body, checksum = data[:_SIZE], data[_SIZE:]
    if binascii.crc_hqx(body, 0).to_bytes(2, "big") != checksum:
        raise not_an_address(chain, text, "checksum does not match")
    if body[0] not in (BOUNCEABLE, NOT_BOUNCEABLE):
        raise not_an_address(
            chain, text, f"flags {body[0]:#04x}, 0x11 and 0x51 are of this network"
        )
    workchain = int.from_bytes(body[1:2], "big", signed=True)
    if workchain not in _WORKCHAINS:
        raise not_an_address(chain, text, f"workchain {workchain}, there are 0 and -1")
    return write_address(workchain, body[2:])


def write_address(workchain: int, account: bytes) -> str:
    """Write the canonical text of a workchain and a hash of 32 bytes."""
    body = bytes((NOT_BOUNCEABLE,)) + workchain.to_bytes(1, "big", signed=True) + account
    checksum = binascii.crc_hqx(body, 0).to_bytes(2, "big")
    return base64.urlsafe_b64encode(body + checksum).decode("ascii")


def parts_of(address: str) -> tuple[int, bytes]:
    """Give the workchain and the hash of a canonical address."""
    data = base64.urlsafe_b64decode(address)
    return int.from_bytes(data[1:2], "big", signed=True), data[2:_SIZE]


def wallets_of_key(key: bytes) -> tuple[str, ...]:
    """Write the addresses of every known wallet of a key, on the basechain."""
    return tuple(write_address(BASECHAIN, account) for account in account_hashes(key))
