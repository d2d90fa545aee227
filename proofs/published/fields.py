"""Read the fields of what others publish: exact keys, exact texts, hashes, counts and amounts.

What is no such file at all (other keys, other types) is an InputError; what is such a file with a
value that the format cannot hold is refused with a reason. A key that is not known refuses the
file: it may hold what would be passed over.

Amounts are decimal text of many places and both signs. They are added here with Python's decimal
under a context that traps every rounding: the formats hash the digits themselves, as the languages
of the publishers write them, and integers of base units would have to be written back in each of
those ways. They leave as text only.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import TYPE_CHECKING

from config.errors import InputError, shown
from config.jsontext import Number, parse_json_as_written
from proofs.published.form import RefusedPublished

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proofs.published.form import Pairs

MAX_FILE = 1024 * 1024
"""Bytes of one customer's proof: 64 levels of a hundred coins are half of it."""
MAX_HEIGHT = 64
"""Levels of a path: more customers than anybody has."""
MAX_COINS = 500
"""Coins of one node; the largest list has about 350."""
MAX_TEXT = 1024
"""Characters of an id or nonce."""
DIGITS = 64
"""Hex digits of a SHA-256 hash."""

_AMOUNT = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.([0-9]{1,18}))?", re.ASCII)
_COUNT = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
_COIN = re.compile(r"[A-Za-z0-9]{1,20}", re.ASCII)
_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation, Overflow])
"""64 additions of amounts of 30 digits before the point and 18 after it never need more."""


def read_document(data: bytes, name: str) -> object:
    """Read a customer's JSON file; raise InputError if it is none."""
    if len(data) > MAX_FILE:
        raise InputError.at(name, "", f"file too large: more than {MAX_FILE} bytes")
    return parse_json_as_written(data, name)


def table(value: object, needed: set[str], allowed: set[str], where: str) -> dict[str, object]:
    """Give an object with all keys that are needed and no others than are allowed besides.

    Raises:
        InputError: another one.
    """
    if not isinstance(value, dict):
        raise InputError(f"{where}: not an object")
    for key in sorted(needed - value.keys()):
        raise InputError(f"{where}: {key} is missing")
    for key in sorted(value.keys() - needed - allowed):
        raise InputError(f"{where}: unknown key: {shown(key)}")
    return value


def items(value: object, where: str, most: int) -> list[object]:
    """Give a list of one to so many things; raise InputError."""
    if not isinstance(value, list) or not 0 < len(value) <= most:
        raise InputError(f"{where}: not a list of 1 to {most}")
    return value


def text(value: object, where: str) -> str:
    """Give text of bounded length; raise InputError."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise InputError(f"{where}: not text of 1 to {MAX_TEXT} characters")
    return value


def texts(found: dict[str, object], keys: Iterable[str], where: str) -> Pairs:
    """Give the texts of those keys that are there; raise InputError."""
    return tuple((key, text(found[key], f"{where}.{key}")) for key in keys if key in found)


def count(value: object, where: str) -> int:
    """Give a whole number that is written as one; raise InputError."""
    if not isinstance(value, Number) or not _COUNT.fullmatch(value.text):
        raise InputError(f"{where}: not a whole number")
    return int(value.text)


def digest(value: object, where: str, digits: int = DIGITS) -> str:
    """Give a hash.

    Raises:
        InputError: not text.
        RefusedPublished: `hash_malformed`.
    """
    if not isinstance(value, str):
        raise InputError(f"{where}: not text")
    if len(value) != digits or not _HEX.fullmatch(value):
        raise RefusedPublished("hash_malformed", f"{where}: not {digits} hex digits in lower case")
    return value


def amounts(value: object, where: str) -> dict[str, str | Number]:
    """Give amounts by coin, each as text or number; raise InputError for what is neither."""
    if not isinstance(value, dict) or not 0 < len(value) <= MAX_COINS:
        raise InputError(f"{where}: not amounts of 1 to {MAX_COINS} coins")
    for coin, amount in value.items():
        if not _COIN.fullmatch(coin):
            raise InputError(f"{where}: not a coin's name: {shown(coin)}")
        if not isinstance(amount, str | Number):
            raise InputError(f"{where}.{coin}: not an amount")
    return value


def text_amounts(value: object, where: str, coins: tuple[str, ...]) -> Pairs:
    """Give amounts that are all text, in the format's order of coins.

    Raises:
        InputError: not amounts, or not text.
        RefusedPublished: `coins_differ`.
    """
    found = amounts(value, where)
    if found.keys() != set(coins):
        raise RefusedPublished("coins_differ", f"{where}: not the coins {', '.join(coins)}")
    return tuple((coin, text(found[coin], f"{where}.{coin}")) for coin in coins)


def decimal(written: str, where: str, places: int, *, exactly: bool = False) -> Decimal:
    """Read an amount.

    Args:
        written: plain decimal text; a minus is allowed, since the publishers allow it.
        where: for messages.
        places: most digits after the point.
        exactly: that many, and no fewer.

    Raises:
        RefusedPublished: `amount_malformed`.
    """
    match = _AMOUNT.fullmatch(written)
    found = len(match[1] or "") if match else None
    if found is None or found > places or (exactly and found != places):
        what = f"{where}: {shown(written, 40)}, {'' if exactly else 'at most '}{places} places"
        raise RefusedPublished("amount_malformed", what)
    number = Decimal(written)
    if number.is_zero() and number.is_signed():
        raise RefusedPublished("amount_malformed", f"{where}: {written}")
    return number


def add(one: Decimal, other: Decimal) -> Decimal:
    """Add two amounts exactly; the sum has as many places as the finer of them."""
    return _EXACT.add(one, other)


def plain(number: Decimal) -> str:
    """Write an amount with all its places and without an exponent."""
    return format(number, "f")


def stripped(number: Decimal) -> str:
    """Write an amount without zeros at its end."""
    written = plain(number)
    return written.rstrip("0").rstrip(".") if "." in written else written
