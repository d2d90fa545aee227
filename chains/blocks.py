"""Which blocks a node has: the hash at a height, and the newest block.

A verifier compares a statement's pins with his own node's word, and whoever issues a challenge
names a recent block. None means that the node did not say; it is never taken for agreement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from chains.evidence import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chains.evidence import Json, Source


_NUMBER = re.compile(r"0x(0|[1-9a-f][0-9a-f]{0,15})", re.ASCII)
_HASH = re.compile(r"(0x)?[0-9a-f]{64}", re.ASCII)


class Blocks(Protocol):
    """How a family's nodes are asked for blocks."""

    def hash_at(self, source: Source, height: int) -> str | None:
        """Give the hash at a height, in the form a pin has it; None if the node did not say."""

    def head(self, source: Source) -> tuple[int, str] | None:
        """Give height and hash of the newest block; None if the node did not say."""


class _Evm:
    def hash_at(self, source: Source, height: int) -> str | None:
        block = self._block(source, hex(height))
        return block[1] if block is not None and block[0] == height else None

    def head(self, source: Source) -> tuple[int, str] | None:
        return self._block(source, "latest")

    def _block(self, source: Source, which: str) -> tuple[int, str] | None:
        match _ask(source, "eth_getBlockByNumber", which, False):
            case {"number": str(number), "hash": str(digest)} if _NUMBER.fullmatch(number):
                return (int(number, 16), digest) if _HASH.fullmatch(digest) else None
        return None


class _Utxo:
    def hash_at(self, source: Source, height: int) -> str | None:
        digest = _ask(source, "getblockhash", height)
        return digest if isinstance(digest, str) and _HASH.fullmatch(digest) else None

    def head(self, source: Source) -> tuple[int, str] | None:
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
