from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.nodes.litecoind import Litecoind, litecoind

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = """\
from electrumx.server.transport import PaddedRSTransport

PaddedRSTransport.WAIT_FOR_BUFFER_GROWTH_SECONDS = 0.01
"""


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


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings for e-x, so that it does not hold small answers back for a second.

    It does so to hide from onlookers what it sends; nothing else of it changes.
    """
    folder = tmp_path_factory.mktemp("quick")
    (folder / "sitecustomize.py").write_text(PATIENCE)
    return {"PYTHONPATH": str(folder)}
