"""Asking an authority that misbehaves: a code of ours, and never the library's words."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization

from attest.timestamps import asking
from attest.timestamps.asking import NoAnswer, ask
from attest.timestamps.tokens import MAX_REPLY
from config.errors import InputError
from tests.attest.timestamps.serving import HONEST, Answer, serve
from tests.attest.timestamps.tsa import issue

if TYPE_CHECKING:
    from pathlib import Path

HTML = (("Content-Type", "text/html"),)


def still() -> float:
    return 0.0


def failure(answer: Answer) -> str:
    with serve(lambda _asked: answer) as server, pytest.raises(NoAnswer) as met:
        ask("example", server.url, b"asked", still)
    assert "127.0.0.1" not in str(met.value)
    return met.value.reason


def test_what_is_sent_and_what_comes_back() -> None:
    with serve(lambda asked: Answer(b"to " + asked)) as server:
        assert b"to asked" == ask("example", server.url, b"asked", still)

    (headers,) = server.headers
    assert "application/timestamp-query" == headers["Content-Type"]
    assert "identity" == headers["Accept-Encoding"]
    assert "Authorization" not in headers
    assert [b"asked"] == server.requests


def test_a_user_and_password_are_sent_and_never_shown() -> None:
    with serve(lambda _asked: Answer(b"x", headers=HTML)) as server:
        url = server.url.replace("//", "//someone:secret@")
        with pytest.raises(NoAnswer) as met:
            ask("example", url, b"asked", still)

    assert server.headers[0]["Authorization"].startswith("Basic ")
    assert "secret" not in str(met.value)


@pytest.mark.parametrize(
    "kind",
    ["application/timestamp-reply", "Application/Timestamp-Reply; charset=binary"],
)
def test_the_content_type_of_a_reply(kind: str) -> None:
    with serve(lambda _asked: Answer(b"x", headers=(("Content-Type", kind),))) as server:
        assert b"x" == ask("example", server.url, b"asked", still)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"<html>", headers=HTML), "content_type"),
        (Answer(b"x", headers=()), "content_type"),
        (Answer(b"x", headers=(*HONEST, ("Content-Encoding", "gzip"))), "content_type"),
        (Answer(b"x", status=500), "http_status"),
        (Answer(b"x", status=204), "http_status"),
        (Answer(status=302, headers=(("Location", "http://127.0.0.1:1/"),)), "redirected"),
        (Answer(status=307, headers=(("Location", "file:///etc/passwd"),)), "redirected"),
        (Answer(bytes(MAX_REPLY + 1)), "too_large"),
        (Answer(b"fewer", length=10), "unreachable"),
        (Answer(b"zz\r\n" + bytes(64), chunked=True), "unreachable"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_no_reply(answer: Answer, reason: str) -> None:
    assert reason == failure(answer)


def test_an_authority_that_does_not_listen() -> None:
    with serve(lambda _asked: Answer()) as server:
        pass
    with pytest.raises(NoAnswer) as met:
        ask("example", server.url, b"asked", still)

    assert ("unreachable", "example: no whole reply over HTTP") == (
        met.value.reason,
        met.value.what,
    )


def test_a_reply_that_comes_too_slowly() -> None:
    moments = iter((0.0, 1.0, asking.WHOLE_SECONDS, asking.WHOLE_SECONDS + 0.1))
    with (
        serve(lambda _asked: Answer(bytes(100), drip=0.001)) as server,
        pytest.raises(NoAnswer) as met,
    ):
        ask("example", server.url, b"asked", lambda: next(moments))

    assert "too_slow" == met.value.reason


def test_a_chunk_below_zero_is_not_read_to_the_end() -> None:
    began = time.monotonic()

    assert "unreachable" == failure(Answer(b"-1\r\n" + bytes(1000), drip=0.02, chunked=True))
    assert time.monotonic() - began < 10


def test_an_authority_that_falls_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "READ_SECONDS", 0.1)
    assert "unreachable" == failure(Answer(bytes(10), drip=0.5))


def test_a_certificate_of_ones_own(tmp_path: Path) -> None:
    own = issue("127.0.0.1", usages=())
    key = own.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "own").write_bytes(own.pem + key)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "own")
    with serve(lambda _asked: Answer(b"x"), tls) as server, pytest.raises(NoAnswer) as met:
        ask("example", server.url, b"asked", still)

    assert ("unreachable", []) == (met.value.reason, server.requests)


@pytest.mark.parametrize(
    "url",
    ["", "example", "ftp://example/", "file:///etc/passwd", "http://", "http://x:0/", "http://[/"],
)
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(InputError) as met:
        ask("example", url, b"asked", still)

    assert "url of authority 'example' not understood" == met.value.what


def test_the_environment_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with serve(lambda _asked: Answer(b"x")) as server:
        assert b"x" == ask("example", server.url, b"asked", still)
