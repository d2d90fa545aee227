"""Messages that a chain's own transactions could be signed as: their signatures are public.

Whoever looks at a chain finds signatures of other people's keys over transactions. Where a scheme
signs a message as it stands, such a signature would pass as a proof of its finder. So a raw message
is refused (`transaction_like`) if a transaction of its chain is signed over bytes like it:

    solana                            a whole transaction message, legacy or versioned
    sui, ton, cardano, stellar        32 bytes: the hash of a transaction
    polkadot                          32 bytes, or a payload, which holds the genesis hash
    aptos                             what begins with the hash of the name of a transaction type

Text of exactly 32 bytes stays allowed, if it is text: printable ASCII. A hash is not.

Chosen: to refuse what has the form of a transaction. Refused: to ask for text in every raw message,
because claims may sign bytes, and a challenge issued in hex would be refused with them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from proofs.control import InvalidProof

if TYPE_CHECKING:
    from config.registry import Chain

DIGEST_SIZE = 32
_DIGESTS = frozenset(("sui", "ton", "cardano", "stellar", "polkadot"))
_APTOS = tuple(
    hashlib.sha3_256(f"APTOS::{name}".encode()).digest()
    for name in ("RawTransaction", "RawTransactionWithData")
)
_VERSIONED = 0x80
"""First byte of a versioned Solana message: this bit, and the version below it."""
_OFFCHAIN = 0xFF
"""First byte of an off-chain message, which is no version."""
_ADDRESS, _BLOCKHASH = 32, 32
_SHORTEST = 1 + 3 + _ADDRESS + _BLOCKHASH
MAX_TRANSACTION = 1232
"""Bytes of a packet (`solana-packet`), signatures included; of legacy and version 0."""


def refuse_transaction(chain: Chain, message: bytes) -> None:
    """Refuse a message that the chain's transactions are signed as.

    Raises:
        InvalidProof: `transaction_like`.
    """
    family = chain.family
    digest = family in _DIGESTS and len(message) == DIGEST_SIZE and not _is_text(message)
    genesis = bytes.fromhex(chain.id.partition(":")[2]) if family == "polkadot" else b""
    if (
        digest
        or (genesis and genesis in message)
        or (family == "aptos" and message.startswith(_APTOS))
        or (family == "solana" and is_solana_message(message))
    ):
        raise InvalidProof("transaction_like")


def is_solana_message(data: bytes) -> bool:
    """Tell whether bytes begin with a whole Solana transaction message.

    Header of three counts, accounts, block hash, instructions; before it a version byte, after it
    address tables, if it is versioned. Bytes behind it are not looked at: a message with a tail is
    no transaction, and no text either. Text is too short for the counts that its letters would be:
    65 accounts and more, which no transaction has room for. Of versions after 0, whose layout is
    not read here, whatever is long enough counts as one.
    """
    versioned = bool(data) and data[0] >= _VERSIONED
    if versioned and data[0] != _VERSIONED:
        return data[0] < _OFFCHAIN and len(data) >= _SHORTEST
    if len(data) > MAX_TRANSACTION:
        return False
    place = 1 if versioned else 0
    signers, reads_signed, reads_unsigned = data[place : place + 3].ljust(3, b"\x00")
    accounts, place = _count(data, place + 3)
    if not signers or reads_signed >= signers or signers + reads_unsigned > accounts:
        return False
    place += accounts * _ADDRESS + _BLOCKHASH
    instructions, place = _count(data, place)
    for _instruction in range(instructions):
        for _part in ("accounts", "data"):
            # The program's index stands before the accounts.
            count, place = _count(data, place + (_part == "accounts"))
            place += count
        if place > len(data):
            return False
    return place <= len(data)


def _count(data: bytes, place: int) -> tuple[int, int]:
    """Read a compact length of one to three bytes; give it and the place behind it.

    Behind the end of the data there is a place that no later check takes for a whole message.
    """
    number = 0
    for index in range(3):
        if place + index >= len(data):
            return 0, len(data) + 1
        byte = data[place + index]
        number |= (byte & 0x7F) << 7 * index
        if byte < _VERSIONED:
            return number, place + index + 1
    return 0, len(data) + 1


def _is_text(message: bytes) -> bool:
    return message.isascii() and message.decode("ascii").isprintable()
