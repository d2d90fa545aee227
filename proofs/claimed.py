"""What a claim's row names: the text that was signed, and the addresses that it is to prove."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.families import signing_address
from config.claims import CHALLENGE, CHALLENGE_LINE
from config.errors import InputError
from config.times import parse_time
from proofs.challenge import build_text, issued_for, short_text
from proofs.control import InvalidProof, Signing, UnprovedClaim, quiet
from proofs.schemes import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from config.challenges import Challenges
    from config.claims import Claim, Subject
    from config.registry import Registry
    from proofs.control import Show
    from proofs.facts import Facts

_FORMS: Mapping[str, Callable[[Challenges, str], str]] = {
    CHALLENGE: build_text,
    CHALLENGE_LINE: short_text,
}
"""The words that stand for an issued text."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What every claim of a file is judged on; the fields are those of `proofs.check.check`."""

    registry: Registry
    challenges: Challenges | None
    as_of: int | None
    facts: Facts | None
    show: Show = quiet
    carried: str = ""
    """Names the earlier statement whose claims these are: what its texts had to be valid at is its
    own time, and not the block at which the chains are heard today."""


def message_of(claim: Claim, grounds: Grounds) -> bytes:
    """Give the exact bytes that a claim says were signed.

    They are its literal, or the text that was issued for its first account. The issued text is
    bound by its window, also where it is pasted.

    Raises:
        InvalidProof: `malformed_message`; `challenge_of_another`.
        UnprovedClaim: `no_challenge`, `challenge_expired`.
    """
    form, show = _FORMS.get(claim.message), grounds.show
    if form is None:
        message, form = _literal(claim), build_text
        issued = issued_account(grounds.challenges, message)
        if issued != claim.subjects[0].id:
            if issued is not None and issued not in {subject.id for subject in claim.subjects}:
                raise InvalidProof("challenge_of_another")
            show("text of the claim, encoding", claim.encoding)
            show("message", message)
            return message
        _issued(claim, grounds, form)
    else:
        message = _issued(claim, grounds, form)
    show("text issued for", claim.subjects[0].id)
    show("message", message)
    return message


def issued_account(challenges: Challenges | None, message: bytes) -> str | None:
    """Give the account for which a message was issued; None if it is no issued text."""
    if challenges is None:
        return None
    try:
        return issued_for(challenges, message.decode("ascii"))
    except UnicodeDecodeError:
        return None


def _literal(claim: Claim) -> bytes:
    if claim.encoding == "utf8":
        return claim.message.encode()
    try:
        return binascii.unhexlify(claim.message.removeprefix("0x"))
    except ValueError as error:
        raise InvalidProof("malformed_message") from error


def _issued(claim: Claim, grounds: Grounds, form: Callable[[Challenges, str], str]) -> bytes:
    account, challenges = claim.subjects[0].id, grounds.challenges
    if challenges is None or account not in challenges.texts:
        raise UnprovedClaim("no_challenge")
    if claim.received_at is not None:
        check_window(challenges, claim.received_at)
    if _moment(claim, grounds) > parse_time(challenges.expiresAt):
        raise UnprovedClaim("challenge_expired")
    return form(challenges, account).encode()


def check_window(challenges: Challenges, moment: int) -> None:
    """Return if the texts were valid at a moment, Unix seconds.

    Raises:
        UnprovedClaim: `challenge_expired`.
    """
    if not parse_time(challenges.issuedAt) <= moment <= parse_time(challenges.expiresAt):
        raise UnprovedClaim("challenge_expired")


def _moment(claim: Claim, grounds: Grounds) -> int:
    """Give when a text must not have expired: its statement's time, or a later pin's; or 0."""
    facts, as_of = grounds.facts, grounds.as_of or 0
    read = None if facts is None or grounds.carried else facts.reads.get(claim.subjects[0].chain)
    return as_of if read is None else max(as_of, read.pin.block_time)


def signing_of(claim: Claim, grounds: Grounds, message: bytes) -> Signing:
    """Give a claim with every name in it resolved, as its scheme takes it.

    Raises:
        InvalidProof: `scheme_not_for_chain`; `key_mismatch` for an extended key or descriptor that
            gives no such address; `account_not_covered` for several accounts and a scheme of one.
    """
    scheme, first = SCHEMES[claim.scheme], claim.subjects[0]
    if first.kind in scheme.never:
        raise InvalidProof("scheme_not_for_chain")
    try:
        addresses = tuple([_address(claim, one, grounds) for one in claim.subjects])
    except InputError as error:
        raise InvalidProof("key_mismatch") from error
    if len(addresses) > 1 and not scheme.many:
        raise InvalidProof("account_not_covered")
    facts = grounds.facts
    return Signing(
        grounds.registry.chain(first.chain),
        addresses,
        message,
        claim.signature,
        claim.public_key,
        claim.script,
        claim.profile,
        {} if facts is None else facts.answers,
        {} if facts is None else facts.coins,
        grounds.show,
    )


def _address(claim: Claim, subject: Subject, grounds: Grounds) -> str:
    if subject.kind != "extended":
        return subject.text
    grounds.show("extended key or descriptor", subject.text)
    grounds.show("path of the key that signed", claim.signer)
    chain = grounds.registry.chain(subject.chain)
    address = signing_address(chain, subject.text, claim.signer)
    grounds.show("address of that key", address)
    return address
