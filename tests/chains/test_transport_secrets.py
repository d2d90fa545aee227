from __future__ import annotations

import datetime as dt
import ipaddress
import logging
import os
import ssl
import traceback
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chains.transport import Endpoint, HttpSource
from config.errors import InputError
from tests.chains.echo import ALL, CALLS, GOOD, QUICK, ask, source_at
from tests.misbehaving import Reply, always, serve

if TYPE_CHECKING:
    from pathlib import Path


SECRET = "pa55%2Fword"  # noqa: S105 - a made-up one


def test_user_and_password_become_basic_authentication() -> None:
    with serve(GOOD) as server:
        source_at(server.url.replace("//", f"//us%40er:{SECRET}@")).ask(CALLS)
    scheme, token = server.headers[0]["Authorization"].split(" ")
    assert (scheme, b64decode(token)) == ("Basic", b"us@er:pa55/word")


def test_secrets_are_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serve(always(Reply(b"x", 500, (("Malformed header", "x"),)))) as server:
        url = server.url.replace("//", f"//user:{SECRET}@") + "/v3/k3y?apikey=k3y"
        endpoint = Endpoint("node-1", "acme", url)
        source = HttpSource(endpoint, lambda _seconds: None, QUICK)
        texts = [repr(source), str(source), repr(endpoint), repr(source.ask(CALLS)), caplog.text]
    assert not any(secret in text for text in texts for secret in ("pa55", "k3y", "user"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "node",
        "ftp://s3cret@host/",
        "file:///etc/s3cret",
        "http://",
        "http://s3cret@",
        "http://s3cret:x@host:99999/",
        "http://host:0/s3cret",
        "http://host:s3cret/",
        "http://[s3cret/",
        "http://*.s3cret/",
        "//host/s3cret",
    ],
)
def test_a_url_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(InputError, match="url of source 'node-1' not understood") as caught:
        source_at(url)
    assert "s3cret" not in f"{caught.value.what} {caught.value.hint}"
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_the_environment_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login u password p\n")
    os.chmod(netrc, 0o600)  # noqa: PTH101 - netrc must be private to be read at all
    monkeypatch.setenv("NETRC", str(netrc))
    told = ask(GOOD)
    assert told.words == ALL
    assert "Authorization" not in told.headers[0]


@pytest.fixture
def untrusted(tmp_path: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=2))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_certificate_nobody_vouches_for_is_refused(
    untrusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The environment cannot add a trusted authority either.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "server.pem"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "server.pem"))
    with serve(GOOD, untrusted) as server:
        found = source_at(server.url).ask(CALLS)
        assert {exchange.error for exchange in found} == {"unreachable"}
        assert server.requests == []
