"""An Esplora server for tests: a thin HTTP adapter in front of a real node's blocks.

    with litecoind("-txindex=1") as node, esplora(node) as server:
        ...  # server.url is esplora+http://127.0.0.1:…

No package with the real server is at hand. What it would have in an index is taken from the node's
own blocks, anew whenever its best block has changed; transactions, headers and hashes are the
node's word for word. Histories come in pages, newest first.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.chains.utxo.history.minting import tree
from tests.misbehaving import Reply, serve
from tests.nodes.litecoind import NodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.nodes.litecoind import Litecoind


@dataclass(slots=True)
class Esplora:
    """A running server."""

    node: Litecoind
    page: int
    url: str = ""
    change: Callable[[str, Any], Any] = lambda _path, answer: answer
    """Given each path and its answer, gives what is sent."""
    paths: list[str] = field(default_factory=list)
    _best: str = ""
    _blocks: list[dict[str, Any]] = field(default_factory=list)
    _histories: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def reply(self, path: str) -> Reply:
        self.paths.append(path)
        try:
            answer = self.change(path, self._answer(path.split("/")[1:]))
        except (LookupError, NodeError, ValueError):
            return Reply(b"not found", 404)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return Reply(text.encode())

    def _answer(self, parts: list[str]) -> Any:  # noqa: ANN401 - text, or whatever JSON holds
        match parts:
            case ["blocks", "tip", "height"]:
                return str(self.node.rpc("getblockcount"))
            case ["block-height", height]:
                return self.node.rpc("getblockhash", int(height))
            case ["block", name, "header"]:
                return self.node.rpc("getblockheader", name, False)
            case ["tx", txid, "hex"]:
                return self.node.rpc("getrawtransaction", txid)
            case ["tx", txid, "merkle-proof"]:
                return self._proof(txid)
            case ["scripthash", name, "txs", "chain", *rest]:
                return self._page(name, rest[0] if rest else None)
        raise LookupError(parts)

    def _page(self, name: str, last: str | None) -> list[dict[str, Any]]:
        self._index()
        newest = self._histories.get(name, [])[::-1]
        start = 1 + [txid for txid, _ in newest].index(last) if last else 0
        return [
            {"txid": txid, "status": {"confirmed": True, "block_height": height}}
            for txid, height in newest[start : start + self.page]
        ]

    def _proof(self, txid: str) -> dict[str, Any]:
        self._index()
        height, txids = next(
            (block["height"], names)
            for block in self._blocks
            if txid in (names := [one["txid"] for one in block["tx"]])
        )
        position = at = txids.index(txid)
        siblings = []
        for level in tree(txids)[:-1]:
            siblings.append(level[min(at ^ 1, len(level) - 1)])
            at //= 2
        return {"block_height": height, "merkle": siblings, "pos": position}

    def _index(self) -> None:
        """Read all blocks again if the best one has changed."""
        best = self.node.rpc("getbestblockhash")
        if best == self._best:
            return
        height = self.node.rpc("getblockcount")
        names = [self.node.rpc("getblockhash", at) for at in range(1, height + 1)]
        self._blocks = [self.node.rpc("getblock", name, 2) for name in names]
        self._histories, made = {}, {}
        for block in self._blocks:
            for transaction in block["tx"]:
                scripts = []
                for output in transaction["vout"]:
                    script = output["scriptPubKey"]["hex"]
                    made[transaction["txid"], output["n"]] = script
                    scripts.append(script)
                scripts += [
                    made[one["txid"], one["vout"]] for one in transaction["vin"] if "txid" in one
                ]
                for script in dict.fromkeys(scripts):
                    name = hashlib.sha256(bytes.fromhex(script)).hexdigest()
                    self._histories.setdefault(name, []).append(
                        (transaction["txid"], block["height"])
                    )
        self._best = best


@contextmanager
def esplora(node: Litecoind, page: int = 25) -> Iterator[Esplora]:
    """Run an adapter on a free loopback port for the length of a `with` block.

    Args:
        node: started with `-txindex=1`.
        page: transactions on a page.
    """
    found = Esplora(node, page)
    with serve(lambda path, _number: found.reply(path)) as server:
        found.url = server.url.replace("http://", "esplora+http://")
        yield found
