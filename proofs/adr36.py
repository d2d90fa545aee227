"""Scheme `adr36`: a wallet of a Cosmos SDK chain signs arbitrary data (ADR-036, Amino form).

    document   {"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"",
               "msgs":[{"type":"sign/MsgSignData","value":{"data":base64(message),
               "signer":address}}],"sequence":"0"}               one line, keys sorted, no spaces
    digest     SHA-256(document)
    signature  base64 of r || s, 64 bytes, s at most n/2
    key        `public_key`: 33 bytes, as base64 (44 characters, as wallets give it) or hex

The document is built from the claim's message and address; a document of the prover's is never
read. Amino escapes `<`, `>` and `&`, and neither base64 nor an address holds one. The empty chain
id is what keeps the document from being a transaction.

On these chains an account keeps the key that its address is made from, so the address alone says
whose it is; what others may do by `authz` grants, and what is locked in vesting, is not read.
Refused: an empty message, which the standard does not have; multisig keys; Ethermint chains, whose
keys hash otherwise (`chains.cosmos.address` lists the chains that are read). An address on another
such chain is another claim: the document names it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING

from chains.cosmos.address import address_of_key
from config.errors import InputError
from proofs import base64text, secp256k1
from proofs.control import InvalidProof, Proof

if TYPE_CHECKING:
    from proofs.control import Signing

SIGNATURE_TEXT = 88
"""Characters of base64 for 64 bytes."""
KEY_TEXT = 44
"""Characters of base64 for 33 bytes; hex has 66, so the length tells the two apart."""

_HEX_KEY = re.compile(r"(?:0[xX])?([0-9a-fA-F]{66})", re.ASCII)


def verify(signing: Signing) -> Proof:
    """Check a claim.

    Raises:
        InvalidProof: `scheme_not_for_chain`, `account_not_covered` for more than one address,
        `malformed_message`, `malformed_public_key`, `malformed_signature`, `key_mismatch`,
        `high_s`, `signature_invalid`.
    """
    claimed = signing.only_address("cosmos")
    if not signing.message:
        raise InvalidProof("malformed_message")
    document = sign_doc(signing.message, claimed)
    digest = hashlib.sha256(document).digest()
    signing.show("digest preimage", document)
    signing.show("digest (sha-256)", digest)
    key = _key(signing.public_key)
    signature = base64text.decode(signing.signature, SIGNATURE_TEXT)
    _check_address(signing, key)
    secp256k1.check(secp256k1.read_key(key), signature, digest)
    return Proof((secp256k1.identity(key, signature, digest),))


def sign_doc(message: bytes, signer: str) -> bytes:
    """Build the document that a wallet signs.

    Args:
        message: the data, at least one byte.
        signer: canonical address.
    """
    data = base64.b64encode(message).decode("ascii")
    return (
        '{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":'
        f'[{{"type":"sign/MsgSignData","value":{{"data":"{data}","signer":"{signer}"}}}}],'
        '"sequence":"0"}'
    ).encode()


def _key(text: str) -> bytes:
    if len(text) == KEY_TEXT:
        key = base64text.decode(text, KEY_TEXT, "malformed_public_key")
    elif match := _HEX_KEY.fullmatch(text):
        key = binascii.unhexlify(match[1])
    else:
        raise InvalidProof("malformed_public_key")
    secp256k1.read_key(key)
    return key


def _check_address(signing: Signing, key: bytes) -> None:
    try:
        address = address_of_key(signing.chain, key)
    except InputError as error:
        raise InvalidProof("scheme_not_for_chain") from error
    signing.show("public key", key)
    signing.show("address of the key", address)
    signing.show("address claimed", signing.addresses[0])
    if address != signing.addresses[0]:
        raise InvalidProof("key_mismatch")
