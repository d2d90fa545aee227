"""BitMEX: the reserves file of its proof of reserves, YAML with scripts and descriptors.

    chain: main                     height: 664000            total: …
    claim: {m: 3, n: 4}             keys: [04…, 04…, 04…]     xpub: [xpub…]
    address:
    - {addr: bc1q…, addr_type: wsh, script: 5321…54ae, balance: 1}     sh, sh_wsh, wsh: the script
    - {addr: bc1q…, addr_type: wpkh, script: wpkh(xpub…/0/5), balance: 1}        a descriptor
    - {addr: 1…, addr_type: unspendable, balance: 1}
    custodial:
    - {addr: bc1q…, balance: 1}     held by somebody else; or the address alone

The publisher's own tool lets a surplus on one address cover a false row on another, and takes a key
with either parity. Here each row stands alone: the script must hash to the address, its threshold
and number of keys must be the file's `claim`, and all its keys but one (each address has one of its
own) must be keys of the file. A descriptor must yield the address from an extended key of the file.
An address in both lists is one account, with the custodian as its holder.

There is no signature in the file, so no account gets a claim. An unknown key at the top refuses the
file: it may hold a list of addresses that would be passed over.

Source: BitMEX/proof-of-reserves-liabilities, `validate_reserves.py`, `test/test_reserves.py`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coincurve import PublicKey

from attest.imports.entries import (
    MAX_BYTES,
    MAX_TEXT,
    SELF,
    UNKNOWN_HOLDER,
    Entry,
    RefusedRow,
    sort_out,
)
from attest.imports.yamltext import Items, Table, Text, parse_yaml
from chains.keyhash import hash160
from config.caip import address_of
from config.errors import InputError, shown
from config.text import is_plain
from proofs.control import InvalidProof
from proofs.utxo import checkmultisig
from proofs.utxo.output_script import nested_script_hash, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.imports.entries import Known, Reading
    from attest.imports.yamltext import Node
    from config.registry import Chain
    from proofs.utxo.output_script import Kind

LIMITS = (
    "nothing is signed: the file does not show who has the keys it names; no account has a claim",
    "that the keys are the publisher's must be known from elsewhere",
    "custodial addresses come without keys: their holder is the custodian, where one is named",
    "balances and the total of the file are not imported: balances are read from the chain",
    "whose the coins are and how keys are kept is not said: owner is mixed, method unknown",
    "what customers are owed is published apart",
)

CHAINS: Mapping[str, str] = {
    "main": "bitcoin",
    "testnet4": "bitcoin-testnet4",
    "signet": "bitcoin-signet",
    "regtest": "bitcoin-regtest",
}
"""What a node calls its chain, and the short name here; the third test network has none."""

TOP = {
    *("height", "blockhash", "chain", "claim", "total"),
    *("keys", "xpub", "address", "custodial"),
}
ADDRESS_KEYS = {"addr", "addr_type", "script", "balance"}
CUSTODIAL_KEYS = {"addr", "balance", "custodian"}
MAX_KEYS = 1_000
"""Keys and extended keys that one file names; the publisher has four."""

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+", re.ASCII)
_COUNT = re.compile(r"[1-9][0-9]?", re.ASCII)
_EXTENDED = re.compile(r"[a-zA-Z]pub[1-9A-HJ-NP-Za-km-z]{90,120}", re.ASCII)

_HASHES: Mapping[str, tuple[Kind, Callable[[bytes], bytes]]] = {
    "sh": ("p2sh", hash160),
    "sh_wsh": ("p2sh", nested_script_hash),
    "wsh": ("p2wsh", lambda script: hashlib.sha256(script).digest()),
}
"""For each type of address: the template of its output, and how the script leads to its program."""


@dataclass(frozen=True, slots=True)
class _Stated:
    """What the file says of all its addresses."""

    chain: Chain
    threshold: int
    count: int
    keys: frozenset[bytes]
    """Compressed."""
    extended: frozenset[str]


def read(data: bytes, name: str, known: Known) -> Reading:
    """Read a reserves file.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        known: chains, address parsers and schemes.

    Raises:
        InputError: not YAML of the small kind that is read, or what stands above the lists is not
            as the module says.
    """
    top = parse_yaml(data, name, MAX_BYTES)
    if not isinstance(top, Table) or not {"chain", "claim", "keys", "address"} <= top.cells.keys():
        raise InputError.at(name, "", "not a reserves file: chain, claim, keys, address are needed")
    for key in sorted(top.cells.keys() - TOP):
        raise InputError.at(name, shown(key), "unknown key", f"known: {', '.join(sorted(TOP))}")
    stated = _stated(top, name, known)
    own = ((one.line, (one, False)) for one in _list(top, "address", name))
    foreign = ((one.line, (one, True)) for one in _list(top, "custodial", name))
    return sort_out(
        (*own, *foreign),
        lambda row: _custodial(row[0], stated, known) if row[1] else _own(row[0], stated, known),
        lambda row: _about(row[0]),
    )


def _stated(top: Table, name: str, known: Known) -> _Stated:
    chain = _text(top.cells["chain"])
    if chain not in CHAINS:
        hint = f"known: {', '.join(CHAINS)}"
        raise InputError.at(name, "chain", f"unknown chain: {shown(chain)}", hint)
    claim = top.cells["claim"]
    numbers = claim.cells if isinstance(claim, Table) else {}
    m, n = (_text(numbers.get(one)) for one in ("m", "n"))
    if not (_COUNT.fullmatch(m) and _COUNT.fullmatch(n) and int(m) <= int(n)):
        raise InputError.at(name, "claim", f"m of n expected, met {shown(m)} of {shown(n)}")
    return _Stated(
        known.registry.chain(CHAINS[chain]),
        int(m),
        int(n),
        frozenset(_key(_text(one), name) for one in _list(top, "keys", name, MAX_KEYS)),
        frozenset(_text(one) for one in _list(top, "xpub", name, MAX_KEYS)),
    )


def _list(top: Table, key: str, name: str, limit: int | None = None) -> tuple[Node, ...]:
    """Give a list of the file; a list that is absent or blank has nothing in it."""
    node = top.cells.get(key)
    if node is None or (isinstance(node, Text) and not node.text):
        return ()
    if key == "xpub" and isinstance(node, Text):
        return (node,)
    if not isinstance(node, Items):
        raise InputError.at(name, key, "a list is needed")
    if limit is not None and len(node.items) > limit:
        raise InputError.at(name, key, f"{len(node.items)} entries, the limit is {limit}")
    return node.items


def _key(text: str, name: str) -> bytes:
    """Give a public key's compressed form: its parity is the key's own."""
    try:
        return PublicKey(bytes.fromhex(text)).format()
    except ValueError as error:
        raise InputError.at(name, "keys", f"not a public key: {shown(text, 12)}") from error


def _text(node: Node | None) -> str:
    """Give a scalar's text; empty for anything else."""
    return node.text if isinstance(node, Text) else ""


