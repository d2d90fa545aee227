"""A real node with a liar in front of it: each reply is the node's own, changed item by item."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, TypeAlias

from tests.misbehaving import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.misbehaving import Json, Script
    from tests.nodes.anvil import Anvil

Change: TypeAlias = "Callable[[str, list[Json], Json], Json]"
"""Given method, parameters and the node's result, gives another result; Ellipsis for an error."""


def forwarded(node: Anvil, change: Change, ask: Change | None = None) -> Script:
    """Pass requests on to a node.

    Args:
        node: the node.
        change: applied to each result.
        ask: applied to each call's parameters first; given the method, the parameters and None.
    """

    def script(request: Json, _number: int) -> Reply:
        calls = request if isinstance(request, list) else [request]
        sent = [
            {**call, "params": ask(call["method"], call["params"], None)} if ask else call
            for call in calls
        ]
        replies = {reply["id"]: reply for reply in _post(node, sent)}
        items = [_changed(call, replies[call["id"]], change) for call in calls]
        return Reply(json.dumps(items if isinstance(request, list) else items[0]).encode())

    return script


def _changed(call: dict[str, Json], reply: dict[str, Json], change: Change) -> dict[str, Json]:
    if "result" not in reply:
        return reply
    result = change(call["method"], call["params"], reply["result"])
    if result is ...:
        error = {"code": -32000, "message": "no"}
        return {"jsonrpc": "2.0", "id": call["id"], "error": error}
    return {**reply, "result": result}


def _post(node: Anvil, batch: list[Json]) -> list[dict[str, Json]]:
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/", json.dumps(batch), headers)
        replies: list[dict[str, Json]] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return replies
