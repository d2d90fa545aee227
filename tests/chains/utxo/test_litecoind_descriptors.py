from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chains.utxo.descriptors import derive
from tests.chains.utxo import rows
from tests.chains.utxo.keys import A, B, C

if TYPE_CHECKING:
    from tests.nodes.litecoind import Litecoind

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "descriptor",
    [
        f"pkh({A}/0/*)",
        f"wpkh([d34db33f/84'/0'/0']{A}/1/*)",
        f"sh(wpkh({B}/7/8/*))",
        f"sh(multi(2,{A}/*,{B}/0/*,{C}/1/*))",
        f"wsh(multi(2,{A}/*,{B}/0/*,{C}/1/*))",
        f"wsh(sortedmulti(2,{A}/*,{B}/0/*,{C}/1/*))",
        f"sh(wsh(sortedmulti(3,{A}/*,{B}/0/*,{C}/1/*)))",
    ],
)
def test_addresses_are_those_of_the_node(shared_node: Litecoind, descriptor: str) -> None:
    written = shared_node.rpc("getdescriptorinfo", descriptor)
    with_checksum = f"{descriptor}#{written['checksum']}"
    expected = shared_node.rpc("deriveaddresses", with_checksum, [0, 20])
    assert expected == [
        derived.address for derived in derive(rows.LITECOIN_REGTEST, with_checksum, 20)
    ]


def test_both_branches_are_those_of_the_node(shared_node: Litecoind) -> None:
    expected = []
    for branch in (0, 1):
        descriptor = f"wpkh({A}/{branch}/*)"
        checksum = shared_node.rpc("getdescriptorinfo", descriptor)["checksum"]
        expected += shared_node.rpc("deriveaddresses", f"{descriptor}#{checksum}", [0, 9])
    found = derive(rows.LITECOIN_REGTEST, f"wpkh({A}/<0;1>/*)", 9)
    assert expected == [derived.address for derived in found]
