"""The chain families: how each reads an address and re-checks its evidence. All of it is pure.

Adding a family is one folder and one line in `FAMILIES`; readers, which reach a network, stand in
`chains/readers.py`, so that an offline verification loads no network client. Imports happen on
first use.

Of most families this version reads addresses alone: claims about their accounts can be checked, and
their balances cannot be read. Such a chain is refused where a reading is planned; whoever asks its
family for a reading all the same gets an error, never an empty one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from chains.errors import ChainError
from chains.expression import is_expression, split_expression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chains.evidence import ChainEvidence, ChainPlan, MarginAddress, Source
    from chains.expression import Derived
    from chains.snapshot import ChainSnapshot
    from config.registry import Chain


class Family(Protocol):
    """What every chain family can do without a network."""

    @property
    def module(self) -> str:
        """Where `parse_address(chain, text)` is, which gives an address's one written form."""

    def recheck(self, plan: ChainPlan, evidence: ChainEvidence) -> ChainSnapshot:
        """Decode evidence; raise ChainError if it gives no pin."""

    def recorded(self, evidence: ChainEvidence) -> tuple[Source, ...]:
        """Give evidence as sources to be asked as if they were the nodes; raise ChainError."""


class _Evm:
    module = "chains.evm.address"

    def recheck(self, plan: ChainPlan, evidence: ChainEvidence) -> ChainSnapshot:
        from chains.evm.recheck import recheck

        return recheck(plan, evidence)

    def recorded(self, evidence: ChainEvidence) -> tuple[Source, ...]:
        from chains.evm.recorded import recorded_sources

        return recorded_sources(evidence)


class _Utxo:
    module = "chains.utxo.address"

    def recheck(self, plan: ChainPlan, evidence: ChainEvidence) -> ChainSnapshot:
        from chains.utxo.recheck import recheck

        return recheck(plan, evidence)

    def recorded(self, evidence: ChainEvidence) -> tuple[Source, ...]:
        from chains.recording import RecordedSource

        return tuple(RecordedSource(log) for log in evidence.logs)


@dataclass(frozen=True, slots=True)
class _AddressesAlone:
    """A family whose addresses are read and whose balances are not."""

    module: str

    def recheck(self, plan: ChainPlan, evidence: ChainEvidence) -> ChainSnapshot:
        del evidence
        raise ChainError(f"balances of {plan.chain.name} cannot be read by this version")

    def recorded(self, evidence: ChainEvidence) -> tuple[Source, ...]:
        raise ChainError(f"balances of {evidence.chain} cannot be read by this version")


FAMILIES: Mapping[str, Family] = {
    "evm": _Evm(),
    "utxo": _Utxo(),
    "solana": _AddressesAlone("chains.solana.address"),
    "tron": _AddressesAlone("chains.tron.address"),
    "xrpl": _AddressesAlone("chains.xrpl.address"),
    "cosmos": _AddressesAlone("chains.cosmos.address"),
    "aptos": _AddressesAlone("chains.aptos.address"),
    "sui": _AddressesAlone("chains.sui.address"),
    "ton": _AddressesAlone("chains.ton.address"),
    "polkadot": _AddressesAlone("chains.polkadot.address"),
    "cardano": _AddressesAlone("chains.cardano.address"),
    "stellar": _AddressesAlone("chains.stellar.address"),
}


def reads_balances(chain: Chain) -> bool:
    """Tell whether balances of a chain can be read, and not its addresses alone."""
    return not isinstance(FAMILIES[chain.family], _AddressesAlone)


@cache
def _parser(family: str) -> Callable[[Chain, str], str]:
    """Find a family's `parse_address` once, for it is called with every row of a file."""
    parse = import_module(FAMILIES[family].module).parse_address
    return cast("Callable[[Chain, str], str]", parse)


class Expressions(Protocol):
    """What a family's module of key expressions offers."""

    MAX_ADDRESSES: int
    """Addresses one expression may yield."""

    def canonical_expression(self, chain: Chain, text: str) -> str:
        """Give the one text of an expression; raise InputError, as all of these do."""

    def derive(self, chain: Chain, expression: str, last: int | None) -> tuple[Derived, ...]:
        """Give all its addresses."""

    def beyond(
        self, chain: Chain, expression: str, last: int, margin: int
    ) -> tuple[tuple[str, int], ...]:
        """Give the addresses after its stated last index, each with its index."""

    def signing_address(self, chain: Chain, expression: str, signer: str) -> str:
        """Give the address of the key at a path."""


EXPRESSIONS: Mapping[str, str] = {
    "evm": "chains.evm.expression",
    "utxo": "chains.utxo.descriptors",
}
"""Families whose accounts may be given as key expressions, and where these are read."""


@cache
def _expressions(family: str) -> Expressions:
    return cast("Expressions", import_module(EXPRESSIONS[family]))


def _split(chain: Chain, text: str) -> tuple[str, int | None]:
    return split_expression(text, _expressions(chain.family).MAX_ADDRESSES)


class ChainAddresses:
    """Parsers of all families behind the one interface that `config` asks for."""

    def canonical(self, chain: Chain, text: str) -> str:
        """Give the one written form of an address; raise InputError."""
        return _parser(chain.family)(chain, text)

    def is_expression(self, chain: Chain, text: str) -> bool:
        """Tell an output descriptor or extended key from an address."""
        return chain.family in EXPRESSIONS and is_expression(text)

    def expression(self, chain: Chain, text: str) -> str:
        """Give the one written form of a descriptor or extended key; raise InputError."""
        expression, _ = _split(chain, text)
        return _expressions(chain.family).canonical_expression(chain, expression)

    def derive(self, chain: Chain, text: str) -> tuple[str, ...]:
        """Give every address of a descriptor or extended key with its stated last index."""
        derived = _expressions(chain.family).derive(chain, *_split(chain, text))
        return tuple([one.address for one in derived])


@lru_cache(maxsize=256)
def addresses_beyond(chain: Chain, text: str, margin: int) -> tuple[MarginAddress, ...]:
    """Give the addresses of an expression after its stated last index.

    What was derived last is kept, because a statement is made several times from one declaration.

    Args:
        chain: the chain to write addresses for.
        text: the expression with its last index, as a file names it; without one there are none.
        margin: how many indexes to look at.

    Raises:
        InputError: not an expression.
    """
    from chains.evidence import MarginAddress

    expression, last = _split(chain, text)
    if last is None:
        return ()
    found = _expressions(chain.family).beyond(chain, expression, last, margin)
    return tuple(MarginAddress(*one) for one in found)


def signing_address(chain: Chain, expression: str, signer: str) -> str:
    """Give the address whose key signed for an extended key; raise InputError.

    Args:
        chain: a chain whose accounts may be given as key expressions.
        expression: canonical descriptor or extended key that one key controls.
        signer: path after the extended key, such as `0/5`; empty for the first address.
    """
    return _expressions(chain.family).signing_address(chain, expression, signer)
