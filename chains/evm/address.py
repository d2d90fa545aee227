"""EVM addresses: 20 bytes as `0x` and 40 hex digits, canonical in the EIP-55 mixed case.

All lower case is accepted, since it carries no checksum to fail. Any other case must be exactly the
EIP-55 form. All upper case is therefore refused unless it happens to be that form: EIP-55 lets
readers take it as unchecked, but a file that was shouted by a spreadsheet is worth a question.

    0xd8da6bf26964af9d7eed9e03e53415d37aa96045  ->  0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045

The chain plays no part: all EVM chains of the registry use EIP-55 without the chain id (EIP-1191).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

# The backend is named rather than left to `eth_hash.auto`, which an environment variable can turn.
# Chosen: pysha3, a microsecond a hash. Refused: pycryptodome, seven, which is more than the framing
# and parsing of a claim together; it is the second opinion of the tests.
from eth_hash.backends.pysha3 import keccak256

from config.errors import InputError

if TYPE_CHECKING:
    from config.registry import Chain

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_SHOWN = 20
_CASE = ord("a") ^ ord("A")
_LETTERS = bytes(_CASE if chr(code) in "abcdef" else 0 for code in range(256))
_MARKED = bytes(_CASE if chr(code) in "89abcdef" else 0 for code in range(256))


def parse_address(chain: Chain, text: str) -> str:
    """Read an address.

    Args:
        chain: the chain it is on, for the message.
        text: the address alone.

    Returns:
        The EIP-55 form.

    Raises:
        InputError: it is not an address, or its checksum is wrong.
    """
    if _ADDRESS.fullmatch(text) is None:
        raise InputError(
            f"address of {chain.name} not understood: {text[:_SHOWN]!r}",
            "write 0x and 40 hex digits",
        )
    canonical = _written(text[2:].lower().encode())
    if text != canonical and text != canonical.lower():
        raise InputError(
            f"address checksum wrong (EIP-55): {text} for {canonical}",
            "copy the address again; if it was typed in one case only, write it in lower case",
        )
    return canonical


def checksummed(address: bytes) -> str:
    """Write 20 bytes in EIP-55 form: a letter is upper case where the hash's digit is 8 or more."""
    return _written(address.hex().encode())


def _written(digits: bytes) -> str:
    """Write 40 hex digits in lower case as `checksummed` says."""
    number, marks = int.from_bytes, keccak256(digits).hex()[:40].encode()
    # All 40 at once: the bit in which the two cases differ, where there is a letter and a mark.
    turned = number(digits.translate(_LETTERS)) & number(marks.translate(_MARKED))
    return "0x" + (number(digits) ^ turned).to_bytes(40).decode()