def _about(node: Node) -> str:
    return _text(node.cells.get("addr")) if isinstance(node, Table) else _text(node)


def _cells(node: Node, allowed: set[str]) -> dict[str, str]:
    """Give an entry's texts by their keys; refuse an entry of another form."""
    if not isinstance(node, Table) or not node.cells.keys() <= allowed:
        raise RefusedRow("malformed_row")
    cells = {key: _text(value) for key, value in node.cells.items()}
    whole = all(isinstance(value, Text) for value in node.cells.values())
    if not whole or not cells.get("addr") or any(len(cell) > MAX_TEXT for cell in cells.values()):
        raise RefusedRow("malformed_row")
    return cells


def _custodial(node: Node, stated: _Stated, known: Known) -> Entry:
    cells = {"addr": node.text} if isinstance(node, Text) else _cells(node, CUSTODIAL_KEYS)
    holder = cells.get("custodian") or UNKNOWN_HOLDER
    if not is_plain(holder) or holder == SELF:
        raise RefusedRow("malformed_row")
    account = known.account(stated.chain, cells["addr"])
    return Entry(account, "unknown", holder, "custodial")


def _own(node: Node, stated: _Stated, known: Known) -> Entry:
    cells = _cells(node, ADDRESS_KEYS)
    kind, script = cells.get("addr_type", ""), cells.get("script", "")
    if kind == "unspendable":
        raise RefusedRow("unspendable")
    account = known.account(stated.chain, cells["addr"])
    if kind in _HASHES:
        _check_script(kind, script, address_of(account), stated)
        return Entry(account, "unknown", SELF, f"{kind} {stated.threshold} of {stated.count}")
    if kind == "wpkh":
        _check_descriptor(script, address_of(account), stated, known)
        return Entry(account, "unknown", SELF, kind)
    raise RefusedRow("malformed_row")


def _check_script(kind: str, text: str, address: str, stated: _Stated) -> None:
    """Refuse a script that is not the address's, or not of the file's keys."""
    if not _HEX.fullmatch(text):
        raise RefusedRow("malformed_script")
    script = bytes.fromhex(text)
    template, program = _HASHES[kind]
    try:
        output = resolve(stated.chain, address)
        multisig = checkmultisig.parse(script)
    except InvalidProof as error:
        raise RefusedRow("malformed_script") from error
    if output.kind != template or output.program != program(script):
        raise RefusedRow("script_mismatch")
    points = {PublicKey(key).format() for key in multisig.keys}
    stands = (multisig.threshold, len(multisig.keys)) == (stated.threshold, stated.count)
    if not stands or len(points & stated.keys) < stated.count - 1:
        raise RefusedRow("keys_mismatch")


def _check_descriptor(text: str, address: str, stated: _Stated, known: Known) -> None:
    """Refuse a descriptor that does not yield just the address, from the file's extended keys."""
    named = set(_EXTENDED.findall(text))
    if not named or not named <= stated.extended:
        raise RefusedRow("keys_mismatch")
    if "*" in text:
        raise RefusedRow("no_last_index")
    try:
        yielded = known.addresses.derive(stated.chain, text)
    except InputError as error:
        raise RefusedRow("malformed_script") from error
    if yielded != (address,):
        raise RefusedRow("script_mismatch")
