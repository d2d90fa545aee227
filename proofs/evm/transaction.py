"""A signed Ethereum transaction: who sent it, to whom, with which data, on which chain.

    legacy     rlp(nonce, gasPrice, gas, to, value, data, v, r, s)            v = 35 + 2·chain + y
    0x01       rlp(chain, nonce, gasPrice, gas, to, value, data, access, y, r, s)          EIP-2930
    0x02       rlp(chain, nonce, tip, fee, gas, to, value, data, access, y, r, s)          EIP-1559
    0x03       … access, blobFee, blobHashes, y, r, s                                      EIP-4844
    0x04       … access, authorizations, y, r, s                                           EIP-7702

The sender is not in it: he is the one key for which the signature is valid over the hash of what
stands before it. The transaction's hash is Keccak-256 of the bytes, so it also says that they were
not changed since. Refused: a legacy form without a chain (before EIP-155), which is valid on every
chain; creation of a contract; a blob transaction with its blobs, which has another hash in a block;
numbers with leading zeros; the high form of s (EIP-2).

RLP is read by `chains.evm.rlplist`, which does not recurse: what access lists and authorizations
hold is signed as it stands, and is not looked at. eth-account does all of this too, at a second's
import; in the tests it is the second opinion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.evm.rlplist import encode_items, encode_string, split_list, string_of
from proofs.control import InvalidProof
from proofs.evm.recovery import EvmSignature, name_signature, recover_address
from proofs.key_recovery import ORDER

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 128 * 1024
"""What nodes of Ethereum pass on of one transaction (go-ethereum, txMaxSize)."""

ADDRESS_BYTES = 20
EIP_155 = 35
"""v of a legacy signature with a chain, less twice the chain."""
_LEGACY_ITEMS, _LEGACY_TO = 9, 3
_TAIL = 3
"""Items at the end that are the signature."""
_LIST = 0xC0
_WORD = 32


@dataclass(frozen=True, slots=True)
class _Form:
    """Where things stand in a typed transaction; chain at 0, data two after the recipient."""

    items: int
    to: int


_TYPED: Mapping[int, _Form] = {1: _Form(11, 4), 2: _Form(12, 5), 3: _Form(14, 5), 4: _Form(13, 5)}


@dataclass(frozen=True, slots=True)
class EvmTransaction:
    """A transaction whose sender is known."""

    txid: str
    """0x and 64 hex digits."""
    chain_id: int
    sender: bytes
    recipient: bytes
    data: bytes
    preimage: bytes
    """What is hashed for the signature."""
    digest: bytes
    name: str
    """One name for every way of writing the same signature: of digest, r and s."""


def parse_transaction(raw: bytes) -> EvmTransaction:
    """Read a signed transaction and recover its sender.

    Raises:
        InvalidProof: `malformed_signature`, `wrong_chain` for a transaction that names none,
        `rule_violated` for the creation of a contract, `signature_invalid`, `high_s`.
    """
    if not 1 < len(raw) <= MAX_BYTES:
        raise InvalidProof("malformed_signature")
    try:
        if raw[0] >= _LIST:
            return _legacy(raw, split_list(raw))
        return _typed(raw, split_list(raw[1:]))
    except ValueError as error:
        raise InvalidProof("malformed_signature") from error


def _legacy(raw: bytes, items: tuple[bytes, ...]) -> EvmTransaction:
    if len(items) != _LEGACY_ITEMS:
        raise InvalidProof("malformed_signature")
    v = _number(items[-_TAIL])
    if v in (27, 28):
        raise InvalidProof("wrong_chain")
    if v < EIP_155:
        raise InvalidProof("malformed_signature")
    chain_id, parity = divmod(v - EIP_155, 2)
    bound = (encode_string(_bytes_of(chain_id)), encode_string(b""), encode_string(b""))
    preimage = encode_items((*items[:-_TAIL], *bound))
    return _sent(raw, items, _LEGACY_TO, (chain_id, parity, preimage))


def _typed(raw: bytes, items: tuple[bytes, ...]) -> EvmTransaction:
    form = _TYPED.get(raw[0])
    if form is None or len(items) != form.items:
        raise InvalidProof("malformed_signature")
    chain_id, parity = _number(items[0]), _number(items[-_TAIL])
    if parity > 1:
        raise InvalidProof("malformed_signature")
    preimage = raw[:1] + encode_items(items[:-_TAIL])
    return _sent(raw, items, form.to, (chain_id, parity, preimage))


def _sent(
    raw: bytes, items: tuple[bytes, ...], at: int, signed: tuple[int, int, bytes]
) -> EvmTransaction:
    chain_id, parity, preimage = signed
    recipient, data = string_of(items[at]), string_of(items[at + 2])
    if not recipient:
        raise InvalidProof("rule_violated")
    if len(recipient) != ADDRESS_BYTES:
        raise InvalidProof("malformed_signature")
    signature = EvmSignature(_scalar(items[-2]), _scalar(items[-1]), parity)
    digest = keccak256(preimage)
    if int.from_bytes(signature.s, "big") > ORDER // 2:
        raise InvalidProof("high_s")
    return EvmTransaction(
        f"0x{keccak256(raw).hex()}",
        chain_id,
        recover_address(signature, digest),
        recipient,
        data,
        preimage,
        digest,
        name_signature(signature, digest),
    )


def _scalar(item: bytes) -> bytes:
    """Read r or s as 32 bytes."""
    number = _number(item)
    if not 0 < number < ORDER:
        raise InvalidProof("signature_invalid")
    return number.to_bytes(_WORD, "big")


def _number(item: bytes) -> int:
    """Read a number of up to 32 bytes; raise ValueError for one with a leading zero."""
    digits = string_of(item)
    if len(digits) > _WORD or digits[:1] == b"\x00":
        raise ValueError("number is too long, or begins with a zero")
    return int.from_bytes(digits, "big")


def _bytes_of(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
