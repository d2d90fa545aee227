"""How long, how much and how many: every bound of a conversation with an Electrum server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Named limits of one source."""

    connect_seconds: float = 10.0
    """For the connection, and again for the TLS handshake."""
    read_seconds: float = 60.0
    """Silence on an open connection after which it is given up; servers answer "busy" after 30."""
    flight: int = 256
    """Requests on the way at once. e-x holds small answers up to a second until 1024 bytes of them
    have gathered: some 30 answers, so that there must be many more questions than that."""
    flight_bytes: int = 1 << 16
    """Bytes of requests on the way at once. So few fit into the buffers of the two sockets, so that
    writing never waits for a server that waits for us to read."""
    line_bytes: int = 1 << 27
    """One line: 128 MiB hold a history of more than a million transactions; a recording takes no
    longer line."""
    reply_bytes: int = 1 << 29
    """All lines that answer one batch: 512 MiB, more than which a recording does not hold."""
    strays: int = 1000
    """Lines a batch that answer nothing: a new block is announced by one, a flood by more."""
    batch: int = 10_000
    """Calls for which attempts are counted together; between batches nothing is on the way, which
    costs e-x's second once each."""
    attempts: int = 5


DEFAULT_LIMITS = Limits()
