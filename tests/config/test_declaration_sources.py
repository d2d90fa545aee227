"""The `[sources]` tables: who is asked, how many must agree, and no secret in the file."""

from __future__ import annotations

import pytest

from config.declaration import Declaration, parse_declaration, parse_sources
from tests.config.known import BITCOIN, REGISTRY, refusal

MINIMAL = """\
[entity]
name = "Example Exchange"
[attestation]
series = "example-monthly"
network = "main"
[inputs]
accounts = "accounts.csv"
"""


def read(text: str) -> Declaration:
    return parse_declaration(text.encode(), "d.toml", REGISTRY)


def refused(text: str) -> str:
    return str(refusal(read, text))


def source(*lines: str, chain: str = "bitcoin") -> str:
    return MINIMAL + f'[sources."{chain}"]\n' + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((), "sources.bitcoin: give either endpoints or recorded"),
        (("endpoints = []",), "sources.bitcoin: give either endpoints or recorded"),
        (
            ('endpoints = ["http://h"]', 'recorded = "r"'),
            "sources.bitcoin: give either endpoints or recorded",
        ),
        (
            ('endpoints = ["http://h"]', 'recorded = ""'),
            "sources.bitcoin.recorded: string should have at least 1 character, met ''",
        ),
        (
            ('endpoints = ["http://h", "http://i"]', 'operators = ["a"]'),
            "sources.bitcoin: 1 operators for 2 endpoints",
        ),
        (('recorded = "r"', 'operators = ["a"]'), "sources.bitcoin: 1 operators for 0 endpoints"),
        (
            ('endpoints = ["http://h"]', "quorum = 2"),
            "sources.bitcoin: quorum 2 with 1 operators can never be met",
        ),
        (
            ('endpoints = ["http://h", "http://i"]', 'operators = ["a", "a"]', "quorum = 2"),
            "sources.bitcoin: quorum 2 with 1 operators can never be met",
        ),
        (
            ('endpoints = ["http://h", "http://h/"]', 'operators = ["a", "b"]', "quorum = 2"),
            "sources.bitcoin.endpoints: one endpoint is given twice",
        ),
        (
            ('endpoints = ["http://h", "http://i"]', 'operators = ["Acme", "acme"]'),
            "sources.bitcoin.operators: two names differ only in case",
        ),
        (
            ('endpoints = ["http://h"]', 'operators = [""]'),
            (
                "sources.bitcoin.operators.0: string should match pattern "
                "'^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$', met ''"
            ),
        ),
        (
            ('recorded = "r"', "quorum = 0"),
            "sources.bitcoin.quorum: input should be greater than or equal to 1, met 0",
        ),
        (
            ('recorded = "r"', "confirmations = 5"),
            "sources.bitcoin: confirmations 5 is less than the registry's 6",
        ),
    ],
)
def test_sources_that_are_not_whole_are_refused(lines: tuple[str, ...], message: str) -> None:
    assert f"d.toml: {message}" == refused(source(*lines))
    assert f"s.toml: {message}" == str(
        refusal(parse_sources, source(*lines).removeprefix(MINIMAL).encode(), "s.toml", REGISTRY)
    )


def test_a_chain_has_one_table() -> None:
    text = source('recorded = "r"') + f'[sources."{BITCOIN}"]\nrecorded = "s"\n'
    assert f"d.toml: sources.{BITCOIN}: sources of bitcoin are given twice" == refused(text)
    unknown = refusal(read, source('recorded = "r"', chain="bitcoin2"))
    assert "d.toml: sources.bitcoin2: unknown chain: 'bitcoin2'" == str(unknown)
    assert unknown.hint.startswith("known chains: bitcoin, ")


def test_networks_are_never_mixed() -> None:
    found = "is a test network, the declaration says main"
    message = refused(source('recorded = "r"', chain="anvil"))
    assert f"d.toml: sources.anvil: anvil {found}" == message
    # A verifier's own file has no network: it may serve statements of both.
    text = b'[sources.anvil]\nrecorded = "r"\n[sources.bitcoin]\nrecorded = "r"\n'
    assert {"eip155:31337", BITCOIN} == set(parse_sources(text, "s.toml", REGISTRY))


