"""Output descriptors and extended public keys: the addresses they yield (BIP-380 to 389).

    pkh(KEY)  wpkh(KEY)  sh(wpkh(KEY))  tr(KEY)                      one key
    sh(MULTI)  wsh(MULTI)  sh(wsh(MULTI))                            MULTI: multi or sortedmulti
    xpub = pkh(xpub/<0;1>/*)  ypub = sh(wpkh(…))  zpub = wpkh(…)     a bare key (SLIP-132)

Everything that yields an address without a private key and without a script language is read; the
rest is refused: private keys (never repeated in a message), hardened steps after an extended key,
miniscript, script trees, musig, `combo`, `raw`, `addr`, and SLIP-132 versions inside a descriptor,
where they would say the script type twice. The keys' network must be the chain's.

This is the adapter of btclib, and the only module of `chains` that imports it. btclib gives
scripts; addresses are written by `address`, so a descriptor works on every chain of the family.
Deriving with coincurve ourselves was refused: the grammar is most of the work, and btclib has it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from btclib.network import NETWORKS
from btclib_wallet.descriptors import (
    MultiDescriptor,
    PkhDescriptor,
    ShDescriptor,
    TrDescriptor,
    WpkhDescriptor,
    WshDescriptor,
    multipath_descriptors,
    parse,
    strip_checksum,
)

from chains.expression import (
    HARDENED,
    MAX_ADDRESSES,
    MAX_LENGTH,
    Derived,
    indexes_after,
    indexes_to,
)
from chains.extended_key import private_key_fault, read_key
from chains.utxo.address import address_of_script
from config.errors import InputError

if TYPE_CHECKING:
    from btclib.network import Network
    from btclib_wallet.descriptors import Descriptor, KeyExpression

    from config.registry import Chain

__all__ = [
    "Derived",
    "beyond",
    "canonical_expression",
    "derive",
    "signing_address",
    "single_key",
]

_ORIGIN = re.compile(r"\[[0-9A-Fa-f]{8}")
_HEX_KEY = re.compile(r"\b[0-9A-Fa-f]{64,130}\b")
_LEADING_ZEROS = re.compile(r"(?<=[/<;])0+(?=[0-9])")
_PATH = re.compile(r"(?:0|[1-9][0-9]{0,9})(?:/(?:0|[1-9][0-9]{0,9}))*", re.ASCII)


def canonical_expression(chain: Chain, text: str) -> str:
    """Give the one text of an expression, as a descriptor without checksum and last index.

    A bare key becomes the descriptor it stands for; hardened steps are written `h`; hex is lower
    case.

    Raises:
        InputError: not an expression that is read here, or of another network.
    """
    descriptor = _descriptor_text(chain, text)
    _branches(chain, descriptor)
    descriptor = strip_checksum(descriptor).replace("'", "h")
    descriptor = _LEADING_ZEROS.sub("", descriptor)
    for pattern in (_ORIGIN, _HEX_KEY):
        descriptor = pattern.sub(lambda match: match[0].lower(), descriptor)
    return descriptor


def derive(chain: Chain, expression: str, last: int | None) -> tuple[Derived, ...]:
    """Give all addresses of an expression in order: first branch from 0 to last, then the next.

    Args:
        chain: the chain to write addresses for.
        expression: without its last index; with or without checksum.
        last: highest index, itself included; needed if the expression has a range, else None.

    Raises:
        InputError: not an expression, a last index missing or out of place, too many addresses, or
            scripts that have no address on this chain.
    """
    branches = _branches(chain, _descriptor_text(chain, expression))
    ranged = any(branch.is_ranged for branch in branches)
    indexes = indexes_to(last, ranged=ranged, branches=len(branches), most=MAX_ADDRESSES)
    return tuple(_derived(chain, branch, index) for branch in branches for index in indexes)


def beyond(chain: Chain, expression: str, last: int, margin: int) -> tuple[tuple[str, int], ...]:
    """Give the addresses after a stated last index, each with its index, branch after branch.

    Args:
        chain: the chain to write addresses for.
        expression: without its last index; one without a range has nothing after it.
        last: the stated last index.
        margin: how many indexes after it, 0 or more; fewer if an index can be no higher.

    Raises:
        InputError: not an expression, too many addresses, or scripts that have no address on this
            chain.
    """
    branches = _branches(chain, _descriptor_text(chain, expression))
    if not any(branch.is_ranged for branch in branches):
        return ()
    indexes = indexes_after(last, margin, branches=len(branches), most=MAX_ADDRESSES)
    return tuple(
        (_derived(chain, branch, index).address, index) for branch in branches for index in indexes
    )


def signing_address(chain: Chain, expression: str, signer: str) -> str:
    """Give the address whose key signed for an expression.

    Args:
        chain: the chain to write the address for.
        expression: without its last index.
        signer: steps after the first extended key, such as `0/5`; empty for the first address. Any
            index below 2**31 is taken: the key proves the same whether or not it was used.

    Raises:
        InputError: not an expression, or the expression does not yield this path.
    """
    branches = _branches(chain, _descriptor_text(chain, expression))
    if not signer:
        return _derived(chain, branches[0], 0).address
    if not _PATH.fullmatch(signer):
        raise InputError(f"signer is {signer[:40]!r}, a path such as 0/5 is needed")
    *parents, final = (int(step) for step in signer.split("/"))
    for branch in branches:
        key = _first_extended(branch)
        if key is None or final >= HARDENED:
            continue
        if key.wildcard is not None and key.der_path == tuple(parents):
            return _derived(chain, branch, final).address
        if key.wildcard is None and key.der_path == (*parents, final):
            return _derived(chain, branch, 0).address
    raise InputError(f"signer is {signer!r}, a path that the expression does not yield")


def single_key(chain: Chain, expression: str) -> bool:
    """Tell whether one extended key alone controls every address of an expression.

    Raises:
        InputError: not an expression, or of another network.
    """
    branches = _branches(chain, _descriptor_text(chain, expression))
    return all(_one_key(branch) and bool(_keys(branch)[0].xkey) for branch in branches)


def _descriptor_text(chain: Chain, text: str) -> str:
    """Give descriptor text, made from a bare extended key where the text is one."""
    if len(text) > MAX_LENGTH:
        raise InputError(f"expression of {len(text)} characters, at most {MAX_LENGTH} are allowed")
    if "(" in text:
        return text
    network, key = _network(chain), read_key(text)
    if key is None:
        raise InputError("not an output descriptor and not an extended public key")
    functions = {
        network.bip32_pub: "pkh({})",
        network.slip132_p2wpkh_p2sh_pub: "sh(wpkh({}))",
        network.slip132_p2wpkh_pub: "wpkh({})",
    }
    function = functions.get(key.version)
    if function is None:
        known = ", ".join(version.hex() for version in functions)
        raise InputError(f"extended key has version {key.version.hex()}, {chain.name} uses {known}")
    plain = replace(key, version=network.bip32_pub).text
    return function.format(f"{plain}/<0;1>/*")


def _branches(chain: Chain, text: str) -> tuple[Descriptor, ...]:
    """Read descriptor text into one descriptor a branch and refuse what is not read here."""
    name = "mainnet" if chain.network == "main" else "testnet"
    private: dict[str, str] = {}
    try:
        parts = multipath_descriptors(text)
        branches = tuple(parse(part, name, private) for part in parts)
    except Exception as error:  # Any, because btclib's exceptions change between releases.
        raise InputError(
            f"not an output descriptor with public keys of a {chain.network} network",
            "keys are xpub on main networks and tpub on test ones; a checksum may be left out",
        ) from error
    for branch in branches:
        if private or any(key.wif_prefix for key in branch.key_expressions):
            raise private_key_fault()
        _check(chain, branch)
    return branches


def _check(chain: Chain, branch: Descriptor) -> None:
    """Refuse functions and keys that are not read here."""
    if not (_one_key(branch) or _many_keys(branch)):
        raise InputError(
            "descriptor function is not one that is read here",
            "use pkh, wpkh, sh(wpkh), tr with one key, or multi and sortedmulti in sh and wsh",
        )
    for key in _keys(branch):
        if key.participants:
            raise InputError("descriptor has a musig key, which is not read here")
        if key.xkey and _version(key.xkey) != _network(chain).bip32_pub:
            raise InputError("descriptor has an extended key that is not xpub (tpub on test)")
        if max((*key.der_path, key.wildcard or 0)) >= HARDENED:
            raise InputError("descriptor has a hardened step after an extended public key")


def _one_key(branch: Descriptor) -> bool:
    """Tell whether the descriptor is one of the functions of one key."""
    if isinstance(branch, TrDescriptor):
        return branch.tree is None
    if isinstance(branch, ShDescriptor):
        return isinstance(branch.inner, WpkhDescriptor)
    return isinstance(branch, PkhDescriptor | WpkhDescriptor)


def _many_keys(branch: Descriptor) -> bool:
    """Tell whether the descriptor is multi or sortedmulti inside sh, wsh or sh(wsh)."""
    inner = branch.inner if isinstance(branch, ShDescriptor) else branch
    if isinstance(inner, WshDescriptor):
        inner = inner.inner
    return inner is not branch and isinstance(inner, MultiDescriptor)


def _derived(chain: Chain, branch: Descriptor, index: int) -> Derived:
    """Derive one address; raise InputError if the chain has no address for the script."""
    try:
        script = branch.script_pub_key(index).script
    except Exception as error:  # Any, because btclib's exceptions change between releases.
        raise InputError(f"descriptor has no script at index {index}") from error
    address = address_of_script(chain, script)
    if address is None:
        raise InputError(f"descriptor yields scripts that have no address on {chain.name}")
    key = _first_extended(branch)
    if key is None:
        return Derived(address, "")
    steps = key.der_path if key.wildcard is None else (*key.der_path, index)
    return Derived(address, "/".join(str(step) for step in steps))


def _first_extended(branch: Descriptor) -> KeyExpression | None:
    """Give the first extended key, None if all keys are written out."""
    return next((key for key in _keys(branch) if key.xkey), None)


def _keys(branch: Descriptor) -> tuple[KeyExpression, ...]:
    """Give the keys in the order of the text."""
    return branch.key_expressions


def _network(chain: Chain) -> Network:
    """Give Bitcoin's version bytes for the chain's network; other chains' wallets use them too."""
    return NETWORKS["mainnet" if chain.network == "main" else "testnet"]


def _version(text: str) -> bytes | None:
    """Give the version bytes of an extended key that btclib has read."""
    key = read_key(text)
    return None if key is None else key.version
