"""Stellar addresses: StrKey `G…`, 56 base32 letters that hold an ed25519 key (SEP-23).

    version 0x30 (1) || key (32) || CRC16-XModem of both, little end first (2)
    GBXFXNDLV4LSWA4VB7YIL5GBD7BVNR22SGBTDKMO2SBZZHDXSKZYCP7L

35 bytes fill 56 letters to the last bit, so an address has one text. Seeds (`S…`), contracts
(`C…`), muxed accounts (`M…`: an account and a customer number) and others are refused. The key is
the address; who else may sign, and whether the key still may, the chain alone knows.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from chains.refusal import not_an_address

if TYPE_CHECKING:
    from config.registry import Chain

ACCOUNT = 6 << 3
"""Version byte of an account's key, which makes the first letter G."""

_TEXT = re.compile(r"G[A-Z2-7]{55}", re.ASCII)


def parse_address(chain: Chain, text: str) -> str:
    """Read an address; raise InputError unless it is a StrKey of an account's key."""
    if _TEXT.fullmatch(text) is None:
        raise not_an_address(chain, text, "G and 55 base32 letters are expected")
    if text != address_of_key(key_of(text)):
        raise not_an_address(chain, text, "version or checksum does not match")
    return text


def key_of(address: str) -> bytes:
    """Give the ed25519 key of a canonical address, 32 bytes."""
    return base64.b32decode(address)[1:33]


def address_of_key(key: bytes) -> str:
    """Write the address of an ed25519 public key."""
    body = bytes((ACCOUNT,)) + key
    checksum = binascii.crc_hqx(body, 0).to_bytes(2, "little")
    return base64.b32encode(body + checksum).decode("ascii")
