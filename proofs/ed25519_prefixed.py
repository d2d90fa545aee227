r"""Scheme `ed25519-prefixed`: a key signs a form around the text, which `profile` names.

    profile         chains      what is signed
    okx             all         varstr("OKX Signed Message:\n") || varstr(text)
    sep-53          stellar     SHA-256("Stellar Signed Message:\n" || text)
    sui-personal    sui         BLAKE2b-256(03 00 00 || ULEB128(length) || text)
    aptos-message   aptos       "APTOS\nmessage: " || text || "\nnonce: " || nonce
    ton-proof       ton         SHA-256(ff ff "ton-connect" || SHA-256("ton-proof-item-v2/" || …))
    cip-8           cardano     COSE Sig_structure of protected header and text

    aptos-message nonce=random_string
    ton-proof domain=github.com timestamp=1754535788

A profile that needs more than the text has it after the name, one field after a space each, with no
space in it. The forms are in `proofs.ed25519.forms` and `proofs.ed25519.cose`. An empty or unknown
profile is refused (`unknown_profile`): guessing the form would let one signature stand for two
texts.

Forms without a published vector are left out: Polkadot's `<Bytes>` with an ed25519 key (those found
are sr25519, which nothing here verifies), Aptos full messages with address, application or chain
(claim them as `ed25519-raw`), TON's `signData`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofs.control import InvalidProof
from proofs.ed25519 import cose
from proofs.ed25519 import forms as ed25519_forms
from proofs.ed25519.account import FAMILIES, prove

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from proofs.control import Proof, Signing
    from proofs.ed25519.forms import Envelope

MAX_PROFILE = 512
"""Characters: a name, a domain of 253 and a nonce."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a message."""

    families: frozenset[str]
    fields: tuple[str, ...]
    """What the profile gives beside its name: each exactly once, in this order."""
    enclose: Callable[[Signing, tuple[str, ...]], Envelope]


FORMS: Mapping[str, Form] = {
    "okx": Form(FAMILIES, (), ed25519_forms.okx),
    "sep-53": Form(frozenset(("stellar",)), (), ed25519_forms.sep_53),
    "sui-personal": Form(frozenset(("sui",)), (), ed25519_forms.sui_personal),
    "aptos-message": Form(frozenset(("aptos",)), ("nonce",), ed25519_forms.aptos_message),
    "ton-proof": Form(frozenset(("ton",)), ("domain", "timestamp"), ed25519_forms.ton_proof),
    "cip-8": Form(frozenset(("cardano",)), (), cose.cip_8),
}


def verify(signing: Signing) -> Proof:
    """Check the key's signature of the form that the profile names.

    Raises:
        InvalidProof: `unknown_profile`, `malformed_profile`, `scheme_not_for_chain`, what the form
            raises, and what `proofs.ed25519.account.prove` raises.
    """
    if len(signing.addresses) != 1:
        raise InvalidProof("account_not_covered")
    name, *given = signing.profile[:MAX_PROFILE].split(" ")
    form = FORMS.get(name)
    if form is None:
        raise InvalidProof("unknown_profile")
    if signing.chain.family not in form.families:
        raise InvalidProof("scheme_not_for_chain")
    signing.show("form", name)
    values = _values(form, given) if len(signing.profile) <= MAX_PROFILE else None
    if values is None:
        raise InvalidProof("malformed_profile")
    envelope = form.enclose(signing, values)
    return prove(signing, envelope.signed, envelope.signature, envelope.public_key)


def _values(form: Form, given: list[str]) -> tuple[str, ...] | None:
    """Give the values of a form's fields, None unless each is there once and in order."""
    pairs = [text.partition("=") for text in given]
    if [name for name, _, _ in pairs] != list(form.fields):
        return None
    values = tuple(value for _, _, value in pairs)
    printable = all(value and value.isascii() and value.isprintable() for value in values)
    return values if printable else None
