"""Where an Electrum server listens, and how its connection is made sure of. Pure.

    electrum+tcp://host:port                    no encryption: for a server of one's own
    electrum+tls://host:port                    the system's authorities vouch for the host's name
    electrum+tls://host:port#sha256=<64 hex>    exactly this certificate, and no other way

The digest is SHA-256 of the server's own certificate in DER form, which is what `openssl x509
-fingerprint -sha256` prints without its colons. Most public servers sign their own certificate, so
that no authority vouches for it; the digest must then come from the operator by another road.
Trusting whatever certificate is met first was refused: it is no evidence of who answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.errors import InputError

if TYPE_CHECKING:
    from chains.transport import Endpoint

MAX_PORT = 65535

_URL = re.compile(
    r"electrum\+(?P<layer>tcp|tls)://(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]\s]+)"
    r":(?P<port>[0-9]{1,5})(?:#sha256=(?P<pin>[0-9A-Fa-f]{64}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Place:
    """What to connect to."""

    host: str = field(repr=False)
    """Name or address in ASCII; a provider may have put a key into it."""
    port: int = field(repr=False)
    tls: bool
    pin: bytes | None = None
    """SHA-256 of the one certificate that is accepted; None: the system's authorities decide."""


def parse_place(endpoint: Endpoint) -> Place:
    """Read an endpoint's URL.

    Raises:
        InputError: the URL is not of the forms above; the message does not show it.
    """
    hint = "write electrum+tls://host:port, electrum+tcp://host:port, or add #sha256= to tls"
    fault = InputError(f"url of source {endpoint.name!r} not understood", hint)
    match = _URL.fullmatch(endpoint.url)
    if match is None:
        raise fault
    port, pin, tls = int(match["port"]), match["pin"], match["layer"] == "tls"
    if not 1 <= port <= MAX_PORT or (pin is not None and not tls):
        raise fault
    try:
        host = match["host"].strip("[]").encode("idna").decode("ascii")
    except UnicodeError:
        # Not chained: the library's text holds the host.
        raise fault from None
    return Place(host, port, tls, None if pin is None else bytes.fromhex(pin))
