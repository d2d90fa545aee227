"""Key expressions in the `account` column: telling one from an address, and the stated last index.

    expression = (output descriptor [ "#" checksum ] | extended public key) [ "?last=" N ]

`last` is the highest index that the declarant has used. A gap limit is a habit of wallets and not a
rule (exchanges skip ranges), so a range without a stated end is not guessed. What the text means is
read in `descriptors`; this module is apart because it loads no cryptography, and every row of an
accounts file passes through it.
"""

from __future__ import annotations

import re

from config.errors import InputError

MAX_LENGTH = 4096
"""A 2-of-20 descriptor with key origins is under 3,600 characters."""

MAX_ADDRESSES = 100_000
"""Addresses one expression may yield: deriving this many takes about half a minute."""

_MARK = "?last="
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
# xpub, ypub, zpub and their test, multisig and private forms (SLIP-132), Ltub and Mtub (Litecoin).
# Private ones are told here too, so that they are refused as keys and not as strange addresses.
_EXTENDED_KEY = re.compile(r"[A-Za-z](?:pub|prv|tub|tpv)[1-9A-HJ-NP-Za-km-z]{20,}", re.ASCII)


def is_expression(text: str) -> bool:
    """Tell whether text looks like a descriptor or an extended key rather than an address."""
    return "(" in text or _EXTENDED_KEY.match(text) is not None


def split_expression(text: str) -> tuple[str, int | None]:
    """Part an expression from its stated last index.

    Returns:
        The expression as written, and the last index or None if none is stated.

    Raises:
        InputError: too long, or what follows the question mark is not `last=N` with N below
            MAX_ADDRESSES.
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
    if int(number) >= MAX_ADDRESSES:
        raise InputError(f"last index is {number}, at most {MAX_ADDRESSES - 1} is allowed")
    return expression, int(number)
