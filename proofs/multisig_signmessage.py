"""Scheme `multisig-signmessage`: M of the keys of a multisig address sign the same text.

There is no standard for it; exchanges publish it as the signatures of the signed-message form and
the script. The signatures stand in the column `signature`, joined by `;`, the redeem or witness
script in `script` as hex. What must hold:

1. the address is P2SH, P2WSH or P2SH-P2WSH, and the script's hash is the address's;
2. the script is plain CHECKMULTISIG (`proofs.utxo.checkmultisig`): keys and M are the script's own;
3. each signature recovers a key of the script, in the form (compressed or not) that the script has;
4. no key signs twice, and at least M sign. Both S forms of a signature are the same signature.

Refused besides: a signature of a foreign key, however many others are right; headers 35 to 42,
which name addresses of one key; scripts that cannot be spent (a P2SH script above 520 bytes,
uncompressed keys under segwit). The column `public_key` is not read.

Counting signatures, rather than signers, was refused: one signer would then pass a 2-of-3.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from chains.keyhash import hash160
from proofs import hextext
from proofs.control import InvalidProof, Proof, quiet
from proofs.utxo import checkmultisig, compact_signature
from proofs.utxo.bitcoinlib_message import digest_of, framed
from proofs.utxo.message_header import header_warnings
from proofs.utxo.output_script import formats_of, nested_script_hash, resolve

if TYPE_CHECKING:
    from proofs.control import Show, Signing
    from proofs.utxo.checkmultisig import Multisig
    from proofs.utxo.compact_signature import CompactSignature
    from proofs.utxo.output_script import OutputScript

SEPARATOR = ";"
MAX_REDEEM_SCRIPT = 520
"""Bytes: the redeem script is pushed, and no push is longer (BIP-16)."""
MAX_SCRIPT = 3 + checkmultisig.MAX_KEYS * 66
"""Bytes of the longest plain multisig script: 16 uncompressed keys."""

_COMPRESSED_SIZE = 33


def verify(signing: Signing) -> Proof:
    """Check the signatures of M or more keys of the one address's script.

    Raises:
        InvalidProof: with the reason; see the module's list.
    """
    if len(signing.addresses) != 1:
        raise InvalidProof("account_not_covered")
    form = formats_of(signing.chain)
    output = resolve(signing.chain, signing.addresses[0])
    if output.kind not in ("p2sh", "p2wsh"):
        raise InvalidProof("format_not_for_address")
    show = signing.show
    show("output script of the address", output.script)
    script = _script(signing.script)
    show("script", script)
    multisig = checkmultisig.parse(script)
    if show is not quiet:
        _show_script(show, script, multisig)
    show("hash in the address", output.program)
    _check_commitment(output, script, multisig, segwit=form.hrp is not None)
    signatures = _signatures(signing.signature)
    preimage = framed(signing.message, form.message_header)
    show("digest preimage", preimage)
    digest = digest_of(preimage)
    show("digest", digest)
    _check_signers(multisig, tuple(_signer(one, digest, show) for one in signatures))
    return Proof(
        signatures=tuple(compact_signature.identity(one, digest) for one in signatures),
        warnings=(
            *compact_signature.warnings_of(signatures),
            *header_warnings(signing.chain, form, signing.message),
        ),
    )


def _script(text: str) -> bytes:
    """Read the script's hex."""
    return hextext.decode(text, hextext.limit_of(MAX_SCRIPT), "malformed_script")


def _show_script(show: Show, script: bytes, multisig: Multisig) -> None:
    """Show what a script asks for, and its hashes; the address has one of them."""
    show("signers needed", str(multisig.threshold))
    for key in multisig.keys:
        show("key of the script", key)
    show("hash of the script, for P2SH", hash160(script))
    show("hash of the script, for P2WSH", hashlib.sha256(script).digest())
    show("hash of the script, for P2WSH nested in P2SH", nested_script_hash(script))


def _check_commitment(
    output: OutputScript, script: bytes, multisig: Multisig, *, segwit: bool
) -> None:
    """Refuse a script that is not the address's, or that its address cannot be spent by."""
    if output.kind == "p2sh" and hash160(script) == output.program:
        if len(script) > MAX_REDEEM_SCRIPT:
            raise InvalidProof("malformed_script")
        return
    witness_program = (
        hashlib.sha256(script).digest() if output.kind == "p2wsh" else nested_script_hash(script)
    )
    if not segwit or witness_program != output.program:
        raise InvalidProof("script_mismatch")
    # BIP-143: nodes do not relay a spend of an uncompressed key under segwit.
    if any(len(key) != _COMPRESSED_SIZE for key in multisig.keys):
        raise InvalidProof("malformed_script")


def _signatures(text: str) -> tuple[CompactSignature, ...]:
    """Cut the joined signatures apart and read each; at most one a key."""
    parts = text.split(SEPARATOR, checkmultisig.MAX_KEYS)
    if len(parts) > checkmultisig.MAX_KEYS:
        raise InvalidProof("malformed_signature")
    return tuple(compact_signature.parse(part) for part in parts)


def _signer(signature: CompactSignature, digest: bytes, show: Show) -> bytes:
    """Recover the key of a signature in the form that its header states."""
    if signature.form not in ("uncompressed", "compressed"):
        raise InvalidProof("header_mismatch")
    key = compact_signature.recover(signature, digest)
    show("recovered public key", key)
    return key


def _check_signers(multisig: Multisig, signers: tuple[bytes, ...]) -> None:
    """Refuse foreign signers, too few distinct ones, and repetitions."""
    if any(signer not in multisig.keys for signer in signers):
        raise InvalidProof("key_mismatch")
    distinct = len(set(signers))
    if distinct < multisig.threshold:
        raise InvalidProof("threshold_not_met")
    # A repetition adds nothing, so whoever wrote it meant something else.
    if distinct != len(signers):
        raise InvalidProof("malformed_signature")
