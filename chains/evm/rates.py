"""What a token's contract says a unit of it stands for: the call, made from the registry. Pure.

    rate_call(asset, block)     eth_call of the function; `decode_word` reads the result

The result is the contract's word at that block, recorded and shown beside a balance. Nothing here
multiplies: a share of stETH is not a balance, and the price of a vault's share may be set by an
oracle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.evidence import Call
from config.caip import token_address

if TYPE_CHECKING:
    from chains.evm.calls import Block
    from config.registry import Asset

_SELECTOR = 4
_WORD = 32


def rate_call(asset: Asset, block: Block) -> Call | None:
    """Ask a token's contract for its rate at a block.

    Args:
        asset: a token of the registry.
        block: at which block, as `by_hash` or `by_number` names it.

    Returns:
        The call; None if the row names no rate.
    """
    contract = token_address(asset.id)
    if asset.rate is None or contract is None:
        return None
    data = selector(asset.rate.function)
    if asset.rate.argument is not None:
        data += asset.rate.argument.to_bytes(_WORD, "big")
    asked = asset.rate.contract or contract
    return Call("eth_call", ({"to": asked, "data": f"0x{data.hex()}"}, block))


def selector(function: str) -> bytes:
    """Give the four bytes by which a function is called: keccak256 of its signature begins so."""
    return keccak256(function.encode())[:_SELECTOR]
