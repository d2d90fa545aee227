"""The output scripts of many addresses: segwit ones of one form at once, the others in turn."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from chains.utxo.address import script_of
from chains.utxo.segwit import digits_of, read_programs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.registry import Chain

AT_ONCE = 100
"""Addresses of one form from which on they are read at once; fewer are as fast in turn."""

_FORMS = ((0, 20), (0, 32), (1, 32))
"""Witness versions and sizes of programs that someone can prove (`chains.utxo.address`)."""


@lru_cache(maxsize=1)
def read_scripts(chain: Chain, addresses: tuple[str, ...]) -> Mapping[str, str]:
    """Map each address to its output script in lower-case hex, in the order given.

    The last addresses are kept, since what was read is rechecked right after.

    Raises:
        InputError: one of them is not an address of the chain.
    """
    known: dict[str, str] = {}
    form = chain.utxo
    if form is not None and form.hrp is not None:
        by_length: dict[int, list[str]] = {}
        for one in addresses:
            by_length.setdefault(len(one), []).append(one)
        for version, size in _FORMS:
            if version == 0 or form.taproot:
                known |= _read_form(form.hrp, version, size, by_length)
    if tuple(known) != addresses:
        known = {one: known.get(one) or script_of(chain, one).hex() for one in addresses}
    return MappingProxyType(known)


def _read_form(
    prefix: str, version: int, size: int, by_length: Mapping[int, Sequence[str]]
) -> dict[str, str]:
    """Read the addresses that look like one form; nothing if one of them is not."""
    # Version 0 is written q and version 1 is written p.
    head = f"{prefix}1{'qp'[version]}"
    length = len(head) - 1 + digits_of(size)
    alike = [one for one in by_length.get(length, ()) if one.startswith(head)]
    programs = read_programs(prefix, version, size, alike) if len(alike) >= AT_ONCE else None
    if programs is None:
        return {}
    # BIP-141: the opcode of the version, and a push of the program.
    opcodes = bytes((version and 0x50 + version, size)).hex()
    return dict(zip(alike, [opcodes + program for program in programs], strict=True))
