"""The refusal of a text that is no address: one form of words for every family.

No more than the first characters of the text are repeated, because what is pasted into the wrong
field may be a private key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import InputError, shown

if TYPE_CHECKING:
    from config.registry import Chain

SHOWN = 6


def not_an_address(chain: Chain, text: str, why: str, hint: str = "") -> InputError:
    """Build the fault of an address.

    Args:
        chain: the chain whose address was expected.
        text: what was met.
        why: what is wrong with it; holds nothing of the text.
        hint: what to write instead.
    """
    met = f"{shown(text, SHOWN)} of {len(text)} characters"
    return InputError(f"not an address of {chain.name}: {met}: {why}", hint)
