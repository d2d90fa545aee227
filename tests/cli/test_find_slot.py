"""attest find-slot, as its user meets it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chains.evm import calls
from config.registry_files import load_registry
from config.slots import slot_row
from tests.cli.command import attest
from tests.nodes.anvil import Anvil, anvil
from tests.nodes.token import TOKEN_A, install_token

if TYPE_CHECKING:
    from collections.abc import Iterator

VECTORS = Path(__file__).parents[1] / "vectors" / "slots" / "tokens.json"
CODE: dict[str, str] = json.loads(VECTORS.read_text())["code"]
PLAIN, SALTED = (f"0x{digit * 40}" for digit in "78")
NOBODY = f"0x{'9' * 40}"
HOLDER = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with anvil() as running:
        install_token(running, TOKEN_A, 6, {HOLDER: 5})
        running.ask("anvil_setCode", PLAIN, CODE["Plain"])
        running.ask("anvil_setCode", SALTED, CODE["Salted"])
        running.mine(3)
        yield running


def test_the_row_of_the_registry_is_found_again(node: Anvil) -> None:
    ran = attest("find-slot", "anvil", TOKEN_A, "--endpoint", node.url)
    row = tomllib.loads(ran.out)["slot"][0]
    shipped = next(one for one in load_registry().slots if one.asset.endswith(TOKEN_A))
    expected = tomllib.loads(slot_row(shipped))["slot"][0]
    told = {"source", "checked"}

    assert 0 == ran.code
    assert {k: v for k, v in expected.items() if k not in told} == {
        k: v for k, v in row.items() if k not in told
    }
    assert "" == row["checked"]
    assert "assets.toml has no" not in ran.err


def test_what_was_seen_is_a_comment_above_the_row(node: Anvil) -> None:
    lines = attest(
        "find-slot", "eip155:31337", TOKEN_A.lower(), "--endpoint", node.url, "--holder", HOLDER
    ).out.splitlines()

    assert [
        "# balanceOf gives the word back, for two holders and 4 values",
        "# other words read: 0; guarded: 0",
        "[[slot]]",
    ] == lines[:3]


def test_a_token_of_no_row_of_assets_is_said_to_be_none(node: Anvil) -> None:
    ran = attest("find-slot", "anvil", PLAIN, "--endpoint", node.url)

    assert (0, 5) == (ran.code, tomllib.loads(ran.out)["slot"][0]["slot"])
    assert f"assets.toml has no eip155:31337/erc20:{PLAIN} yet" in ran.err.splitlines()


def test_the_block_can_be_chosen(node: Anvil) -> None:
    height = node.height() - 1
    ran = attest("find-slot", "anvil", PLAIN, "--endpoint", node.url, "--block", str(height))
    source = tomllib.loads(ran.out)["slot"][0]["source"]

    assert f"attest find-slot at block {height} {node.block(height)['hash']}" == source


def test_a_token_without_a_row_exits_with_two(node: Anvil) -> None:
    ran = attest("find-slot", "anvil", SALTED, "--endpoint", node.url)

    assert (2, "") == (ran.code, ran.out)
    assert ran.complaint[0].startswith("error: no layout that is known leads to any of 0x")


def test_an_address_without_code_exits_with_two(node: Anvil) -> None:
    ran = attest("find-slot", "anvil", NOBODY, "--endpoint", node.url)

    assert (2, "", f"error: no code at {NOBODY}") == (ran.code, ran.out, ran.complaint[0])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nowhere", PLAIN), "error: unknown chain: 'nowhere'"),
        (("bitcoin", PLAIN), "error: bitcoin has no tokens that are contracts of the EVM"),
        (("anvil", "0x12"), "error: address of anvil not understood: '0x12'"),
        (("anvil", PLAIN, "--holder", "me"), "error: address of anvil not understood: 'me'"),
        (
            ("ethereum", PLAIN),
            "error: the node is of chain eip155:31337, not eip155:1 ethereum",
        ),
        (
            ("anvil", PLAIN, "--block", "99999999"),
            "error: the node of anvil did not name a block: not a block",
        ),
    ],
)
def test_what_cannot_be_used_exits_with_three(
    node: Anvil, arguments: tuple[str, ...], complaint: str
) -> None:
    ran = attest("find-slot", *arguments, "--endpoint", node.url)

    assert (3, "", complaint) == (ran.code, ran.out, ran.complaint[0])


def test_a_node_that_gives_another_block_is_refused(
    node: Anvil, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The node is asked for block 1 and gives block 2.
    asked = calls.block_hash_call
    monkeypatch.setattr(calls, "block_hash_call", lambda height: asked(height + 1))
    ran = attest("find-slot", "anvil", PLAIN, "--endpoint", node.url, "--block", "1")

    assert (3, "error: the node gave block 2, not 1") == (ran.code, ran.complaint[0])


@pytest.mark.parametrize("url", ["electrum+tcp://127.0.0.1:1", "nothing", "ftp://127.0.0.1"])
def test_an_endpoint_of_another_kind_is_refused(url: str) -> None:
    assert (3, "") == (
        (ran := attest("find-slot", "anvil", PLAIN, "--endpoint", url)).code,
        ran.out,
    )


def test_no_secret_of_the_endpoint_is_shown(node: Anvil, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_KEY", "hunter22")
    url = node.url.replace("http://", "http://user:${NODE_KEY}@") + "/?key=${NODE_KEY}"
    refused = attest("find-slot", "ethereum", PLAIN, "--endpoint", url)
    found = attest("find-slot", "anvil", PLAIN, "--endpoint", url)

    assert (3, 0) == (refused.code, found.code)
    assert "hunter22" not in refused.out + refused.err + found.out + found.err


def test_a_secret_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODE_KEY", raising=False)
    ran = attest("find-slot", "anvil", PLAIN, "--endpoint", "http://127.0.0.1:1/${NODE_KEY}")

    assert (3, "error: environment variable NODE_KEY is not set") == (ran.code, ran.complaint[0])