def test_a_sources_file_holds_sources_alone() -> None:
    whole = refusal(parse_sources, source('recorded = "r"').encode(), "s.toml", REGISTRY)
    assert str(whole).startswith("s.toml: ")
    assert str(whole).endswith(": unknown key")
    missing = refusal(parse_sources, b"# none\n", "s.toml", REGISTRY)
    assert "s.toml: sources: missing" == str(missing)


PIN = "0123456789abcdef" * 4
"""What a certificate's SHA-256 looks like; elsewhere in an endpoint it looks like a key."""


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8545",
        "https://rpc.example/",
        "http://user:${PASSWORD}@127.0.0.1:8332",
        "http://${USER}:${file:secrets/password}@127.0.0.1:8332",
        "http://${TOKEN}@host/",
        "https://rpc.example/v3/${KEY}",
        "https://rpc.example/?apikey=${KEY}&network=main",
        "https://rpc.example/ethereum-mainnet-archive-node",
        "https://rpc.example/ext/bc/C/rpc",
        "${NODE_URL}",
        "${NODE_URL}/v3/path",
        "${NODE}:8545",
        "https://${HOST}:${PORT}/rpc",
        "http://[::1]:8545",
        "http://例え.example:8545",
        "electrum+tcp://127.0.0.1:50001",
        "electrum+tls://node.example:50002",
        "electrum+tls://[::1]:50002",
        f"electrum+tls://node.example:50002#sha256={PIN}",
        f"electrum+tls://node.example:50002#sha256={PIN.upper()}",
        "electrum+tls://${HOST}:${PORT}#sha256=${PIN}",
        "electrum+tls://${HOST}:50002",
        "esplora+http://127.0.0.1:3000",
        "esplora+https://esplora.example/api",
        "esplora+https://user:${PASSWORD}@esplora.example/api/${KEY}",
    ],
)
def test_an_endpoint_without_a_secret_is_taken_as_it_is(url: str) -> None:
    found = read(source(f'endpoints = ["{url}"]'))
    assert (url,) == found.sources["bitcoin"].endpoints


