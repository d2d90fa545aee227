"""BIP-322 for one key, the frequent case: the library's verification and nothing twice.

A witness stack for a P2WPKH address leaves no choice in `to_spend` and `to_sign`: versions, locks
and sequences are 0, and the output is OP_RETURN. So the library's verdict says all, and what is
left for us is the name of `to_sign`, hashed here from its bytes (BIP-322, "Simple"):

    to_spend  0 | in: null, ffffffff, OP_0 PUSH32 hash, sequence 0   | out: 0, script      | lock 0
    to_sign   0 | in: to_spend : 0, no script, sequence 0            | out: 0, OP_RETURN   | lock 0

Whatever is not a plain yes has no answer here; `proofs.utxo.btclib_bip322` goes the long way and
names the reason. Both ways give the same id and the same `Proof`, which the tests compare.

A faster route is known and refused: BIP-143's digest of these fixed bytes, hashed here, and one
verification by libsecp256k1, whose rate bounds it at about seven times this one. It would be a
second interpreter of the rules on keys, encodings and flags, to be kept in step with the library's.
"""

from __future__ import annotations

import hashlib

_TAG = hashlib.sha256(b"BIP0322-signed-message").digest() * 2
_VERSION = _LOCK = _SEQUENCE = bytes(4)
_VALUE = bytes(8)
_ONE = b"\x01"
_BEFORE_HASH = _VERSION + _ONE + bytes(32) + b"\xff" * 4 + b"\x22\x00\x20"
_AFTER_SPEND = bytes(4) + b"\x00" + _SEQUENCE + _ONE + _VALUE + b"\x01\x6a" + _LOCK


def unsigned_id_of(message: bytes, script: bytes) -> str:
    """Give the id of the `to_sign` without signatures, hex.

    Args:
        message: the exact bytes of the text.
        script: the output script of the address, at most 252 bytes.
    """
    hashed = hashlib.sha256(_TAG + message).digest()
    output = _ONE + _VALUE + bytes((len(script),)) + script
    spend = _hash(_BEFORE_HASH + hashed + _SEQUENCE + output + _LOCK)
    return _hash(_VERSION + _ONE + spend + _AFTER_SPEND)[::-1].hex()


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()
