"""Key recovery by libsecp256k1, through what lies under coincurve's classes: its only importer.

    signature of a digest, recovery id  ->  the one key for which it is valid, as it is written

Chosen: the library's own four calls. Refused: coincurve's `PublicKey`, which makes the same calls
with more objects on the way: four microseconds of some eighty that a claim takes. The tests compare
the two. The names used here are not promised by coincurve, so its version is held to one series.
"""

from __future__ import annotations

# The interface that cffi compiles has no types; what crosses this module is `bytes`.
from coincurve._libsecp256k1 import ffi, lib  # type: ignore[import-not-found]
from coincurve.context import GLOBAL_CONTEXT

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Order n of secp256k1 (SEC 2, section 2.4.1)."""
UNCOMPRESSED_SIZE = 65
COMPRESSED_SIZE = 33
DIGEST_SIZE = 32
COMPACT_SIZE = 64

_CONTEXT = GLOBAL_CONTEXT.ctx
_SIGNATURE = ffi.typeof("secp256k1_ecdsa_recoverable_signature *")
_KEY = ffi.typeof("secp256k1_pubkey *")
_SIZE = ffi.typeof("size_t *")
_BYTES = ffi.typeof("unsigned char[]")


class UnrecoverableKeyError(Exception):
    """No key fits the signature."""


def recover_key(compact: bytes, recovery_id: int, digest: bytes, *, compressed: bool) -> bytes:
    """Give the key for which a signature of a digest is valid.

    Args:
        compact: r and s, 32 bytes each, big-endian.
        recovery_id: 0 to 3 (SEC 1, section 4.1.6).
        digest: the 32 bytes that were signed.
        compressed: the form in which to write the key, of 33 bytes or 65.

    Raises:
        UnrecoverableKeyError: r or s is zero or not below n, or no point of the curve fits r.
        ValueError: a length or the recovery id is another, which is the caller's fault.
    """
    # The library reads so many bytes whatever it is given.
    if len(compact) != COMPACT_SIZE or len(digest) != DIGEST_SIZE or recovery_id not in range(4):
        sizes = f"{len(compact)} and {len(digest)} bytes, recovery id {recovery_id}"
        raise ValueError(f"64 and 32 bytes and a recovery id of 0 to 3 are needed: {sizes}")
    signature, key = ffi.new(_SIGNATURE), ffi.new(_KEY)
    if not (
        lib.secp256k1_ecdsa_recoverable_signature_parse_compact(
            _CONTEXT, signature, compact, recovery_id
        )
        and lib.secp256k1_ecdsa_recover(_CONTEXT, key, signature, digest)
    ):
        raise UnrecoverableKeyError
    size = COMPRESSED_SIZE if compressed else UNCOMPRESSED_SIZE
    form = lib.SECP256K1_EC_COMPRESSED if compressed else lib.SECP256K1_EC_UNCOMPRESSED
    written = ffi.new(_BYTES, size)
    lib.secp256k1_ec_pubkey_serialize(_CONTEXT, written, ffi.new(_SIZE, size), key, form)
    return bytes(ffi.buffer(written))
