"""Scheme `bip322`: the owner of a script satisfies it for a text (BIP-322, version 2.0.0).

    smp<base64>   simple          a witness stack                 P2WPKH, P2WSH, P2TR
    ful<base64>   full            the transaction `to_sign`       any address
    pof<base64>   proof of funds  a finalised PSBT of `to_sign`   any address, and coins of others
    <base64>      read as simple, with warning `legacy_format`

The prefix is read first. Its letters are base64 letters too, so a body that does not fit its prefix
is refused and never tried as anything else. Text without a prefix is only ever a witness stack. The
BIP's own `legacy` variant, 65 bytes of signed message, is refused here: it is the scheme `bip137`,
with its own warnings and grade, and one text must not be two schemes.

Three results: a `Proof`, `InvalidProof`, and `InconclusiveProof` for rules that a later version may
change. A `Proof` with a lock time or sequence is one that holds from then on; the caller decides
whether that is now. The coins of a proof of funds are the prover's list with the prover's amounts:
the signatures show who owns those scripts, and only the chain shows that the coins exist.

A proof's identity is the id of `to_sign` without signatures, which holds the text and the script.
The bytes of a signature would not do: parts of some witnesses can be changed by anyone.

Accounts: `smp` and `ful` prove one. A proof of funds proves the message's address, which is named
first, and each further named address that is the script of a verified input; an address without one
refuses the claim. Coins of scripts that nobody named may be listed and prove nothing for an
account.

Other chains' scripts are checked by Bitcoin's rules. On a chain without segwit a witness is
refused, since there such a script would be anyone's to spend. The columns `public_key` and `script`
are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from proofs import base64text
from proofs.control import InvalidProof, Proof, quiet
from proofs.utxo.btclib_bip322 import Variant, check, check_key
from proofs.utxo.output_script import classify, formats_of, resolve
from proofs.utxo.to_sign import lock_time_of, sequence_of, takes_script_path

if TYPE_CHECKING:
    from config.registry import UtxoFormat
    from proofs.control import Signing, Warning_
    from proofs.utxo.output_script import OutputScript
    from proofs.utxo.to_sign import ToSign

MAX_TEXT = 64 * 1024
"""Characters of `smp` and `ful`, prefix apart: one input, and far more than a witness that nodes
relay needs. It bounds the work of a hostile claim."""
MAX_FUNDS_TEXT = 4 * 1024 * 1024
"""Characters of `pof`, prefix apart: thousands of coins with the transactions that made them."""

BITCOIN = "bc"
"""The prefix of the addresses that the library reads."""

_PREFIX_SIZE = 3
_NATIVE_SEGWIT = ("p2wpkh", "p2wsh", "p2tr")
_SIGNED_MESSAGE_SIZE = 65
_VARIANTS: dict[str, Variant] = {variant: variant for variant in get_args(Variant)}


def verify(signing: Signing) -> Proof:
    """Check a BIP-322 signature of the message.

    Raises:
        InvalidProof: with the reason.
        InconclusiveProof: `upgradeable_rule`; `time_locked` for locks that one pair (T, S) cannot
        state.
    """
    form = formats_of(signing.chain)
    outputs = tuple([resolve(signing.chain, address) for address in signing.addresses])
    variant, text = _split(signing.signature)
    if not outputs or (variant != "pof" and len(outputs) > 1):
        raise InvalidProof("account_not_covered")
    body = base64text.decode(text, MAX_FUNDS_TEXT if variant == "pof" else MAX_TEXT)
    _check_format(variant, body, outputs[0])
    if (signed := _checked_key(variant, body, signing, outputs[0])) is not None:
        return Proof(signatures=(signed,))
    signing.show("output script of the address", outputs[0].script)
    signing.show("read as", variant or "smp, without a prefix")
    signing.show("signature, decoded", body)
    to_sign = check(variant or "smp", body, signing.message, outputs[0].script, signing.show)
    signing.show("lock time", str(to_sign.lock_time))
    for spent in to_sign.inputs:
        signing.show(
            "output script of an input that is satisfied", bytes.fromhex(spent.coin.script)
        )
    _check_chain(form, to_sign)
    _check_coverage(outputs, to_sign)
    return Proof(
        signatures=(to_sign.unsigned_id,),
        warnings=_warnings(variant, to_sign),
        lock_time=lock_time_of(to_sign),
        sequence=sequence_of(to_sign),
        outpoints=tuple(spent.coin for spent in to_sign.inputs[1:]),
    )


def _checked_key(
    variant: Variant | None, body: bytes, signing: Signing, output: OutputScript
) -> str | None:
    """Check the frequent kind of signature the short way and give its identity.

    None where it is of another kind, or not valid, or to be shown: the long way tells all of it.
    What follows the long way holds here by the kind: one input, of the one address, without locks.
    """
    if variant != "smp" or output.kind != "p2wpkh" or signing.show is not quiet:
        return None
    if signing.chain.utxo is None or signing.chain.utxo.hrp != BITCOIN:
        return None
    return check_key(body, signing.message, output.script, signing.addresses[0])


def _split(text: str) -> tuple[Variant | None, str]:
    """Take the prefix off; None if there is none of the three."""
    variant = _VARIANTS.get(text[:_PREFIX_SIZE])
    return variant, text if variant is None else text[_PREFIX_SIZE:]


def _check_format(variant: Variant | None, body: bytes, output: OutputScript) -> None:
    """Refuse a witness stack for an address that needs more than one."""
    if variant in ("ful", "pof") or output.kind in _NATIVE_SEGWIT:
        return
    if variant is None and len(body) == _SIGNED_MESSAGE_SIZE:
        raise InvalidProof("malformed_signature")
    raise InvalidProof("format_not_for_address")


def _check_chain(form: UtxoFormat, to_sign: ToSign) -> None:
    """Refuse spends by rules that the chain does not have."""
    if form.hrp is None and any(spent.witness for spent in to_sign.inputs):
        raise InvalidProof("scheme_not_for_chain")
    kinds = {classify(bytes.fromhex(spent.coin.script)).kind for spent in to_sign.inputs}
    if "p2tr" in kinds and not form.taproot:
        raise InvalidProof("scheme_not_for_chain")


def _check_coverage(outputs: tuple[OutputScript, ...], to_sign: ToSign) -> None:
    """Refuse a claim that names an address which no input is of."""
    spent = {one.coin.script for one in to_sign.inputs}
    if any(output.script.hex() not in spent for output in outputs):
        raise InvalidProof("account_not_covered")


def _warnings(variant: Variant | None, to_sign: ToSign) -> tuple[Warning_, ...]:
    """Name an absent prefix and a taproot leaf."""
    legacy: tuple[Warning_, ...] = ("legacy_format",) if variant is None else ()
    return (*legacy, "script_path") if takes_script_path(to_sign) else legacy
