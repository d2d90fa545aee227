from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import declaration
from config.declaration import (
    MAX_COUNT,
    ChainSources,
    Declaration,
    Inputs,
    Policies,
    parse_declaration,
    sources_by_chain,
)
from config.earlier import CARRIED_FILES, MAX_CARRIED, Carried
from config.errors import InputError
from tests.config.known import BITCOIN, REGISTRY, refusal

WBTC = "eip155:1/erc20:0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599"

MINIMAL = """\
[entity]
name = "Example Exchange"
[attestation]
series = "example-monthly"
network = "main"
[inputs]
accounts = "accounts.csv"
"""

WHOLE = f"""\
[entity]
name = "株式会社 取引所"
lei = "5493001KJTIIGC8Y1R12"
jurisdiction = "JP"
[attestation]
series = "example-monthly"
sequence = 12
as_of = "2026-12-01T00:00:00+09:00"
network = "main"
scope = ["holdings", "control"]
wrapped_assets = ["{WBTC}"]
[inputs]
accounts = "accounts.csv"
claims = "in/claims 1.csv"
challenges = "challenges.json"
liabilities = "liabilities.csv"
prices = "prices.csv"
[policies]
packs = ["core"]
parameters = {{ "online_share_total.limit" = "0.05", "as_of_skew.maximum_seconds" = 60 }}
[sources.bitcoin]
endpoints = ["http://${{USER}}:${{PASSWORD}}@127.0.0.1:8332", "https://rpc.example/${{KEY}}"]
operators = ["self", "provider"]
quorum = 2
confirmations = 12
[sources."eip155:1"]
recorded = "../recording"
"""


def read(text: str) -> Declaration:
    return parse_declaration(text.encode(), "d.toml", REGISTRY)


def with_line(table: str, line: str, text: str = MINIMAL) -> str:
    """Put a line into a table of the minimal declaration, in place of one with its key."""
    key = line.split("=", maxsplit=1)[0].strip()
    kept = [one for one in text.splitlines() if not one.startswith(f"{key} =")]
    if f"[{table}]" not in kept:
        kept.append(f"[{table}]")
    kept.insert(kept.index(f"[{table}]") + 1, line)
    return "\n".join(kept) + "\n"


def refused(text: str) -> str:
    return str(refusal(read, text))


def test_reads_the_least() -> None:
    found = read(MINIMAL)
    assert ("Example Exchange", None) == (found.entity.name, found.entity.lei)
    assert ("example-monthly", 1) == (found.attestation.series, found.attestation.sequence)
    assert ("holdings", "control", "obligations", "comparison") == found.attestation.scope
    assert Inputs("accounts.csv") == found.inputs
    assert Policies(("core",), {}) == found.policies
    assert (None, {}) == (found.as_of, found.sources)


def test_reads_everything() -> None:
    found = read(WHOLE)
    assert ("株式会社 取引所", "JP") == (found.entity.name, found.entity.jurisdiction)
    assert (1796050800, 12) == (found.as_of, found.attestation.sequence)
    assert (WBTC,) == found.attestation.wrapped_assets
    assert "in/claims 1.csv" == found.inputs.claims
    limits = {"online_share_total.limit": "0.05", "as_of_skew.maximum_seconds": 60}
    assert limits == found.policies.parameters
    endpoints = ("http://${USER}:${PASSWORD}@127.0.0.1:8332", "https://rpc.example/${KEY}")
    bitcoin = ChainSources(endpoints, ("self", "provider"), 2, 12)
    ethereum = ChainSources(recorded="../recording")
    by_chain = sources_by_chain(found.sources, REGISTRY)
    assert {BITCOIN: bitcoin, "eip155:1": ethereum} == by_chain


def test_a_byte_order_mark_and_crlf_change_nothing() -> None:
    assert read(WHOLE) == read("\ufeff" + WHOLE.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "written",
    ['"2026-12-01T00:00:00+09:00"', "2026-12-01T00:00:00+09:00", "2026-11-30 15:00:00Z"],
)
def test_a_time_may_be_written_without_quotes(written: str) -> None:
    assert 1796050800 == read(with_line("attestation", f"as_of = {written}")).as_of


