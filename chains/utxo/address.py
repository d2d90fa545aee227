"""Addresses of the Bitcoin family: text to output script and back, for each chain's own formats.

    base58check   pay to public key hash, pay to script hash; version bytes from the registry row
    bech32(m)     witness version 0 (20 or 32 bytes), version 1 (32 bytes) where taproot is active
    cashaddr      Bitcoin Cash; the old base58 form is read too

One script has one canonical text, the one that is written from the script: segwit lower
case, cashaddr without prefix, the first version byte of the registry row (Litecoin reads `3…` and
writes `M…`). Witness versions above 1, and version 1 programs that are not 32 bytes, are refused:
anyone can spend such coins, so nobody can show that he controls them. Faults never repeat more than
the first characters of the text, because what is pasted into the wrong field may be a private key.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import base58

from chains.refusal import not_an_address
from chains.utxo import base58check, bech32, cashaddr
from config.errors import InputError

if TYPE_CHECKING:
    from config.registry import Chain, UtxoFormat

MAX_BASE58_LENGTH = 40
"""A version of two bytes, a hash and a checksum are at most 36 characters."""

READ = 1024
"""Addresses remembered with their scripts: a claim's is read with its row and by its scheme."""

_HASH_SIZE = 20
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]+", re.ASCII)

# Opcodes that frame a hash in the templates of BIP-16, BIP-141, BIP-341 and CHIP-2022-05 (P2SH32).
_P2PKH = (b"\x76\xa9\x14", b"\x88\xac")
_P2SH = (b"\xa9\x14", b"\x87")
_P2SH32 = (b"\xaa\x20", b"\x87")
_WITNESS_0_20 = (b"\x00\x14", b"")
_WITNESS_0_32 = (b"\x00\x20", b"")
_WITNESS_1_32 = (b"\x51\x20", b"")
_TEMPLATES = (
    (_P2PKH, 20),
    (_P2SH, 20),
    (_P2SH32, 32),
    (_WITNESS_0_20, 20),
    (_WITNESS_0_32, 32),
    (_WITNESS_1_32, 32),
)


def parse_address(chain: Chain, text: str) -> str:
    """Give the canonical text of an address.

    Args:
        chain: a chain of the Bitcoin family.
        text: any form the chain's wallets write, without surrounding spaces.

    Raises:
        InputError: not an address of this chain and network.
    """
    script = script_of(chain, text)
    if _is_written(_form(chain), text):
        return text
    address = address_of_script(chain, script)
    if address is None:
        raise not_an_address(
            chain, text, "its script has no address form that can be proved on this chain"
        )
    return address


def script_of(chain: Chain, address: str) -> bytes:
    """Give the output script that an address stands for; raise InputError as parse_address does."""
    form = _form(chain)
    try:
        return _decode(form, address)
    except InputError as error:
        raise not_an_address(chain, address, error.what) from error


def address_of_script(chain: Chain, script: bytes) -> str | None:
    """Give the canonical address of an output script, None if the chain has no address for it."""
    form = _form(chain)
    for template, size in _TEMPLATES:
        head, tail = template
        if len(script) != len(head) + size + len(tail):
            continue
        if script.startswith(head) and script.endswith(tail):
            return _encode(form, template, script[len(head) : len(head) + size])
    return None


def _is_written(form: UtxoFormat, text: str) -> bool:
    """Tell whether text that was read is surely what would be written, so that it need not be.

    Segwit text is, in lower case: prefix, version and program leave one checksum and no other
    padding. Base58 is, where a kind of script has one version byte: the encoding is one to one.
    """
    if form.hrp is not None and text.lower().startswith(f"{form.hrp}1"):
        return text.islower()
    return form.cashaddr is None and len(form.p2pkh) == len(form.p2sh) == 1


@lru_cache(maxsize=READ)
def _decode(form: UtxoFormat, text: str) -> bytes:
    """Tell the format by its look and read it."""
    if form.hrp is not None and text.lower().startswith(f"{form.hrp}1"):
        return _read_witness(form, form.hrp, text)
    # No base58 address is as long as the shortest cashaddr (42 characters).
    if form.cashaddr is not None and len(text) > MAX_BASE58_LENGTH:
        return _read_cashaddr(form.cashaddr, text)
    return _read_base58(form, text)


