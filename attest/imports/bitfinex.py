"""Bitfinex: the published list of its wallets, one a line, as free text.

    1Kr6QSydW9bFQG1mXiPNNu6WpJGmUa9i1g - BTC hot wallet

The address stands before the first ` - `, after it what the wallet is for, in words: an asset or
network, then `hot` or `cold`. The words before those are looked up whole in `CHAINS`; what is not
there is refused, also a token named without its network (`Serum`). Guessing the chain from how an
address looks was refused: one address is valid on many chains.

Source: bitfinexcom/pub, `wallets.txt`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from attest.imports.entries import MAX_BYTES, MAX_TEXT, UNKNOWN_HOLDER, Entry, RefusedRow, sort_out
from config.text import decode, is_plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.imports.entries import Known, Reading

LIMITS = (
    "nothing is signed: that somebody lists an address does not show that he has its key",
    "no account has a claim",
    "there is no date, no entity and no amount in the list",
    "hot and cold are the publisher's words; who holds the keys is not said: holder is unknown",
    "whose the coins are is not said: owner is mixed",
    "what customers are owed is not in the list",
)

CHAINS: Mapping[str, str] = {
    "btc": "bitcoin",
    "eth/erc20": "ethereum",
    "polygon": "polygon",
    "tether usdt (polygon)": "polygon",
    "avalanche (c-chain)": "avalanche",
    # The list writes both its chains so; an address of the X-chain is no address of this one.
    "avalanche": "avalanche",
    "bitcoin cash": "bitcoincash",
    "bch": "bitcoincash",
    "litecoin": "litecoin",
    "ltc": "litecoin",
    "dogecoin": "dogecoin",
    "dash": "dash",
    "zcash": "zcash",
    "solana": "solana",
    "tether usdt (solana)": "solana",
    "tron trx/trc10/trc20": "tron",
    "ripple xrp": "xrpl",
    "cosmos": "cosmos",
    "aptos": "aptos",
    "polkadot": "polkadot",
    "cardano ada": "cardano",
    "stellar (xlm) and velo": "stellar",
    "xlm": "stellar",
}
"""What the list calls a chain, in lower case, and the chain's short name."""

BETWEEN = " - "
_KEPT = re.compile(r"\s*(?:\(old\)\s*)?\b(hot|cold)\b", re.IGNORECASE | re.ASCII)


def read(data: bytes, name: str, known: Known) -> Reading:
    """Read a list.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        known: chains, address parsers and schemes.

    Raises:
        InputError: not text, or too large.
    """
    lines = decode(data, name, MAX_BYTES).split("\n")
    rows = ((place + 1, line) for place, line in enumerate(lines) if line.strip())
    return sort_out(rows, lambda line: _entry(line, known), str.strip)


def _entry(line: str, known: Known) -> Entry:
    address, between, words = line.partition(BETWEEN)
    address, words = address.strip(), words.strip()
    if not between or len(line) > MAX_TEXT or " " in address or not is_plain(words):
        raise RefusedRow("malformed_row")
    kept = tuple(_KEPT.finditer(words))
    subject = words[: kept[0].start()] if kept else words
    chain = CHAINS.get(subject.strip().lower())
    if chain is None:
        raise RefusedRow("unknown_coin")
    account = known.account(known.chain(chain), address)
    return Entry(account, _method({one[1].lower() for one in kept}), UNKNOWN_HOLDER, words)


def _method(words: set[str]) -> Literal["hot", "cold", "unknown"]:
    """Give the method that the words name; two different ones name none."""
    if words == {"hot"}:
        return "hot"
    return "cold" if words == {"cold"} else "unknown"
