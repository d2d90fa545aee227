"""Hand-made contracts do on a real node what their modules say, which the registry rests on."""

from __future__ import annotations

import pytest

from config.registry_files import load_registry
from tests.nodes.anvil import Anvil, anvil
from tests.nodes.forwarder import COLLECTOR, digest, install
from tests.nodes.token import MOVING, TOKEN_A, install_token, moving, transfer_call

DEPOSIT, PARENT, PAYER = (f"0x{number:040d}" for number in (5_000_001, 5_000_002, 5_000_003))


def tokens(node: Anvil, holder: str) -> int:
    data = f"0x70a08231{holder[2:]:0>64}"
    return int(node.ask("eth_call", {"to": TOKEN_A, "data": data}, "latest"), 16)


def send(node: Anvil, to: str, data: str = "0x", value: int = 0) -> bool:
    call = {"from": PAYER, "to": to, "data": data, "value": hex(value), "gas": hex(300_000)}
    txid = node.ask("eth_sendTransaction", call)
    node.mine(1)
    return bool(int(node.ask("eth_getTransactionReceipt", txid)["status"], 16))


def test_the_registry_has_the_collector() -> None:
    rows = {row.name: row.code_sha256 for row in load_registry().forwarders}

    assert digest(COLLECTOR) == rows["example-collector"]


@pytest.mark.nodes
def test_a_collector_passes_on_coins_and_tokens_to_its_parent_alone() -> None:
    with anvil("--no-mining") as node:
        node.ask("anvil_setBalance", PAYER, hex(10**20))
        node.ask("anvil_setBalance", DEPOSIT, hex(77))
        node.ask("anvil_impersonateAccount", PAYER)
        install(node, DEPOSIT, COLLECTOR, PARENT)
        install_token(node, TOKEN_A, 6, {DEPOSIT: 500})
        parent = node.ask("eth_call", {"to": DEPOSIT, "data": "0x00821de3"}, "latest")
        assert send(node, DEPOSIT, value=3)
        with moving(node, TOKEN_A):
            assert send(node, DEPOSIT, f"0x3ef13367{TOKEN_A[2:]:0>64}")
        held = int(node.ask("eth_getBalance", PARENT, "latest"), 16)

        assert f"0x{PARENT[2:]:0>64}" == parent
        assert (80, 500, 0) == (held, tokens(node, PARENT), tokens(node, DEPOSIT))


@pytest.mark.nodes
def test_a_token_moves_what_is_there_and_no_more() -> None:
    with anvil("--no-mining") as node:
        node.ask("anvil_setBalance", PAYER, hex(10**20))
        node.ask("anvil_impersonateAccount", PAYER)
        install_token(node, TOKEN_A, 6, {PAYER: 500, PARENT: 1})
        still = send(node, TOKEN_A, f"0x{transfer_call(PARENT, 1).hex()}")
        with moving(node, TOKEN_A):
            assert node.ask("eth_getCode", TOKEN_A, "latest") == MOVING
            too_much = send(node, TOKEN_A, f"0x{transfer_call(PARENT, 501).hex()}")
            some = send(node, TOKEN_A, f"0x{transfer_call(PARENT, 200).hex()}")

        assert (False, False, True) == (still, too_much, some)
        assert (300, 201) == (tokens(node, PAYER), tokens(node, PARENT))
