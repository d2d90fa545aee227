from __future__ import annotations

from typing import TYPE_CHECKING

import base58
import pytest

from chains.utxo.address import parse_address, script_of
from tests.chains.utxo import rows

if TYPE_CHECKING:
    from tests.nodes.litecoind import Litecoind

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize("kind", ["legacy", "p2sh-segwit", "bech32"])
def test_scripts_are_those_of_the_node(shared_node: Litecoind, kind: str) -> None:
    address = shared_node.address(kind)
    expected = shared_node.rpc("getaddressinfo", address)["scriptPubKey"]
    assert expected == script_of(rows.LITECOIN_REGTEST, address).hex()
    assert address == parse_address(rows.LITECOIN_REGTEST, address)


def test_both_version_bytes_of_p2sh_are_one_script(shared_node: Litecoind) -> None:
    address = shared_node.address("p2sh-segwit")
    script = shared_node.rpc("getaddressinfo", address)["scriptPubKey"]
    old = base58.b58encode_check(b"\xc4" + bytes.fromhex(script)[2:22]).decode()
    assert script == shared_node.rpc("validateaddress", old)["scriptPubKey"]
    assert address == parse_address(rows.LITECOIN_REGTEST, old)
