"""One TCP or TLS connection to an Electrum server: bytes out, whole lines in.

With `chains.transport` the only module that opens connections. Invariants:

- a TLS connection is verified before a byte is written over it: by the system's authorities and the
  host's name, or by the digest of the server's certificate alone. There is no third way;
- a line is read up to a limit, and silence is waited out up to a limit;
- whatever fails is `Broken` with a code of ours: a library's text may name the host.

The system's authorities are those that OpenSSL is set up with; its variables SSL_CERT_FILE and
SSL_CERT_DIR say where they lie. SSLKEYLOGFILE, which the library's ready-made context obeys by
writing out session secrets, is not read.

A server that sends an answer byte by byte is bounded by the limit of a line alone, since no clock
is read here.
"""

from __future__ import annotations

import socket
import ssl
from hashlib import sha256
from typing import TYPE_CHECKING
from weakref import finalize

from chains.electrum.flight import Broken

if TYPE_CHECKING:
    from chains.electrum.limits import Limits
    from chains.electrum.place import Place

_CHUNK = 1 << 16


class Connection:
    """An open connection."""

    def __init__(self, opened: socket.socket, limits: Limits) -> None:
        self._socket = opened
        self._limit = limits.line_bytes
        self._rest = bytearray()
        opened.settimeout(limits.read_seconds)
        # Nobody closes the sources of a reading, whose life is the command's.
        finalize(self, opened.close)

    def send(self, data: bytes) -> None:
        """Write all of it; raise Broken."""
        try:
            self._socket.sendall(data)
        except OSError:
            raise Broken("unreachable") from None

    def lines(self) -> tuple[bytes, ...]:
        """Wait for some bytes and give the lines they complete, without their ends.

        Raises:
            Broken: `unreachable` at the connection's end or after silence, `too_large` if a line is
                longer than the limit.
        """
        try:
            chunk = self._socket.recv(_CHUNK)
        except OSError:
            raise Broken("unreachable") from None
        if not chunk:
            raise Broken("unreachable")
        first, *others = chunk.split(b"\n")
        self._rest += first
        if len(self._rest) > self._limit:
            raise Broken("too_large")
        if not others:
            return ()
        whole = (bytes(self._rest), *others[:-1])
        self._rest = bytearray(others[-1])
        return whole

    def close(self) -> None:
        """Close without waiting for the other side."""
        self._socket.close()


def connect(place: Place, limits: Limits) -> Connection:
    """Open a connection, verified if it is TLS; raise Broken."""
    try:
        plain = socket.create_connection((place.host, place.port), limits.connect_seconds)
    except (OSError, ValueError):
        # A host name that the resolver cannot even encode is a ValueError.
        raise Broken("unreachable") from None
    try:
        # Else a few requests wait until the other system has confirmed those before them.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Connection(_secured(plain, place) if place.tls else plain, limits)
    except (OSError, ValueError):
        plain.close()
        raise Broken("unreachable") from None


def _secured(plain: socket.socket, place: Place) -> ssl.SSLSocket:
    """Do the TLS handshake and verify the certificate; raise OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if place.pin is None:
        context.load_default_certs()
        return context.wrap_socket(plain, server_hostname=place.host)
    # The digest below is the whole verification: authority, name and dates have no say in it.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    secured = context.wrap_socket(plain, server_hostname=place.host)
    certificate = secured.getpeercert(binary_form=True)
    if certificate is None or sha256(certificate).digest() != place.pin:
        secured.close()
        raise ssl.SSLError("certificate is not the pinned one")
    return secured