def test_bytes_that_are_no_declaration_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def message(data: bytes) -> str:
        return str(refusal(parse_declaration, data, "d.toml", REGISTRY))

    assert "d.toml: file is empty" == message(b"")
    assert "d.toml: file is empty" == message(b"\n\n")
    assert "d.toml: byte 2: not UTF-8" == message(b"# \xff")
    assert "d.toml: line 2: text expected, met a NUL character" == message(b"#\n# \0")
    assert "d.toml: entity: missing" == message(b"# nothing\n")
    monkeypatch.setattr(declaration, "MAX_BYTES", 10)
    assert "d.toml: file too large: 11 bytes, the limit is 10" == message(b"# 345678901")


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("entity", 'nmae = "x"', "entity.nmae: unknown key"),
        ("sourcse", "x = 1", "sourcse: unknown key"),
        ("inputs", 'ledger = "l.csv"', "inputs.ledger: unknown key"),
        ("sources.bitcoin", 'endpoint = "http://h"', "sources.bitcoin.endpoint: unknown key"),
        ("entity", "name = 1", "entity.name: input should be a valid string, met 1"),
        ("attestation", "sequence = 1.0", "attestation.sequence: float not allowed: 1.0"),
        (
            "attestation",
            'sequence = "1"',
            "attestation.sequence: input should be a valid integer, met '1'",
        ),
        (
            "attestation",
            "sequence = true",
            "attestation.sequence: input should be a valid integer, met True",
        ),
        (
            "attestation",
            "sequence = 0",
            "attestation.sequence: input should be greater than or equal to 1, met 0",
        ),
        (
            "attestation",
            f"sequence = {MAX_COUNT + 1}",
            (
                f"attestation.sequence: input should be less than or equal to {MAX_COUNT}, "
                f"met {MAX_COUNT + 1}"
            ),
        ),
        (
            "attestation",
            'network = "mainnet"',
            "attestation.network: input should be 'main' or 'test', met 'mainnet'",
        ),
        ("attestation", "scope = []", "attestation.scope: empty"),
        (
            "attestation",
            'scope = ["control", "control"]',
            "attestation.scope: a part is named twice",
        ),
        (
            "attestation",
            'scope = ["solvency"]',
            (
                "attestation.scope.0: input should be 'holdings', 'control', 'obligations' or "
                "'comparison', met 'solvency'"
            ),
        ),
        (
            "attestation",
            "as_of = 2026-12-01T00:00:00",
            "attestation.as_of: time without an offset: 2026-12-01T00:00:00",
        ),
        (
            "attestation",
            "as_of = 2026-12-01",
            "attestation.as_of: time not understood: '2026-12-01'",
        ),
        (
            "attestation",
            "as_of = 1796050800",
            "attestation.as_of: input should be a valid string, met 1796050800",
        ),
        (
            "attestation",
            'as_of = "1796050800"',
            "attestation.as_of: time not understood: '1796050800'",
        ),
        (
            "attestation",
            f'wrapped_assets = ["{WBTC}", "{WBTC}"]',
            "attestation.wrapped_assets: an asset is named twice",
        ),
        (
            "attestation",
            'wrapped_assets = ["eip155:1/slip44:60"]',
            "attestation.wrapped_assets: eip155:1/slip44:60 does not wrap anything",
        ),
        (
            "attestation",
            'wrapped_assets = ["wbtc"]',
            "attestation.wrapped_assets: unknown asset: 'wbtc'",
        ),
        ("policies", 'packs = "core"', "policies.packs: input should be a valid array, met 'core'"),
        (
            "policies",
            "parameters = { a = true }",
            "policies.parameters.a: not of a kind allowed here, met True",
        ),
        (
            "policies",
            "parameters = { coverage.minimum = 1 }",
            "policies.parameters.coverage: not of a kind allowed here, met {'minimum': 1}",
        ),
        (
            "policies",
            "parameters = { a = 0.05 }",
            "policies.parameters.a: float not allowed: 0.05",
        ),
    ],
)
def test_a_value_that_is_not_as_documented_is_refused(table: str, line: str, message: str) -> None:
    assert f"d.toml: {message}" == refused(with_line(table, line))


@pytest.mark.parametrize("table", ["entity", "attestation", "inputs"])
def test_a_missing_table_is_refused(table: str) -> None:
    text = MINIMAL.replace(f"[{table}]", f"[other.{table}]")
    assert f"d.toml: {table}: missing" == refused(text)


@pytest.mark.parametrize(
    ("key", "path"),
    [("name", "entity"), ("series", "attestation"), ("network", "attestation")],
)
def test_a_missing_key_is_refused(key: str, path: str) -> None:
    text = "\n".join(line for line in MINIMAL.splitlines() if not line.startswith(key))
    assert f"d.toml: {path}.{key}: missing" == refused(text)


def test_a_key_given_twice_is_refused() -> None:
    text = MINIMAL + 'accounts = "other.csv"\n'
    assert refused(text).startswith("d.toml: line 8, column")
    assert refused(MINIMAL + "[entity]\n").startswith("d.toml: line 8, column")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("name", " "),
        ("name", "Example\nExchange"),
        ("name", "Example \x1b[31mExchange"),
        ("name", "\u202egnahcxE"),
        ("name", "x" * 201),
        ("lei", "5493001KJTIIGC8Y1R1"),
        ("lei", "5493001kjtiigc8y1r12"),
        ("lei", "5493001KJTIIGC8Y1R1２"),
        ("lei", "5493001KJTIIGC8Y1R12\n"),
        ("jurisdiction", "Japan"),
        ("jurisdiction", "jp"),
        ("jurisdiction", "JP-"),
    ],
)
def test_a_name_that_is_not_plain_is_refused(key: str, value: str) -> None:
    escaped = json.dumps(value, ensure_ascii=True)
    assert refused(with_line("entity", f"{key} = {escaped}")).startswith(f"d.toml: entity.{key}: ")


