"""What a transaction of the Bitcoin family moved: what one source says of it.

What is asked and read is in `chains.utxo.transactions`. All that the inputs spend is debited and
all that the outputs pay is credited, to the address of the script; the fee is what is left between
them, and nobody in particular pays it. A coinbase spends nothing, and takes the fees of its block:
none is known of its own.

A transaction that waits for a block is absent: another one that spends the same coins may be mined
in its place. A block above the pin must be on the best chain and need not be deep: where a node's
tip makes the pin, there is none. If the block is replaced, the transaction is mined above the pin
again and moves the same, or a verifier's node says later that it was not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.movement import NOT_THERE, Movement, encode_movement, entries_of
from chains.quorum import MALFORMED
from chains.utxo.address import address_of_script
from chains.utxo.transactions import answering, silent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chains.movement import Entry
    from chains.quorum import Vote
    from chains.utxo.transactions import Told
    from config.registry import Chain


def movement_vote(chain: Chain, told: Vote[Told], pinned: int) -> Vote[str]:
    """Give what a source says of a transaction, as the answer's text.

    Args:
        chain: gives the coin, and how addresses are written.
        told: the transaction, as the source has it.
        pinned: the pin's height.
    """
    found = told.value
    if found is None:
        return silent(told, told.said)
    if found.height is None:
        return answering(told, encode_movement(NOT_THERE))
    spent, tx = found.spent.value, found.transaction
    if spent is None:
        return silent(told, found.spent.said)
    fee = sum(one.units for one in spent) - sum(units for _, units in tx.outputs)
    if fee < 0 and not tx.coinbase:
        return silent(told, MALFORMED)
    above = found.height > pinned
    moved = Movement(
        "after" if above else "pin",
        "success",
        None if above else found.height,
        _entries(chain, ((one.script, one.units) for one in spent)),
        _entries(chain, tx.outputs),
        None if tx.coinbase else fee,
    )
    return answering(told, encode_movement(moved))


def _entries(chain: Chain, outputs: Iterable[tuple[str, int]]) -> tuple[Entry, ...]:
    """Add up outputs, given by script in hex and base units, by address."""
    return entries_of((_holder(chain, script), chain.native, units) for script, units in outputs)


def _holder(chain: Chain, script: str) -> str:
    """Give the address of a script, or the script itself if the chain has no address for it."""
    return address_of_script(chain, bytes.fromhex(script)) or f"script:{script}"
