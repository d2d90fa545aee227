"""Base58Check text to bytes, fast enough for every row of a large file.

    text = base 58 of ( data || first 4 bytes of sha256(sha256(data)) ), `1` for a leading zero byte

One text stands for one value: 58 digits, no padding, and as many leading zero bytes as leading
ones. Refused: other letters, spaces among them, and a checksum that does not match.

Refused: the package base58 for reading; it takes two to three times as long. It writes addresses,
and the tests compare the two.
"""

from __future__ import annotations

from hashlib import sha256

import base58

ALPHABET = base58.BITCOIN_ALPHABET

_CHECKSUM_SIZE = 4
_NO_DIGIT = 0xFF
MAX_DIGITS = 64
"""Letters that `read` takes: those of a version, a hash and a checksum are at most 36."""
_FOLDS = tuple(
    (bits, sum(((1 << bits) - 1) << place for place in range(0, 512, 2 * bits)), (1 << bits) - size)
    for bits, size in ((8 << step, 58 ** (1 << step)) for step in range(6))
)
"""For each halving of the digits: bits of one, a mask of every second, what is too much in it."""
_DIGITS = {
    alphabet: bytes(
        alphabet.index(letter) if letter in alphabet else _NO_DIGIT for letter in range(256)
    )
    for alphabet in (ALPHABET, base58.RIPPLE_ALPHABET)
}


def read(text: str, alphabet: bytes = ALPHABET) -> bytes | None:
    """Give the data without its checksum; None if a letter or the checksum is wrong.

    Args:
        text: of `MAX_DIGITS` letters at most; longer text is refused.
        alphabet: one of the package's two, which are the same letters in another order.
    """
    if not text.isascii() or len(text) > MAX_DIGITS:
        return None
    digits = text.encode().translate(_DIGITS[alphabet])
    if _NO_DIGIT in digits:
        return None
    # All digits are one number in base 256: neighbours are joined, at once, until one is left.
    number = int.from_bytes(digits, "big")
    for bits, mask, excess in _FOLDS:
        number -= (number >> bits & mask) * excess
    zeros = len(digits) - len(digits.lstrip(b"\0"))
    data = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    body = data[:-_CHECKSUM_SIZE]
    checksum = sha256(sha256(body).digest()).digest()[:_CHECKSUM_SIZE]
    return body if checksum == data[-_CHECKSUM_SIZE:] else None
