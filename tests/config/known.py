"""Real identifiers that many parser tests use, and the way a refusal is taken hold of."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from chains.families import ChainAddresses
from config.books.cells import Reading
from config.errors import InputError
from config.registry_files import load_registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

REGISTRY = load_registry()
ADDRESSES = ChainAddresses()
READING = Reading(REGISTRY, ADDRESSES, "main")

BITCOIN = "bip122:000000000019d6689c085ae165831e93"
LITECOIN_REGTEST = "bip122:530827f38f93b43ed12af0b3ad25a288"

# The first coinbase; BIP-173's example; the last two of EIP-55's own.
GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
SEGWIT = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
DEAD_BEEF = "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"
DONE = "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"

# BIP-84's test vector: the account key, its first two receiving and its first change address.
ZPUB = (
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31"
    "mGDtKsAYz2oz2AGutZYs"
)
RECEIVE_0 = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
RECEIVE_1 = "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"
CHANGE_0 = "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"


def example(module: ModuleType) -> str:
    """Give the example in a module's docstring: its first indented block."""
    lines = (module.__doc__ or "").split("\n")
    indented = [bool(line.startswith("    ")) or not line for line in lines]
    first = next(at for at, line in enumerate(lines) if line.startswith("    "))
    last = next((at for at in range(first, len(lines)) if not indented[at]), len(lines))
    return dedent("\n".join(lines[first:last])).strip() + "\n"


def refusal(parse: Callable[..., object], *given: object) -> InputError:
    """Give the error with which a parser refuses what it is given."""
    with pytest.raises(InputError) as caught:
        parse(*given)
    # Messages are what people see of the tool: no full stop, and nothing left blank.
    assert caught.value.what.strip() == caught.value.what != ""
    assert not caught.value.what.endswith(".")
    assert not caught.value.hint.endswith(".")
    return caught.value