IN_FILE = "a password is written in the file"
KEY = "what looks like a key is written in the file"
NOT_WHOLE = "a placeholder is not whole"
NO_ENDPOINT = "not an endpoint"


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://user:hunter2@host", IN_FILE),
        ("http://:hunter2@host", IN_FILE),
        ("http://hunter2@host", IN_FILE),
        ("http://hunter2:@host", IN_FILE),
        ("http://user:${A}hunter2@host", IN_FILE),
        ("http://user:hunter2${A}@host", IN_FILE),
        ("http://${USER}:hunter2@host", IN_FILE),
        ("http://user:hun@ter2@host", IN_FILE),
        ("http://user:hun:ter2@host", IN_FILE),
        ("https://rpc.example/v3/0123456789abcdef0123456789abcdef", KEY),
        ("https://rpc.example/?apikey=0e4c2a1b-77aa-4b7c-8c12-abcdefabcdef", KEY),
        ("https://rpc.example#0123456789abcdef0123", KEY),
        ("${HOST}/v3/0123456789abcdef0123456789abcdef", KEY),
        ("http://0123456789abcdef0123:${A}@host", KEY),
        ("http://user:${PASSWORD@host", NOT_WHOLE),
        ("http://user:$PASSWORD@host", NOT_WHOLE),
        ("http://user:${}@host", NOT_WHOLE),
        ("http://user:${A B}@host", NOT_WHOLE),
        ("http://user:${file:}@host", NOT_WHOLE),
        ("", NO_ENDPOINT),
        ("host:8545", NO_ENDPOINT),
        ("user:hunter2@host:8545", NO_ENDPOINT),
        ("//user:hunter2@host", NO_ENDPOINT),
        ("ftp://host", NO_ENDPOINT),
        ("file:///etc/passwd", NO_ENDPOINT),
        ("HTTP://user:hunter2@host", NO_ENDPOINT),
        ("http://", NO_ENDPOINT),
        ("http://user:hunter2@", NO_ENDPOINT),
        ("http:/host", NO_ENDPOINT),
        (" http://host", NO_ENDPOINT),
        ("http://host/a b", NO_ENDPOINT),
        ("${SCHEME}user:hunter2@host", NO_ENDPOINT),
        ("${SCHEME}://user:hunter2@host", NO_ENDPOINT),
        ("http://user:hun/ter2@host", NO_ENDPOINT),
        ("http://user/hunter2@host", NO_ENDPOINT),
        ("http://host:hunter2", NO_ENDPOINT),
        (f"http://h/#sha256={PIN}", KEY),
        (f"esplora+https://h/api#sha256={PIN}", KEY),
        (f"esplora+https://h/api/{PIN}", KEY),
        ("esplora+https://user:hunter2@h/api", IN_FILE),
        ("esplora+ftp://hunter2", NO_ENDPOINT),
        ("electrum://hunter2:50001", NO_ENDPOINT),
        ("electrum+ssl://hunter2:50002", NO_ENDPOINT),
        ("electrum+https://hunter2:50002", NO_ENDPOINT),
        ("electrum+tcp://hunter2", NO_ENDPOINT),
        ("electrum+tcp://user:hunter2@host:50001", NO_ENDPOINT),
        ("electrum+tcp://hunter2:50001/", NO_ENDPOINT),
        ("electrum+tls://host:50002/hunter2", NO_ENDPOINT),
        ("electrum+tls://host:50002?hunter2", NO_ENDPOINT),
        ("electrum+tls://host:50002#hunter2", NO_ENDPOINT),
        (f"electrum+tls://hunter2:50002#{PIN}", NO_ENDPOINT),
        (f"electrum+tls://hunter2:50002#sha256={PIN[1:]}", NO_ENDPOINT),
        (f"electrum+tls://hunter2:50002#sha256={PIN}0", NO_ENDPOINT),
        (f"electrum+tls://hunter2:50002#sha256={PIN}${{A}}", NO_ENDPOINT),
        (
            f"electrum+tcp://hunter2:50001#sha256={PIN}",
            "electrum+tcp has no certificate to pin",
        ),
    ],
)
def test_an_endpoint_with_a_secret_is_refused_and_not_repeated(url: str, fault: str) -> None:
    error = refusal(read, source(f'endpoints = ["http://h", "{url}"]', 'operators = ["a", "b"]'))
    assert f"d.toml: sources.bitcoin.endpoints.1: {fault}" == str(error)
    assert "hunter2" not in error.what + error.hint


@pytest.mark.parametrize(
    "line",
    [
        'endpoints = "http://user:hunter2@host"',
        'endpoints = [["http://user:hunter2@host"]]',
        'endpoints = [{ url = "http://user:hunter2@host" }]',
        'url = "http://user:hunter2@host"',
        'quorum = "http://user:hunter2@host"',
        'operators = ["http://user:hunter2@host"]',
    ],
)
def test_a_url_in_the_wrong_place_is_not_repeated(line: str) -> None:
    error = refusal(read, source(line))
    assert "hunter2" not in error.what + error.hint


@pytest.mark.parametrize(
    "scheme", ["electrum+tcp", "electrum+tls", "esplora+http", "esplora+https"]
)
def test_servers_that_index_by_script_serve_the_bitcoin_family_alone(scheme: str) -> None:
    line = f'endpoints = ["{scheme}://hunter2:50001"]'
    for chain in ("bitcoin", "litecoin", "dogecoin", "bitcoincash"):
        assert chain in read(source(line, chain=chain)).sources
    error = refusal(read, source(line, chain="ethereum"))
    assert f"d.toml: sources.ethereum.endpoints.0: {scheme} does not serve ethereum" == str(error)
    assert "hunter2" not in error.what + error.hint


def test_a_pin_does_not_make_one_server_two() -> None:
    urls = f'["electrum+tls://h:1", "electrum+tls://h:1#sha256={PIN}"]'
    lines = (f"endpoints = {urls}", 'operators = ["a", "b"]')
    assert "d.toml: sources.bitcoin.endpoints: one endpoint is given twice" == refused(
        source(*lines)
    )
