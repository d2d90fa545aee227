"""The `core` dialect against a real node of that family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chains.evidence import Call
from chains.transport import Endpoint, HttpSource, Limits
from tests.nodes.litecoind import litecoind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.nodes.litecoind import Litecoind

pytestmark = pytest.mark.nodes

COUNT = Call("getblockcount", ())
UNKNOWN = Call("nosuchmethod", ())
WRONG = Call("getblockhash", (10**6,))
IDLE = Call("scantxoutset", ("status",))


@pytest.fixture(scope="module")
def node() -> Iterator[Litecoind]:
    with litecoind() as running:
        yield running


@pytest.fixture
def source(node: Litecoind) -> Iterator[HttpSource]:
    found = HttpSource(Endpoint("node-1", "acme", node.url, "core"), lambda _seconds: None)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("call", "result", "error"),
    [
        (COUNT, 0, None),
        (IDLE, None, None),
        (WRONG, None, "rpc_error"),
        (UNKNOWN, None, "rpc_error"),
    ],
)
def test_single_calls_have_an_answer_under_any_status(
    source: HttpSource, call: Call, result: int | None, error: str | None
) -> None:
    (exchange,) = source.ask([call])
    assert (exchange.result, exchange.error) == (result, error)


def test_a_batch_has_results_and_errors_side_by_side(source: HttpSource) -> None:
    exchanges = source.ask([COUNT, WRONG, UNKNOWN, IDLE])
    assert [item.error for item in exchanges] == [None, "rpc_error", "rpc_error", None]
    assert [item.result for item in exchanges] == [0, None, None, None]


def test_numbers_with_a_fraction_are_the_nodes_own_text(source: HttpSource) -> None:
    (exchange,) = source.ask([Call("getblockchaininfo", ())])
    assert isinstance(exchange.result, dict)
    assert isinstance(exchange.result["difficulty"], str)


def test_a_wrong_password_is_no_answer_and_is_not_tried_again(node: Litecoind) -> None:
    pauses: list[float] = []
    url = node.url.replace("only-on-loopback", "wrong")
    source = HttpSource(Endpoint("node-1", "acme", url, "core"), pauses.append, Limits())
    assert [item.error for item in source.ask([COUNT])] == ["unreachable"]
    assert pauses == []
    source.close()
