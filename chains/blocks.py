"""Which blocks a node has: hash and time at a height, and the newest block.

A verifier compares a statement's pins with his own source's word, and whoever issues a challenge
names a recent block. Nodes and index servers are each asked in their protocol. None means that the
source did not say; it is never taken for agreement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from chains.evidence import Call
from chains.utxo import headline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chains.evidence import Json, Source


_NUMBER = re.compile(r"0x(0|[1-9a-f][0-9a-f]{0,15})", re.ASCII)
_HASH = re.compile(r"(0x)?[0-9a-f]{64}", re.ASCII)


class Blocks(Protocol):
    """How a family's nodes are asked for blocks."""

    def block_at(self, source: Source, height: int) -> tuple[str, int | None] | None:
        """Give hash and time at a height, as a pin has them; None for what the node did not say."""

    def head(self, source: Source) -> tuple[int, str] | None:
        """Give height and hash of the newest block; None if the node did not say."""


class _Evm:
    def block_at(self, source: Source, height: int) -> tuple[str, int | None] | None:
        block = self._block(source, hex(height))
        return block[1:] if block is not None and block[0] == height else None

    def head(self, source: Source) -> tuple[int, str] | None:
        block = self._block(source, "latest")
        return None if block is None else block[:2]

    def _block(self, source: Source, which: str) -> tuple[int, str, int] | None:
        match _ask(source, "eth_getBlockByNumber", which, False):
            case {"number": str(number), "hash": str(digest), "timestamp": str(time)} if (
                _NUMBER.fullmatch(number) and _NUMBER.fullmatch(time) and _HASH.fullmatch(digest)
            ):
                return int(number, 16), digest, int(time, 16)
        return None


class _Utxo:
    def block_at(self, source: Source, height: int) -> tuple[str, int | None] | None:
        if source.protocol != "json-rpc":
            return headline.block_at(source, height)
        digest = _ask(source, "getblockhash", height)
        if not isinstance(digest, str) or not _HASH.fullmatch(digest):
            return None
        match _ask(source, "getblockheader", digest):
            case {"height": int(met), "mediantime": int(time)} if met == height:
                return digest, time
        return digest, None

    def head(self, source: Source) -> tuple[int, str] | None:
        if source.protocol != "json-rpc":
            return headline.head(source)
        digest = _ask(source, "getbestblockhash")
        if not isinstance(digest, str) or not _HASH.fullmatch(digest):
            return None
        match _ask(source, "getblockheader", digest):
            case {"height": int(height)} if height >= 0:
                return height, digest
        return None


def _ask(source: Source, method: str, *params: Json) -> Json:
    return source.ask((Call(method, params),))[0].result


BLOCKS: Mapping[str, Blocks] = {"evm": _Evm(), "utxo": _Utxo()}
