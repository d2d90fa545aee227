"""What an Esplora server answered, decoded; a form that is not expected is refused.

As for Electrum (`chains.utxo.history.electrum_answers`), whose forms of a transaction and of a
branch are the same here. Of a page of transactions only identifier and height are read: what a
transaction does is taken from its bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chains.utxo.answers import read_hash
from chains.utxo.history.electrum_answers import read_block_header, read_height
from chains.utxo.history.headers import header_hash

if TYPE_CHECKING:
    from chains.evidence import Json
    from chains.utxo.history.replay import History

MAX_PAGE = 1000
"""Transactions on a page; servers give 25 unless they are told otherwise."""

_HEIGHT = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)


def read_tip_height(value: Json) -> int:
    """Read `/blocks/tip/height`, which is text."""
    if not isinstance(value, str) or not _HEIGHT.fullmatch(value):
        raise ValueError("not the text of a height")
    return read_height(int(value))


def read_header_of(value: Json, block_hash: str) -> bytes:
    """Read `/block/:hash/header`; raise ValueError if it is not of the block asked for."""
    raw = read_block_header(value)
    if header_hash(raw) != block_hash:
        raise ValueError(f"header of block {header_hash(raw)}, {block_hash} was asked for")
    return raw


def read_page(value: Json) -> History:
    """Read a page of `/scripthash/:sh/txs/chain`: identifiers and heights, newest first."""
    if not isinstance(value, tuple) or len(value) > MAX_PAGE:
        raise ValueError(f"page is not a list of {MAX_PAGE} transactions at most")
    return tuple(_listed(item) for item in value)


def _listed(item: Json) -> tuple[str, int]:
    match item:
        case {"txid": txid, "status": {"confirmed": True, "block_height": height}}:
            return read_hash(txid), read_height(height)
    raise ValueError("not a transaction in a block")
