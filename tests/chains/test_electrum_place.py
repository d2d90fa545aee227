from __future__ import annotations

import traceback

import pytest

from chains.electrum.place import Place, parse_place
from chains.electrum.source import ElectrumSource
from chains.transport import Endpoint
from config.errors import InputError

PIN = "0123456789abcdef" * 4


def place(url: str) -> Place:
    return parse_place(Endpoint("node-1", "acme", url))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("electrum+tcp://127.0.0.1:50001", Place("127.0.0.1", 50001, tls=False)),
        ("electrum+tls://node.example:50002", Place("node.example", 50002, tls=True)),
        ("electrum+tcp://[::1]:1", Place("::1", 1, tls=False)),
        ("electrum+tls://h:65535", Place("h", 65535, tls=True)),
        ("electrum+tls://例え.example:1", Place("xn--r8jz45g.example", 1, tls=True)),
        (f"electrum+tls://h:1#sha256={PIN}", Place("h", 1, tls=True, pin=bytes.fromhex(PIN))),
        (
            f"electrum+tls://h:1#sha256={PIN.upper()}",
            Place("h", 1, tls=True, pin=bytes.fromhex(PIN)),
        ),
    ],
)
def test_places(url: str, expected: Place) -> None:
    assert expected == place(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "s3cret:50001",
        "electrum://s3cret:50001",
        "electrum+ssl://s3cret:50001",
        "tcp://s3cret:50001",
        "https://s3cret:50001",
        "ELECTRUM+TLS://s3cret:50001",
        "electrum+tls://s3cret",
        "electrum+tls://s3cret:",
        "electrum+tls://:50001",
        "electrum+tls://s3cret:0",
        "electrum+tls://s3cret:65536",
        "electrum+tls://s3cret:50001x",
        "electrum+tls://s3cret:٥٠٠٠١",
        "electrum+tls://s3cret:50001/",
        "electrum+tls://s3cret:50001/path",
        "electrum+tls://s3cret:50001?x",
        "electrum+tls://s3cret:50001\n",
        "electrum+tls://user:s3cret@host:50001",
        "electrum+tls://s3 cret:50001",
        "electrum+tls://[s3cret]:50001",
        "electrum+tls://s3cret..example:50001",
        "electrum+tls://" + "s3cret" * 20 + ":50001",
        "electrum+tls://s3cret:50001#",
        "electrum+tls://s3cret:50001#sha256=",
        f"electrum+tls://s3cret:50001#{PIN}",
        f"electrum+tls://s3cret:50001#sha256={PIN[:-1]}",
        f"electrum+tls://s3cret:50001#sha256={PIN}0",
        f"electrum+tls://s3cret:50001#sha1={PIN[:40]}",
        f"electrum+tls://s3cret:50001#sha256={PIN}#sha256={PIN}",
        f"electrum+tcp://s3cret:50001#sha256={PIN}",
    ],
)
def test_what_is_no_place_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(InputError, match="url of source 'node-1' not understood") as caught:
        place(url)
    assert "s3cret" not in f"{caught.value.what} {caught.value.hint}"
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_hosts_are_nowhere() -> None:
    endpoint = Endpoint("node-1", "acme", "electrum+tls://k3y.example:50002")
    source = ElectrumSource(endpoint, lambda _seconds: None)
    assert "k3y" not in f"{source!r} {source} {place(endpoint.url)!r}"


def test_protocols_that_are_none_are_a_mistake_of_the_caller() -> None:
    endpoint = Endpoint("node-1", "acme", "electrum+tls://h:50002")
    with pytest.raises(ValueError, match="not the version of a protocol: '1'"):
        ElectrumSource(endpoint, lambda _seconds: None, protocols=("1", "1.6"))
