"""The plain multisig script, read to the last byte.

    OP_M <key> … <key> OP_N OP_CHECKMULTISIG        1 <= M <= N <= 16, keys of 33 or 65 bytes

The script is parsed and never searched: a script that merely contains this pattern, or has one
opcode more, can be spent in other ways than by M of these keys. Refused besides: pushes in any but
the shortest form, a count that is not the number of keys, bytes that are no point of the curve,
hybrid keys (0x06, 0x07), and the same point twice, because one signer would then count as two.
"""

from __future__ import annotations

from dataclasses import dataclass

from coincurve import PublicKey

from proofs.control import InvalidProof

MAX_KEYS = 16
"""The highest count that one opcode, OP_16, states."""

_OP_1 = 0x51
_OP_16 = 0x60
_OP_CHECKMULTISIG = 0xAE
_SHORTEST = 3
_KEY_PREFIXES = {33: (0x02, 0x03), 65: (0x04,)}


@dataclass(frozen=True, slots=True)
class Multisig:
    """A threshold and the keys it counts."""

    threshold: int
    keys: tuple[bytes, ...]
    """As the script has them, each compressed or uncompressed."""


def parse(script: bytes) -> Multisig:
    """Read a plain multisig script.

    Raises:
        InvalidProof: `malformed_script`.
    """
    if len(script) < _SHORTEST or script[-1] != _OP_CHECKMULTISIG:
        raise InvalidProof("malformed_script")
    threshold, count = _number(script[0]), _number(script[-2])
    keys = _keys(script[1:-2])
    if len(keys) != count or threshold > count:
        raise InvalidProof("malformed_script")
    if len({_point(key) for key in keys}) != count:
        raise InvalidProof("malformed_script")
    return Multisig(threshold, keys)


def _number(opcode: int) -> int:
    """Give the number that OP_1 to OP_16 states."""
    if not _OP_1 <= opcode <= _OP_16:
        raise InvalidProof("malformed_script")
    return opcode - _OP_1 + 1


def _keys(pushes: bytes) -> tuple[bytes, ...]:
    """Cut a run of key pushes apart."""
    keys: list[bytes] = []
    while pushes:
        size = pushes[0]
        key = pushes[1 : 1 + size]
        if len(key) != size or size not in _KEY_PREFIXES or key[0] not in _KEY_PREFIXES[size]:
            raise InvalidProof("malformed_script")
        keys.append(key)
        pushes = pushes[1 + size :]
    return tuple(keys)


def _point(key: bytes) -> bytes:
    """Give the compressed form of a key; refuse bytes that are not on the curve."""
    try:
        return PublicKey(key).format()
    except ValueError as error:
        raise InvalidProof("malformed_script") from error
