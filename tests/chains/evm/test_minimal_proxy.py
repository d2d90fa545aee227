from __future__ import annotations

import pytest

from chains.evm.minimal_proxy import implementation_of
from tests.nodes.forwarder import clone

# EIP-1167's own example, and the address in it as EIP-55 writes it.
EXAMPLE = f"0x363d3d373d3d3d363d73{'be' * 20}5af43d82803e903d91602b57fd5bf3"
BEHIND = "0xBEbeBeBEbeBebeBeBEBEbebEBeBeBebeBeBebebe"


def test_the_address_stands_in_the_code() -> None:
    assert implementation_of(EXAMPLE) == BEHIND
    assert clone(BEHIND) == EXAMPLE


@pytest.mark.parametrize(
    "code",
    [
        "",
        "0x",
        EXAMPLE[:-2],
        f"{EXAMPLE}00",
        EXAMPLE[2:],
        EXAMPLE.upper(),
        f"{EXAMPLE}\n",
        EXAMPLE.replace("602b", "602c"),
        # The shorter form for an address with a zero in front.
        "0x363d3d373d3d3d363d72bebebebebebebebebebebebebebebebebebebe5af43d82803e903d91602a57fd5bf3",
    ],
)
def test_other_code_is_no_minimal_proxy(code: str) -> None:
    assert implementation_of(code) is None