@pytest.mark.parametrize("jurisdiction", ["JP", "US-NY", "GB-SCT"])
def test_a_jurisdiction_is_a_country_or_its_part(jurisdiction: str) -> None:
    text = with_line("entity", f'jurisdiction = "{jurisdiction}"')
    assert jurisdiction == read(text).entity.jurisdiction


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "../accounts.csv",
        "in/../accounts.csv",
        "in/../../accounts.csv",
        "./accounts.csv",
        "in/./accounts.csv",
        "in//accounts.csv",
        "in/",
        "/etc/passwd",
        "C:\\accounts.csv",
        "in\\accounts.csv",
        "C:accounts.csv",
        "~/accounts.csv ",
        "口座.csv",
        "a\ncounts.csv",
        " accounts.csv",
        "https://host/accounts.csv",
        "a" * 201,
    ],
)
def test_a_path_that_a_bundle_cannot_carry_is_refused(path: str) -> None:
    message = refused(with_line("inputs", f"claims = {json.dumps(path)}"))
    shown = f"{path[:80]!r}…" if len(path) > 80 else repr(path)
    assert f"d.toml: inputs: not a path beside the declaration: {shown}" == message


@pytest.mark.parametrize("path", ["", ".", "..", "../own", "/own", "own/", "a/../own", "a\\b"])
def test_a_folder_of_packs_lies_beside_the_declaration(path: str) -> None:
    message = refused(with_line("policies", f"folder = {json.dumps(path)}"))
    assert f"d.toml: policies.folder: not a path beside the declaration: {path!r}" == message


def test_a_folder_of_packs_is_no_input() -> None:
    declared = read(with_line("policies", 'folder = "in/policies"'))
    assert "in/policies" == declared.policies.folder
    assert not any("policies" in path for path in declared.paths())


@pytest.mark.parametrize("path", ["accounts.csv", "Accounts.CSV", "declaration.toml"])
def test_two_files_have_two_paths(path: str) -> None:
    # A bundle holds the declaration as declaration.toml, whatever its name on disk.
    message = refused(with_line("inputs", f'claims = "{path}"'))
    assert f"d.toml: inputs: one path for two files: '{path}'" == message


TOML = st.sampled_from(
    [
        *WHOLE.splitlines(),
        "[sources.bitcoin]",
        "quorum = 9",
        "as_of = 1979-05-27",
        "x = {}",
        "[[a]]",
    ]
)


@given(st.lists(TOML, max_size=24), st.binary(max_size=20))
def test_anything_is_read_or_refused(lines: list[str], tail: bytes) -> None:
    data = "\n".join(lines).encode() + b"\n"
    for document in (data, data + tail):
        with contextlib.suppress(InputError):
            found = parse_declaration(document, "d.toml", REGISTRY)
            assert found.entity.name
            sources_by_chain(found.sources, REGISTRY)


@given(st.text(max_size=40))
def test_any_as_of_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        line = f"as_of = {json.dumps(text)}"
        assert read(with_line("attestation", line)).as_of is not None


def carried(*folders: str) -> str:
    return MINIMAL + "".join(f"\n[[carried]]\nfolder = {json.dumps(one)}\n" for one in folders)


def test_reads_what_is_carried() -> None:
    found = read(carried("earlier/0006", "earlier/0007"))

    assert [Carried("earlier/0006"), Carried("earlier/0007")] == list(found.carried)
    assert () == read(MINIMAL).carried
    assert "earlier/0006/signer.pub.pem" in found.paths()
    assert 1 + 2 * len(CARRIED_FILES) == len(found.paths())


@pytest.mark.parametrize("folder", ["", "/a", "..", "a/../b", "a//b", "a/", "a\\b", "x" * 190])
def test_a_carried_folder_lies_beside_the_declaration(folder: str) -> None:
    message = refused(carried(folder))

    assert message.startswith("d.toml: inputs: not a path beside the declaration: ")


def test_a_folder_is_carried_once() -> None:
    assert "one path for two files: 'A/payload.json'" in refused(carried("a", "A"))
    clash = carried("a").replace('"accounts.csv"', '"a/claims.csv"')
    assert "one path for two files: 'a/claims.csv'" in refused(clash)


def test_what_is_carried_is_bounded() -> None:
    many = [f"e/{number}" for number in range(MAX_CARRIED + 1)]
    assert MAX_CARRIED == len(read(carried(*many[1:])).carried)
    assert refused(carried(*many)).startswith("d.toml: carried: ")
    assert "unknown key" in refused(carried("a") + 'more = "x"\n')
