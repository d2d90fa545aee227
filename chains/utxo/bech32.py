"""Bech32 and bech32m (BIP-173, BIP-350), and the base 32 framing that cashaddr shares with them.

    text     = prefix "1" digits checksum       one case, never mixed; at most 90 characters
    digits   = witness version, then the program in groups of five bits, padded with zero bits
    checksum = six digits; the constant is 1 for version 0 (bech32), 0x2bc830a3 for others (bech32m)

Reading is strict: a digit outside the alphabet, mixed case, padding that is not zero or longer than
four bits, and the other version's checksum are all refused. Nothing here knows a chain: `address`
decides which prefixes, versions and lengths mean something.

The codec of btclib was not taken, so that reading an address loads no cryptography at all.

Plans have hundreds of thousands of addresses, so reading one makes no step a digit: the text is
turned into one number, and the checksum, which is linear, is put together byte by byte from sums
made once. That takes a quarter of the time of the textbook's loop, which writes addresses here and
makes the sums. `chains.utxo.segwit` reads many at once.
"""

from __future__ import annotations

from functools import cache, lru_cache, reduce
from operator import xor
from typing import TYPE_CHECKING

from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32 = 1
BECH32M = 0x2BC830A3
MAX_LENGTH = 90
"""The checksum is proved to find errors up to this length (BIP-173)."""

_CHECKSUM_LENGTH = 6
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
PLAIN = "".join(
    "0123456789abcdefghijklmnopqrstuv"[_VALUES[letter]] if letter in _VALUES else "!"
    for letter in map(chr, range(128))
)
"""For each ASCII letter the one that stands for its value in Python's base 32; `!` is in none."""


def taps(*generators: int) -> tuple[int, ...]:
    """Give what each of the 32 highest digits of a remainder adds to the next remainder."""
    sums = []
    for digit in range(32):
        chosen = (value for index, value in enumerate(generators) if digit >> index & 1)
        sums.append(reduce(xor, chosen, 0))
    return tuple(sums)


def remainder(digits: Iterable[int], added: tuple[int, ...], length: int) -> int:
    """Give the remainder of digits by a generator polynomial.

    Args:
        digits: numbers 0 to 31.
        added: the polynomial's `taps`.
        length: digits in the remainder.
    """
    top = 5 * (length - 1)
    below = (1 << top) - 1
    residue = 1
    for digit in digits:
        residue = (residue & below) << 5 ^ digit ^ added[residue >> top]
    return residue


