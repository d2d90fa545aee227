"""The sources: for each scheme of an endpoint, what asks it. Imported by observe alone.

    https://…   JSON-RPC of a node           electrum+tls://…    an Electrum server
    http://…    the same, not encrypted      electrum+tcp://…    the same, not encrypted
                                             esplora+https://…   an Esplora server, or esplora+http

Electrum and Esplora index chains of the Bitcoin family alone. Adding a scheme is one line here, and
one in the check of endpoints in `config.declaration`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chains.electrum.source import ElectrumSource
from chains.esplora import EsploraSource
from chains.pace import unpaced
from chains.transport import DEFAULT_LIMITS, HttpSource, Limits
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chains.evidence import Source
    from chains.transport import Endpoint
    from config.registry import Chain


class Open(Protocol):
    """Makes a source without connecting; raises InputError."""

    def __call__(
        self,
        endpoint: Endpoint,
        pause: Callable[[float], None],
        *,
        pace: Callable[[int], None],
    ) -> Source:
        """Give the source."""


EVM_LIMITS = Limits(body_bytes=1 << 26)
"""64 MiB hold the code of a thousand contracts; what is parsed takes a dozen times as much."""

INDEXERS: Mapping[str, Open] = {
    "electrum+tcp": ElectrumSource,
    "electrum+tls": ElectrumSource,
    "esplora+http": EsploraSource,
    "esplora+https": EsploraSource,
}
"""Schemes of servers that index a chain of the Bitcoin family by script."""


def open_source(
    chain: Chain,
    endpoint: Endpoint,
    pause: Callable[[float], None],
    pace: Callable[[int], None] = unpaced,
) -> Source:
    """Make the source that an endpoint's scheme names, without connecting.

    Args:
        chain: the chain it shall be asked about.
        endpoint: its URL with all secrets in place.
        pause: waits for some seconds.
        pace: called with the number of calls before they are sent; waits until they may go.

    Raises:
        InputError: the URL is not one, or its scheme does not serve the chain; no message shows it.
    """
    scheme = endpoint.url.partition("://")[0]
    if scheme not in INDEXERS:
        limits = EVM_LIMITS if chain.family == "evm" else DEFAULT_LIMITS
        return HttpSource(endpoint, pause, limits, pace=pace)
    if chain.family != "utxo":
        hint = "write http:// or https:// and a node's JSON-RPC endpoint"
        raise InputError(f"{scheme} does not serve {chain.name}", hint)
    return INDEXERS[scheme](endpoint, pause, pace=pace)
