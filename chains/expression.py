"""Key expressions in the `account` column: telling one from an address, and the stated last index.

    expression = text [ "?last=" N ]
    text       = output descriptor [ "#" checksum ] | extended public key         Bitcoin family
               | extended public key { "/" step } [ "/*" ]                        EVM

`last` is the highest index that the declarant has used. A gap limit is a habit of wallets and not a
rule (exchanges skip ranges), so a range without a stated end is not guessed. What the text means is
read in `utxo/descriptors` and `evm/expression`; this module is apart because it loads no
cryptography, and every row of an accounts file passes through it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from config.errors import InputError

MAX_LENGTH = 4096
"""A 2-of-20 descriptor with key origins is under 3,600 characters."""

MAX_ADDRESSES = 100_000
"""Addresses one expression may yield: deriving this many takes about half a minute."""

HARDENED = 1 << 31
"""Indexes from here on need the private key (BIP-32)."""

_MARK = "?last="
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
# xpub, ypub, zpub and their test, multisig and private forms (SLIP-132), Ltub and Mtub (Litecoin).
# Private ones are told here too, so that they are refused as keys and not as strange addresses.
_EXTENDED_KEY = re.compile(r"[A-Za-z](?:pub|prv|tub|tpv)[1-9A-HJ-NP-Za-km-z]{20,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Derived:
    """One address of an expression."""

    address: str
    """Canonical text on the chain."""
    path: str
    """Steps after the first extended key, such as `0/5`; empty if the key stands alone."""


def is_expression(text: str) -> bool:
    """Tell whether text looks like a descriptor or an extended key rather than an address."""
    return "(" in text or _EXTENDED_KEY.match(text) is not None


def split_expression(text: str, most: int = MAX_ADDRESSES) -> tuple[str, int | None]:
    """Part an expression from its stated last index.

    Args:
        text: the expression as written.
        most: how many addresses one expression of the chain's family may yield.

    Returns:
        The expression as written, and the last index or None if none is stated.

    Raises:
        InputError: too long, or what follows the question mark is not `last=N` with N below
            `most`.
    """
    if len(text) > MAX_LENGTH:
        raise InputError(f"expression of {len(text)} characters, at most {MAX_LENGTH} are allowed")
    expression, mark, number = text.partition(_MARK)
    if not mark:
        if "?" in text:
            raise InputError(f"expression has a question mark that does not begin {_MARK!r}")
        return text, None
    if not _NUMBER.fullmatch(number):
        raise InputError(f"last index is {number[:20]!r}, plain digits are needed")
    if int(number) >= most:
        raise InputError(f"last index is {number}, at most {most - 1} is allowed")
    return expression, int(number)


def indexes_to(last: int | None, *, ranged: bool, branches: int, most: int) -> range:
    """Give the indexes of an expression up to its stated last one.

    Args:
        last: highest index, itself included; needed if the expression has a range, else None.
        ranged: whether it has one.
        branches: how many addresses there are for each index.
        most: how many addresses it may yield.

    Raises:
        InputError: a last index missing or out of place, or too many addresses.
    """
    if ranged and last is None:
        raise InputError(
            "expression has a range and no last index",
            "append ?last=N, the highest index in use",
        )
    if not ranged and last is not None:
        raise InputError(f"expression has no range, last index is {last}")
    count = branches * ((last or 0) + 1)
    if (last or 0) < 0 or count > most:
        raise InputError(f"expression yields {count} addresses, 1 to {most} are allowed")
    return range((last or 0) + 1)


def indexes_after(last: int, margin: int, *, branches: int, most: int) -> range:
    """Give the indexes after a stated last one; fewer than `margin` if none can be higher.

    Raises:
        InputError: too many addresses.
    """
    indexes = range(last + 1, min(last + margin + 1, HARDENED))
    count = branches * len(indexes)
    if count > most:
        raise InputError(f"margin of {count} addresses, at most {most} are allowed")
    return indexes
