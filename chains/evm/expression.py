"""Extended public keys on EVM chains: the addresses they yield (BIP-32, BIP-44).

    xpub6…/0/*     every child of the key's child 0: the account key of m/44'/60'/0', chain 0
    xpub6…/*       every child of the key itself
    xpub6…/0/7     one address
    xpub6…         = xpub6…/0/*

    address = last 20 bytes of keccak256( x || y ) of the child's public key

A bare key stands for its receiving chain alone: wallets of EVM chains have no change addresses, so
the second branch that a bare key has on the Bitcoin family is not read here. Whoever uses one
declares it as `/1/*`.

Refused: private keys (never repeated in a message), hardened steps, several branches, key origins
and functions, and versions that name a script of Bitcoin's (`ypub`, `zpub`). Wallets write `xpub`
on every EVM network; on test networks `tpub` is read too. A wallet that takes a hardened step for
each address (m/44'/60'/i'/0/0) has no key that yields them: declare the addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.evm.address import checksummed
from chains.expression import HARDENED, MAX_LENGTH, Derived, indexes_after, indexes_to
from chains.extended_key import TPUB, XPUB, children, descend, read_key
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coincurve import PublicKey

    from chains.extended_key import ExtendedKey
    from config.registry import Chain

MAX_ADDRESSES = 500_000
"""Addresses one expression may yield: as many as all of a file's, and half a minute of deriving."""
MAX_STEPS = 10
"""Steps after a key; BIP-44 has five in all."""

_STEP = r"(?:0|[1-9][0-9]{0,9})"
_PATH = re.compile(rf"((?:/{_STEP})*)(/\*)?", re.ASCII)
_SIGNER = re.compile(rf"{_STEP}(?:/{_STEP})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Branch:
    """An expression, read."""

    key: ExtendedKey
    steps: tuple[int, ...]
    ranged: bool


def canonical_expression(chain: Chain, text: str) -> str:
    """Give the one text of an expression: the key and its whole path.

    Raises:
        InputError: not an expression that is read here, or of another network.
    """
    branch = _branch(chain, text)
    steps = "".join(f"/{step}" for step in branch.steps)
    return f"{branch.key.text}{steps}{'/*' if branch.ranged else ''}"


def derive(chain: Chain, expression: str, last: int | None) -> tuple[Derived, ...]:
    """Give all addresses of an expression in order.

    Args:
        chain: the chain, for messages; the addresses are the same on all EVM chains.
        expression: without its last index.
        last: highest index, itself included; needed if the expression has a range, else None.

    Raises:
        InputError: not an expression, a last index missing or out of place, or too many addresses.
    """
    branch = _branch(chain, expression)
    indexes = indexes_to(last, ranged=branch.ranged, branches=1, most=MAX_ADDRESSES)
    path = "/".join(map(str, branch.steps))
    if not branch.ranged:
        return (Derived(_single(branch, ()), path),)
    head = f"{path}/" if path else ""
    return tuple([Derived(address, f"{head}{at}") for at, address in _many(branch, indexes)])


def beyond(chain: Chain, expression: str, last: int, margin: int) -> tuple[tuple[str, int], ...]:
    """Give the addresses after a stated last index, each with its index.

    Args:
        chain: the chain, for messages.
        expression: without its last index; one without a range has nothing after it.
        last: the stated last index.
        margin: how many indexes after it, 0 or more; fewer if an index can be no higher.

    Raises:
        InputError: not an expression, or too many addresses.
    """
    branch = _branch(chain, expression)
    if not branch.ranged:
        return ()
    indexes = indexes_after(last, margin, branches=1, most=MAX_ADDRESSES)
    return tuple([(address, at) for at, address in _many(branch, indexes)])


def signing_address(chain: Chain, expression: str, signer: str) -> str:
    """Give the address whose key signed for an expression.

    Args:
        chain: the chain, for messages.
        expression: without its last index.
        signer: steps after the key, such as `0/5`; empty for the first address. Any index below
            2**31 is taken: the key proves the same whether or not it was used.

    Raises:
        InputError: not an expression, or the expression does not yield this path.
    """
    branch = _branch(chain, expression)
    first = (0,) if branch.ranged else ()
    if not signer:
        return _single(branch, first)
    if not _SIGNER.fullmatch(signer):
        raise InputError(f"signer is {signer[:40]!r}, a path such as 0/5 is needed")
    steps = tuple(int(step) for step in signer.split("/"))
    own = len(branch.steps)
    if len(steps) != own + len(first) or steps[:own] != branch.steps or max(steps) >= HARDENED:
        raise InputError(f"signer is {signer!r}, a path that the expression does not yield")
    return _single(branch, steps[own:])


def _branch(chain: Chain, text: str) -> _Branch:
    if len(text) > MAX_LENGTH:
        raise InputError(f"expression of {len(text)} characters, at most {MAX_LENGTH} are allowed")
    written, slash, rest = text.partition("/")
    key = read_key(written)
    if key is None:
        hint = f"accounts of {chain.name} take an xpub with a path such as /0/*"
        raise InputError("not an extended public key", hint)
    versions = (XPUB,) if chain.network == "main" else (XPUB, TPUB)
    if key.version not in versions:
        known = ", ".join(version.hex() for version in versions)
        raise InputError(f"extended key has version {key.version.hex()}, {chain.name} uses {known}")
    if not slash:
        return _Branch(key, (0,), ranged=True)
    path = _PATH.fullmatch(slash + rest)
    if path is None:
        hint = "write plain steps and a star at most at the end; hardened steps need a private key"
        raise InputError("path after the extended key is not one such as /0/*", hint)
    steps = tuple(int(step) for step in path[1].split("/")[1:])
    if len(steps) > MAX_STEPS or max(steps, default=0) >= HARDENED:
        found = f"{len(steps)} steps, the highest {max(steps, default=0)}"
        raise InputError(f"path has {found}: at most {MAX_STEPS} below 2**31 are read")
    return _Branch(key, steps, ranged=path[2] is not None)


def _single(branch: _Branch, further: tuple[int, ...]) -> str:
    return _address(descend(branch.key, branch.steps + further)[0])


def _many(branch: _Branch, indexes: range) -> Iterator[tuple[int, str]]:
    point, code = descend(branch.key, branch.steps)
    for index, key in children(point, code, indexes):
        yield index, _address(key)


def _address(key: PublicKey) -> str:
    return checksummed(keccak256(key.format(compressed=False)[1:])[12:])
