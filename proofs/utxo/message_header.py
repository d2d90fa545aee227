"""What a signed message's header leaves open: which of several chains it was signed for.

A chain that split off another keeps its genesis, its keys and its header, so a signature made on
one passes on the other (Bitcoin Cash and Bitcoin). It is a proof of the same key, but of which
account the text alone can tell. A text that names the chain, as issued challenges do by its
identifier, settles it; otherwise the proof carries a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.registry import Chain, UtxoFormat
    from proofs.control import Warning_


def header_warnings(chain: Chain, form: UtxoFormat, message: bytes) -> tuple[Warning_, ...]:
    """Give `header_shared` if another chain has the header by descent and the text names no chain.

    Args:
        chain: the chain of the claim.
        form: its formats.
        message: the text; the chain's identifier, short name or title in it names the chain.
    """
    # An identifier that is not of block 0 is of the first block after a split.
    if form.genesis.startswith(chain.id.partition(":")[2]):
        return ()
    text = message.lower()
    names = (chain.id, chain.name, chain.title)
    return () if any(name.lower().encode() in text for name in names) else ("header_shared",)
