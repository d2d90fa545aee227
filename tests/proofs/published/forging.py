"""Files of the published formats as a dishonest publisher would write them, made the slow way.

Each maker puts two leaves under one root of whatever total it likes, and gives the file that one of
the two customers would be shown, with whatever amount beside his own.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofs.published.bybit import LISTS

VECTORS = Path(__file__).parents[2] / "vectors" / "inclusion"
CHECKED = ("okx-v1.json", "bybit-40.json", "bitget-2026.json", "bitget-readme.json")
"""Files with a path that is checked."""
MARK = "number "


@dataclass(frozen=True, slots=True)
class Told:
    """What one of two customers is told."""

    mine: int
    beside: int
    left: bool
    """He has the left leaf."""


def vector(name: str) -> bytes:
    return (VECTORS / name).read_bytes()


def document(name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """Give a file as JSON; a number with a point is marked text, so that it keeps its digits."""
    return json.loads(vector(name), parse_float=lambda text: f"{MARK}{text}")


def dump(document: object) -> bytes:
    """Write what `document` gave."""
    return re.sub(f'"{MARK}([^"]*)"', r"\1", json.dumps(document, ensure_ascii=False)).encode()


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def okx_v1(balances: tuple[int, int], total: int, told: Told) -> bytes:
    """Give a file of OKX's first format; the leaves are those of the true balances."""

    def amounts(units: int) -> dict[str, str]:
        return {"BTC": str(units), "ETH": "0", "USDT": "0"}

    hashes = [
        sha(f"nonce{place}" + json.dumps(amounts(one), separators=(",", ":")))
        for place, one in enumerate(balances)
    ]
    place = 0 if told.left else 1
    types = (1, 2)
    own = {"nonce": f"nonce{place}", "hash": hashes[place], "type": types[place], "height": 1}
    other = {"hash": hashes[1 - place], "type": types[1 - place], "height": 1}
    root = {"hash": sha(f"{hashes[0]}{hashes[1]}{total}002"), "type": 3, "height": 2}
    return _file(
        own | {"balances": amounts(told.mine)},
        other | {"balances": amounts(told.beside)},
        root | {"balances": amounts(total)},
    )


def bybit(balances: tuple[int, int], total: int, told: Told) -> bytes:
    """Give a file of Bybit's format."""

    def amounts(units: int) -> dict[str, str]:
        return {coin: f"{units if coin == 'BTC' else 0}.00000000" for coin in LISTS[0]}

    users = (sha("user 0"), sha("user 1"))
    hashes = [
        sha(user + "".join(amounts(one).values()))
        for user, one in zip(users, balances, strict=True)
    ]
    place = 0 if told.left else 1
    types = (1, 2)
    own = {"userHash": users[place], "hash": hashes[place], "type": types[place], "height": 1}
    other = {"hash": hashes[1 - place], "type": types[1 - place], "height": 1}
    made = sha(f"{hashes[0]}{hashes[1]}{''.join(amounts(total).values())}2")
    return _file(
        own | {"balance": amounts(told.mine)},
        other | {"balance": amounts(told.beside)},
        {"hash": made, "type": 3, "height": 2, "balance": amounts(total)},
    )


def bitget(balances: tuple[int, int], total: int, told: Told, digits: int = 16) -> bytes:
    """Give a file of Bitget's format."""

    def amounts(units: int) -> dict[str, str]:
        return {"BTC": str(units)}

    def written(units: int) -> str:
        return json.dumps(amounts(units), separators=(",", ":"))

    hashes = [
        sha(f"user{place},nonce,{written(one)}")[:digits] for place, one in enumerate(balances)
    ]
    place = 0 if told.left else 1
    roles = (1, 2)
    own = {"encryptUid": f"user{place}", "nonce": "nonce", "auditId": "Au", "level": 2}
    return _file(
        own | {"merkelLeaf": hashes[place], "role": roles[place], "balances": amounts(told.mine)},
        {
            "merkelLeaf": hashes[1 - place],
            "role": roles[1 - place],
            "level": 2,
            "balances": amounts(told.beside),
        },
        {
            "merkelLeaf": sha(f"{hashes[0]}{hashes[1]},{written(total)},1")[:digits],
            "level": 1,
            "balances": amounts(total),
        },
    )


def okx_shares(total: tuple[str, str, str], *shares: tuple[str, str, str]) -> bytes:
    """Give a customer's file of OKX's second format; every hash is right."""

    def amounts(one: tuple[str, str, str]) -> dict[str, str]:
        return dict(zip(("BTC", "ETH", "USDT"), one, strict=True))

    customer = sha("nonce" + json.dumps(amounts(total), separators=(",", ":")))
    nodes = [{"balances": amounts(one), "hash": sha(customer + "".join(one))} for one in shares]
    whole = {"hash": customer, "nonce": "nonce", "totalBalances": amounts(total)}
    return json.dumps(whole | {"nodes": nodes}).encode()


def okx_line(digest: str, height: int, units: int) -> str:
    return f'{digest},{height},{{"BTC":"{units}","ETH":"0","USDT":"0"}}'


def okx_tree(leaves: tuple[int, int], filling: tuple[str | None, int]) -> list[str]:
    """Give the lines of a tree of two leaves under one node, and a node without children beside it.

    Args:
        leaves: their amounts.
        filling: hash (None: that of its neighbour) and amount of the node that fills the gap.
    """
    digests = sha("leaf 0"), sha("leaf 1")
    held = sum(leaves)
    node = sha(f"{digests[1]}{digests[0]}{held}002")
    digest, amount = filling[0] or node, filling[1]
    root = sha(f"{node}{digest}{held + amount}003")
    return [
        *(okx_line(root, 3, held + amount), okx_line(digest, 2, amount), okx_line(node, 2, held)),
        *(okx_line(one, 1, units) for one, units in zip(digests, leaves, strict=True)),
    ]


MAKERS = {"okx-v1": okx_v1, "bybit": bybit, "bitget": bitget}


def _file(own: dict[str, object], other: dict[str, object], root: dict[str, object]) -> bytes:
    return json.dumps({"self": own, "path": [other, root]}).encode()
