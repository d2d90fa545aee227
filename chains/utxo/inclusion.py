"""Whether a transaction is in a block up to the pin, and what it spends: what one source says.

What is asked and read is in `chains.utxo.transactions`. A transaction above the pin, or still
waiting for a block, is absent. A coinbase spends nothing, and is of no use to any proof: nothing is
said of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.inclusion import ABSENT, Inclusion, encode_inclusion
from chains.quorum import MALFORMED
from chains.utxo.transactions import answering, silent

if TYPE_CHECKING:
    from chains.quorum import Vote
    from chains.utxo.transactions import Told
    from config.registry import Chain


def inclusion_vote(_chain: Chain, told: Vote[Told], pinned: int) -> Vote[str]:
    """Give what a source says of a transaction, as the answer's text.

    Args:
        told: the transaction, as the source has it.
        pinned: the pin's height.
    """
    found = told.value
    if found is None:
        return silent(told, told.said)
    if found.height is None or found.height > pinned:
        return answering(told, encode_inclusion(ABSENT))
    spent = found.spent.value
    if not spent:
        return silent(told, found.spent.said if spent is None else MALFORMED)
    return answering(told, encode_inclusion(Inclusion("success", found.height, "", spent)))