def _encode(form: UtxoFormat, template: tuple[bytes, bytes], digest: bytes) -> str | None:
    """Write the address of a template with its hash, None if the chain has no such address."""
    if template in (_P2PKH, _P2SH, _P2SH32):
        return _write_hash(form, template, digest)
    version = 1 if template is _WITNESS_1_32 else 0
    if form.hrp is None or (version == 1 and not form.taproot):
        return None
    return bech32.encode_witness(form.hrp, version, digest)


def _write_hash(form: UtxoFormat, template: tuple[bytes, bytes], digest: bytes) -> str | None:
    """Write the address of a key hash or script hash."""
    if form.cashaddr is not None:
        return cashaddr.encode(form.cashaddr, 0 if template is _P2PKH else 1, digest)
    if template is _P2SH32:
        return None
    versions = form.p2pkh if template is _P2PKH else form.p2sh
    return base58.b58encode_check(_version_bytes(versions[0]) + digest).decode("ascii")


def _read_witness(form: UtxoFormat, prefix: str, text: str) -> bytes:
    """Read a segwit address of a version that someone can prove."""
    version, program = bech32.decode_witness(prefix, text)
    if version == 0:
        return bytes((0, len(program))) + program
    if version == 1 and form.taproot and len(program) == 32:  # noqa: PLR2004 - BIP-341
        return _fill(_WITNESS_1_32, program)
    raise InputError(f"witness version {version} of {len(program)} bytes is spendable by anyone")


def _read_cashaddr(prefix: str, text: str) -> bytes:
    """Read a cashaddr; kinds 2 and 3 are 0 and 1 of a wallet that knows tokens (CHIP-2022-02)."""
    kind, digest = cashaddr.decode(prefix, text)
    if kind in (0, 2) and len(digest) == _HASH_SIZE:
        return _fill(_P2PKH, digest)
    if kind in (1, 3) and len(digest) == _HASH_SIZE:
        return _fill(_P2SH, digest)
    if kind in (1, 3) and len(digest) == 32:  # noqa: PLR2004 - CHIP-2022-05
        return _fill(_P2SH32, digest)
    raise InputError(f"cashaddr kind {kind} with a hash of {len(digest)} bytes is not defined")


def _read_base58(form: UtxoFormat, text: str) -> bytes:
    """Read a base58check address of one of the chain's version bytes."""
    data = base58check.read(text) if len(text) <= MAX_BASE58_LENGTH else None
    if data is None:
        looks_right = len(text) <= MAX_BASE58_LENGTH and _BASE58.fullmatch(text)
        unlike = "not in a form that the chain uses"
        raise InputError("base58 checksum does not match" if looks_right else unlike)
    version, digest = data[:-_HASH_SIZE], data[-_HASH_SIZE:]
    template = _templates(form).get(version)
    if template is not None and len(digest) == _HASH_SIZE:
        return _fill(template, digest)
    expected = ", ".join(_version_bytes(number).hex() for number in form.p2pkh + form.p2sh)
    raise InputError(f"version {version.hex() or 'missing'} in hex, the chain uses {expected}")


@lru_cache(maxsize=64)
def _templates(form: UtxoFormat) -> dict[bytes, tuple[bytes, bytes]]:
    """Give what each version stands for; that of a key hash is looked at first."""
    scripts = {_version_bytes(number): _P2SH for number in form.p2sh}
    return scripts | {_version_bytes(number): _P2PKH for number in form.p2pkh}


def _version_bytes(number: int) -> bytes:
    """Give a version in one byte, or in two if it needs them (Zcash)."""
    return number.to_bytes(1 if number <= 0xFF else 2, "big")  # noqa: PLR2004 - one byte


def _fill(template: tuple[bytes, bytes], digest: bytes) -> bytes:
    """Put a hash between the opcodes of a template."""
    return template[0] + digest + template[1]


def _form(chain: Chain) -> UtxoFormat:
    """Give the chain's formats; raise InputError if it is not of the Bitcoin family."""
    if chain.utxo is None:
        raise InputError(f"{chain.name} is a chain of family {chain.family!r}, not 'utxo'")
    return chain.utxo
