from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.nodes.litecoind import Litecoind, litecoind

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def node() -> Iterator[Litecoind]:
    with litecoind() as running:
        yield running


@pytest.fixture
def second_node() -> Iterator[Litecoind]:
    with litecoind() as running:
        yield running


@pytest.fixture(scope="module")
def shared_node() -> Iterator[Litecoind]:
    """One node for tests that only ask it to compute."""
    with litecoind() as running:
        yield running
