"""Scheme `bip137`: one key signs a text for its own address.

The signature recovers a key; the key's hash must be the address's. Source: BIP-137, Bitcoin Core's
`verifymessage`, and what Electrum does beyond both.

    header    P2PKH              P2SH-P2WPKH        P2WPKH
    27-30     uncompressed key   -                  -
    31-34     compressed key     electrum_style     electrum_style
    35-38     -                  yes                -
    39-42     -                  -                  yes

Everything else is refused: other headers, a header that names another type than the address has,
segwit types on a chain without segwit, P2WSH and taproot. A P2SH address says nothing of its
script; a multisig one is refused because no key leads to it (`key_mismatch`). High S is accepted,
as nodes accept it, with a warning. The columns `public_key` and `script` are not read.

Anyone can choose r and s and recover a key that nobody holds, so a text without the address proves
little; the grade says so. Trying every address type for a recovered key was refused: it lets one
signature stand for addresses that it was not made for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.keyhash import hash160
from proofs.control import InvalidProof, Proof, quiet
from proofs.utxo import compact_signature
from proofs.utxo.bitcoinlib_message import digest_of, framed
from proofs.utxo.message_header import header_warnings
from proofs.utxo.output_script import formats_of, nested_key_hash, resolve

if TYPE_CHECKING:
    from config.registry import UtxoFormat
    from proofs.control import Signing, Warning_
    from proofs.utxo.compact_signature import Form
    from proofs.utxo.output_script import Kind

_FITTING: dict[Form, tuple[Kind, ...]] = {
    "uncompressed": ("p2pkh",),
    "compressed": ("p2pkh", "p2sh", "p2wpkh"),
    "p2sh-p2wpkh": ("p2sh",),
    "p2wpkh": ("p2wpkh",),
}


def verify(signing: Signing) -> Proof:
    """Check one key's signature of the message for the one address.

    Raises:
        InvalidProof: with the reason; see the module's table.
    """
    if len(signing.addresses) != 1:
        raise InvalidProof("account_not_covered")
    form = formats_of(signing.chain)
    output = resolve(signing.chain, signing.addresses[0])
    _check_kind(output.kind, form)
    show = signing.show
    show("output script of the address", output.script)
    signature = compact_signature.parse(signing.signature)
    show("kind of key that the header names", signature.form)
    if output.kind not in _FITTING[signature.form]:
        raise InvalidProof("header_mismatch")
    preimage = framed(signing.message, form.message_header)
    digest = digest_of(preimage)
    if show is not quiet:
        show("digest preimage", preimage)
        show("digest", digest)
    key = compact_signature.recover(signature, digest)
    show("recovered public key", key)
    program = _program(output.kind, key)
    if show is not quiet:
        show("hash for the key", program)
        show("hash in the address", output.program)
    if program != output.program:
        raise InvalidProof("key_mismatch")
    return Proof(
        signatures=(compact_signature.identity(signature, digest),),
        warnings=(
            *_style(output.kind, signature.form),
            *compact_signature.warnings_of((signature,)),
            *header_warnings(signing.chain, form, signing.message),
        ),
    )


def _check_kind(kind: Kind, form: UtxoFormat) -> None:
    """Refuse addresses that are not of one key, as far as the address tells."""
    # Without segwit a P2SH program cannot be a nested key: its script would be anyone's to spend.
    if kind == "p2pkh" or (kind in ("p2sh", "p2wpkh") and form.hrp is not None):
        return
    raise InvalidProof("format_not_for_address")


def _program(kind: Kind, key: bytes) -> bytes:
    """Give what an address of this kind holds for a key."""
    key_hash = hash160(key)
    return nested_key_hash(key_hash) if kind == "p2sh" else key_hash


def _style(kind: Kind, form: Form) -> tuple[Warning_, ...]:
    """Name Electrum's use of the P2PKH header for segwit addresses."""
    return ("electrum_style",) if kind != "p2pkh" and form == "compressed" else ()
