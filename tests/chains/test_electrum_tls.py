"""The Electrum source over TLS: who is believed to be the server, and who is not."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.chains.certificates import make
from tests.chains.electrum_server import ALL, CALLS, GOOD, QUICK, serve, source_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chains.certificates import Certificate
    from tests.chains.electrum_server import Peer, Script, Server

ONCE = replace(QUICK, attempts=1)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """An authority that the system believes."""
    found = make("authority")
    (tmp_path / "authorities.pem").write_bytes(found.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authorities.pem"))
    return found


def words(server: Server, pin: str | None = None, host: str = "127.0.0.1") -> list[object]:
    """Ask a server with TLS and give what came of each call."""
    url = server.url.replace("tcp", "tls").replace("127.0.0.1", host)
    source = source_at(url if pin is None else f"{url}#{pin}", limits=ONCE)
    found = source.ask(CALLS)
    source.close()
    return [item.result if item.error is None else item.error for item in found]


REFUSED = ["unreachable"] * 5


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_of_a_known_authority_is_believed(
    authority: Certificate, tmp_path: Path, host: str
) -> None:
    with serve(GOOD, make(host, authority).server(tmp_path)) as server:
        assert ALL == words(server, host=host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "node.example"])
def test_a_certificate_of_another_host_is_refused(
    authority: Certificate, tmp_path: Path, host: str
) -> None:
    with serve(GOOD, make(host, authority).server(tmp_path)) as server:
        assert REFUSED == words(server)
        assert [] == server.requests


def test_a_certificate_that_has_expired_is_refused(authority: Certificate, tmp_path: Path) -> None:
    with serve(GOOD, make("127.0.0.1", authority, days=0).server(tmp_path)) as server:
        assert REFUSED == words(server)
        assert [] == server.requests


@pytest.mark.usefixtures("authority")
def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with serve(GOOD, make("127.0.0.1").server(tmp_path)) as server:
        assert REFUSED == words(server)
        assert [] == server.requests


@pytest.mark.parametrize(("host", "days"), [("127.0.0.1", 2), ("node.example", 2), ("other", 0)])
def test_a_pinned_certificate_is_believed_whatever_it_says(
    tmp_path: Path, host: str, days: int
) -> None:
    certificate = make(host, days=days)
    with serve(GOOD, certificate.server(tmp_path)) as server:
        assert ALL == words(server, certificate.pin)
        assert ALL == words(server, certificate.pin.upper().replace("SHA256", "sha256"))


def test_where_one_is_pinned_no_other_certificate_is_believed(
    authority: Certificate, tmp_path: Path
) -> None:
    certificate = make("127.0.0.1", authority)
    with serve(GOOD, certificate.server(tmp_path)) as server:
        assert ALL == words(server)
        for pin in (authority.pin, make("127.0.0.1", authority).pin, "sha256=" + "0" * 64):
            before = len(server.requests)
            assert REFUSED == words(server, pin)
            # The handshake was done, and then not a byte was written.
            assert [[]] * (len(server.requests) - before) == server.requests[before:]


@pytest.mark.parametrize("digit", range(64))
def test_every_digit_of_a_pin_counts(tmp_path: Path, digit: int) -> None:
    certificate = make("127.0.0.1")
    at = len("sha256=") + digit
    changed = "0" if certificate.pin[at] != "0" else "1"
    with serve(GOOD, certificate.server(tmp_path)) as server:
        assert REFUSED == words(server, certificate.pin[:at] + changed + certificate.pin[at + 1 :])


def shout(peer: Peer) -> None:
    peer.write(b'{"jsonrpc":"2.0","id":1,"result":["s","1.4"]}\n' * 100)


def wait(peer: Peer) -> None:
    while not peer.silent_for(5):
        peer.forget()


@pytest.mark.parametrize("script", [shout, wait])
@pytest.mark.parametrize("pin", [None, "sha256=" + "0" * 64])
def test_plain_text_on_a_tls_port_is_refused(script: Script, pin: str | None) -> None:
    with serve(script) as server:
        url = server.url.replace("tcp", "tls") + (f"#{pin}" if pin else "")
        source = source_at(url, limits=replace(ONCE, connect_seconds=0.2))
        start = time.monotonic()
        assert {"unreachable"} == {item.error for item in source.ask(CALLS)}
        assert time.monotonic() - start < 2


def test_tls_on_a_plain_port_is_no_answer(tmp_path: Path) -> None:
    with serve(GOOD, make("127.0.0.1").server(tmp_path)) as server:
        source = source_at(server.url.replace("tls", "tcp"), limits=ONCE)
        assert {item.error for item in source.ask(CALLS)} <= {"unreachable", "bad_reply"}
        assert [] == server.requests


def test_session_secrets_are_not_written_out(
    authority: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "secrets"))
    certificate = make("127.0.0.1", authority)
    with serve(GOOD, certificate.server(tmp_path)) as server:
        assert ALL == words(server)
        assert ALL == words(server, certificate.pin)
    assert not (tmp_path / "secrets").exists()


def test_many_calls_go_together_over_tls(authority: Certificate, tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        for request in peer:
            peer.send({"jsonrpc": "2.0", "id": request["id"], "result": ["s", "1.4"]})

    with serve(script, make("127.0.0.1", authority).server(tmp_path)) as server:
        source = source_at(server.url)
        found = source.ask(CALLS * 200)
        source.close()
    assert {("s", "1.4")} == {item.result for item in found}