_TAPS = taps(0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def read_digits(text: str) -> tuple[int, ...]:
    """Turn base 32 letters into numbers 0 to 31; raise InputError for any other letter."""
    try:
        return tuple(_VALUES[letter] for letter in text)
    except KeyError as error:
        raise InputError(f"letter {error.args[0]!r} is not of the base 32 alphabet") from error


def write_digits(digits: Iterable[int]) -> str:
    """Turn numbers 0 to 31 into base 32 letters."""
    return "".join(ALPHABET[digit] for digit in digits)


def digits_of(data: bytes) -> tuple[int, ...]:
    """Cut bytes into groups of five bits, the last one filled up with zero bits."""
    groups = -(-len(data) * 8 // 5)
    number = int.from_bytes(data, "big") << (groups * 5 - len(data) * 8)
    return tuple(number >> 5 * index & 31 for index in reversed(range(groups)))


def bytes_of(digits: tuple[int, ...]) -> bytes:
    """Join groups of five bits; raise InputError unless the padding is zero and under five bits."""
    number = 0
    for digit in digits:
        number = number << 5 | digit
    return _whole_bytes(number, len(digits))


def _whole_bytes(number: int, digits: int) -> bytes:
    """Take the bytes out of a number of so many groups of five bits; raise InputError likewise."""
    length, padding = divmod(digits * 5, 8)
    if padding > 4 or number & ((1 << padding) - 1):  # noqa: PLR2004 - a fifth bit would be a whole digit
        raise InputError("padding of base 32 text is not zero or longer than four bits")
    return (number >> padding).to_bytes(length, "big")


def lower(text: str) -> str:
    """Give ASCII text in lower case; raise InputError if it mixes upper and lower case."""
    if not text.isascii():
        raise InputError("text is not ASCII")
    lowered = text.lower()
    if text not in (lowered, text.upper()):
        raise InputError("text mixes upper and lower case")
    return lowered


def decode(text: str) -> tuple[str, tuple[int, ...], int]:
    """Read bech32 or bech32m text.

    Returns:
        The prefix in lower case, the digits without the checksum, and BECH32 or BECH32M.

    Raises:
        InputError: the text is neither.
    """
    prefix, number, count, constant = _open(text)
    digits = (number >> 5 * index & 31 for index in reversed(range(count)))
    return prefix, tuple(digits), constant


def _open(text: str) -> tuple[str, int, int, int]:
    """Read text as `decode` does; give the digits as one number, and how many there are."""
    if len(text) > MAX_LENGTH:
        raise InputError(f"bech32 text of {len(text)} characters, at most {MAX_LENGTH} are allowed")
    prefix, separator, rest = lower(text).rpartition("1")
    count = len(rest)
    if not separator:
        raise _no_prefix()
    start = residue_of(prefix, count)
    try:
        number = int(rest.translate(PLAIN), 32) if rest else 0
    except ValueError:
        read_digits(rest)  # It says which letter is wrong.
        raise
    if count < _CHECKSUM_LENGTH:
        raise InputError(f"bech32 checksum of {count} characters, {_CHECKSUM_LENGTH} are needed")
    constant = start
    for sums, byte in zip(byte_sums(), number.to_bytes(-(-count * 5 // 8), "little"), strict=False):
        constant ^= sums[byte]
    if constant not in (BECH32, BECH32M):
        raise InputError("bech32 checksum does not match")
    return prefix, number >> 5 * _CHECKSUM_LENGTH, count - _CHECKSUM_LENGTH, constant


def _no_prefix() -> InputError:
    return InputError("bech32 text has no prefix that ends with the digit 1")


def encode(prefix: str, digits: tuple[int, ...], constant: int) -> str:
    """Write bech32 (constant BECH32) or bech32m (BECH32M) text; the prefix is lower case."""
    blank = (0,) * _CHECKSUM_LENGTH
    residue = _polymod(_expand(prefix) + digits + blank) ^ constant
    checksum = (residue >> 5 * index & 31 for index in reversed(range(_CHECKSUM_LENGTH)))
    return f"{prefix}1{write_digits(digits)}{write_digits(checksum)}"


def decode_witness(prefix: str, text: str) -> tuple[int, bytes]:
    """Read a segwit address.

    Args:
        prefix: the human-readable part that the chain uses, lower case.
        text: the address.

    Returns:
        The witness version 0 to 16 and the program of 2 to 40 bytes.

    Raises:
        InputError: not such an address, or of another prefix.
    """
    found, number, count, constant = _open(text)
    if found != prefix:
        raise InputError(f"address prefix is {found!r}, the chain uses {prefix!r}")
    below = 5 * (count - 1)
    version = number >> below if count else 17
    if version > 16:  # noqa: PLR2004 - BIP-141 defines versions 0 to 16
        raise InputError("segwit address has no witness version from 0 to 16")
    if constant != (BECH32 if version == 0 else BECH32M):
        raise InputError(f"checksum is not the one of witness version {version} (BIP-350)")
    program = _whole_bytes(number & (1 << below) - 1, count - 1)
    # BIP-141 fixes both lengths.
    if not 2 <= len(program) <= 40 or (version == 0 and len(program) not in (20, 32)):  # noqa: PLR2004
        raise InputError(f"program of {len(program)} bytes does not fit witness version {version}")
    return version, program


def encode_witness(prefix: str, version: int, program: bytes) -> str:
    """Write a segwit address in lower case."""
    constant = BECH32 if version == 0 else BECH32M
    return encode(prefix, (version, *digits_of(program)), constant)


def _expand(prefix: str) -> tuple[int, ...]:
    """Give the numbers that stand for the prefix in the checksum (BIP-173)."""
    letters = prefix.encode("ascii")
    return (*(letter >> 5 for letter in letters), 0, *(letter & 31 for letter in letters))


@lru_cache(maxsize=64)
def residue_of(prefix: str, count: int) -> int:
    """Give the remainder of a prefix and so many zero digits; raise InputError if it is none."""
    # BIP-173: the prefix has at least one character, each from ! to ~.
    if not prefix or not all("!" <= letter <= "~" for letter in prefix):
        raise _no_prefix()
    return _polymod(_expand(prefix) + (0,) * count)


@cache
def byte_sums() -> tuple[tuple[int, ...], ...]:
    """Give what each byte of a number of digits adds to the remainder: by place, lowest first.

    Of a sum of digits the remainder is the sum of the remainders, each bit on its own.
    """
    size = -(-MAX_LENGTH // 8) * 8
    nothing = _polymod((0,) * size)
    bits = []
    for place in range(size * 5):
        digits = [0] * size
        digits[size - 1 - place // 5] = 1 << place % 5
        bits.append(_polymod(digits) ^ nothing)
    return tuple(_all_sums(bits[at : at + 8]) for at in range(0, len(bits), 8))


def _all_sums(bits: list[int]) -> tuple[int, ...]:
    """Give the sum of each choice of eight values."""
    sums = [0]
    for bit in bits:
        sums += [value ^ bit for value in sums]
    return tuple(sums)


def _polymod(digits: Iterable[int]) -> int:
    """Give the remainder by the generator polynomial of BIP-173."""
    return remainder(digits, _TAPS, _CHECKSUM_LENGTH)


def decode_long(text: str, limit: int) -> tuple[str, bytes]:
    """Read bech32 text that is longer than BIP-173 allows, as Cardano writes it (CIP-19).

    Beyond 90 characters the checksum finds fewer errors for certain; that is the chain's choice.

    Args:
        text: the address.
        limit: most characters that are looked at.

    Returns:
        The prefix in lower case, and the bytes.

    Raises:
        InputError: not bech32, longer than the limit, or not of whole bytes.
    """
    if len(text) > limit:
        raise InputError(f"bech32 text of {len(text)} characters, at most {limit} are allowed")
    prefix, separator, rest = lower(text).rpartition("1")
    if not separator:
        raise _no_prefix()
    digits = read_digits(rest)
    if len(digits) < _CHECKSUM_LENGTH:
        raise InputError(
            f"bech32 checksum of {len(digits)} characters, {_CHECKSUM_LENGTH} are needed"
        )
    if _polymod(_expand(prefix) + digits) != BECH32:
        raise InputError("bech32 checksum does not match")
    return prefix, bytes_of(digits[:-_CHECKSUM_LENGTH])
