"""From claims to controls: resolve what a row names, run its scheme, and say what is shown.

`check` is pure and total: every row gives exactly one `Control`, in order, and one row never hides
another. The steps for a row are numbered in `_control`. What a chain has to say (whether an account
has code, which coins are unspent, how deep a time lock is) comes in as `Facts` read at the pins;
without facts a row is judged on its cryptography alone and a warning names what was not looked at.

The alternative was to let each scheme ask its chain; then no claim could be checked again without
it.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chains.families import signing_address
from chains.snapshot import Question
from chains.utxo.address import script_of
from config.caip import address_of, chain_of_account
from config.claims import CHALLENGE, CHALLENGE_LINE
from config.errors import InputError
from config.times import parse_time
from proofs.challenge import build_text, issued_for, short_text
from proofs.control import Control, InconclusiveProof, InvalidProof, Signing, UnprovedClaim
from proofs.schemes import SCHEMES
from proofs.timelock import locks_hold
from proofs.verified import Verified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chains.snapshot import Coin
    from config.caip import AccountId, ChainId
    from config.challenges import Challenges
    from config.claims import Claim, Subject
    from config.registry import Registry
    from proofs.control import Grade, Outcome, Proof, Reason, Warning_
    from proofs.facts import Facts

DELEGATED = "0xef0100"
"""EIP-7702: code of an account whose key has delegated it; the key still controls it."""

_FORMS: Mapping[str, Callable[[Challenges, str], str]] = {
    CHALLENGE: build_text,
    CHALLENGE_LINE: short_text,
}
"""The words that stand for an issued text."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What remains of a verified proof after the chains were heard."""

    subjects: tuple[str, ...]
    warnings: tuple[Warning_, ...]


def scheme_questions(
    claims: tuple[Claim, ...],
    registry: Registry,
    challenges: Challenges | None,
    as_of: int | None,
    answers: Mapping[Question, str],
) -> tuple[Question, ...]:
    """List what the claims' schemes need to hear next, given what was answered; as `check`.

    A claim that is decided already has no questions.
    """
    found: dict[Question, None] = {}
    for claim in claims:
        if SCHEMES[claim.scheme].asks:
            try:
                message = _message(claim, challenges, as_of)
                signing = _signing(claim, registry, message, answers, {})
                found.update(dict.fromkeys(SCHEMES[claim.scheme].questions()(signing)))
            except (InvalidProof, InconclusiveProof, UnprovedClaim):
                continue
    return tuple(found)


def questions(claims: tuple[Claim, ...], accounts: tuple[AccountId, ...]) -> tuple[Question, ...]:
    """List the accounts whose code is to be asked for because of the claims, each once.

    One key on every EVM network controls an account only where that account has no code.
    """
    everywhere = {
        subject.text
        for claim in claims
        for subject in claim.subjects
        if subject.kind == "every_evm"
    }
    return tuple(
        Question(chain_of_account(account), "code", address_of(account))
        for account in accounts
        if account.startswith("eip155:") and address_of(account) in everywhere
    )


def check(
    claims: tuple[Claim, ...],
    registry: Registry,
    challenges: Challenges | None,
    as_of: int | None,
    facts: Facts | None,
    verified: Verified | None = None,
) -> tuple[Control, ...]:
    """Judge every claim.

    Args:
        claims: rows of claims.csv.
        registry: the chains known.
        challenges: the issued texts, already checked against their own fields; None if there are
            none.
        as_of: Unix seconds against which a challenge's expiry is measured; None: not measured.
        facts: what the chains said; None where no chain was read.
        verified: verdicts on other claims of the same file, if it is judged in parts.

    Returns:
        One control a claim, in order.
    """
    seen = verified or Verified()
    return tuple([_control(one, registry, challenges, as_of, facts, seen) for one in claims])


def _control(
    claim: Claim,
    registry: Registry,
    challenges: Challenges | None,
    as_of: int | None,
    facts: Facts | None,
    verified: Verified,
) -> Control:
    """Judge one claim.

    (1) The message: literal, or the text that was issued for the account and has not expired. A
        text that was issued for another account is refused.
    (2) The addresses: an extended key becomes the address of the key that signed.
    (3) The scheme: verifies, or raises.
    (4) The chains: code, coins and time locks, where facts are given.
    (5) The grade: by where the text comes from and whether it names the address.
    """
    try:
        message = _message(claim, challenges, _moment(claim, as_of, facts))
        answers, coins = ({}, {}) if facts is None else (facts.answers, facts.coins)
        signing = _signing(claim, registry, message, answers, coins)
        proof = verified.verify(claim.scheme, signing)
        shown = _hear_chains(claim, signing, proof, facts)
    except InvalidProof as verdict:
        return _failed(claim, "refuted", verdict.reason)
    except InconclusiveProof as verdict:
        return _failed(claim, "inconclusive", verdict.reason)
    except UnprovedClaim as verdict:
        return _failed(claim, "unproved", verdict.reason)
    grade = _grade(claim, message, challenges)
    named: tuple[Warning_, ...] = ("address_not_in_text",) if grade == "D" else ()
    warnings = tuple(dict.fromkeys((*proof.warnings, *shown.warnings, *named)))
    proved = Control(claim.account, claim.scheme, "proved", grade, None, warnings, claim.line)
    return replace(proved, subjects=shown.subjects, signatures=proof.signatures)


def _failed(claim: Claim, outcome: Outcome, reason: Reason) -> Control:
    return Control(claim.account, claim.scheme, outcome, None, reason, (), claim.line)


def _moment(claim: Claim, as_of: int | None, facts: Facts | None) -> int | None:
    """Give the time at which a text must not have expired: the statement's, or a later pin's."""
    read = None if facts is None else facts.reads.get(claim.subjects[0].chain)
    if read is None:
        return as_of
    return max(as_of or 0, read.pin.block_time)


def _message(claim: Claim, challenges: Challenges | None, at: int | None) -> bytes:
    form = _FORMS.get(claim.message)
    if form is not None:
        return _issued(claim, challenges, at, form)
    message = _literal(claim)
    own = claim.subjects[0].id
    issued = None if challenges is None else _issued_for(challenges, message)
    if issued == own:
        # The issued text is bound by its window, also where it is pasted.
        _issued(claim, challenges, at, build_text)
    elif issued is not None and issued not in {subject.id for subject in claim.subjects}:
        raise InvalidProof("challenge_of_another")
    return message


def _issued_for(challenges: Challenges, message: bytes) -> str | None:
    """Give the account whose text a message is; None if it is no issued text."""
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


def _issued(
    claim: Claim,
    challenges: Challenges | None,
    at: int | None,
    form: Callable[[Challenges, str], str],
) -> bytes:
    account = claim.subjects[0].id
    if challenges is None or account not in challenges.texts:
        raise UnprovedClaim("no_challenge")
    issued, expires = parse_time(challenges.issuedAt), parse_time(challenges.expiresAt)
    received = claim.received_at
    if (received is not None and not issued <= received <= expires) or (at or 0) > expires:
        raise UnprovedClaim("challenge_expired")
    return form(challenges, account).encode()


def _signing(
    claim: Claim,
    registry: Registry,
    message: bytes,
    answers: Mapping[Question, str],
    coins: Mapping[tuple[ChainId, str, int], Coin],
) -> Signing:
    scheme, first = SCHEMES[claim.scheme], claim.subjects[0]
    if scheme.one_chain and first.kind == "every_evm":
        raise InvalidProof("scheme_not_for_chain")
    chain = registry.chain(first.chain)
    try:
        addresses = tuple([_address(claim, one, registry) for one in claim.subjects])
    except InputError as error:
        raise InvalidProof("key_mismatch") from error
    if len(addresses) > 1 and not scheme.many:
        raise InvalidProof("account_not_covered")
    return Signing(
        chain,
        addresses,
        message,
        *(claim.signature, claim.public_key, claim.script, claim.profile),
        answers=answers,
        coins=coins,
    )


def _address(claim: Claim, subject: Subject, registry: Registry) -> str:
    if subject.kind != "extended":
        return subject.text
    return signing_address(registry.chain(subject.chain), subject.text, claim.signer)


def _hear_chains(claim: Claim, signing: Signing, proof: Proof, facts: Facts | None) -> _Shown:
    if facts is None:
        if proof.lock_time or proof.sequence:
            raise InconclusiveProof("time_locked")
        return _Shown(tuple([subject.id for subject in claim.subjects]), _not_heard(claim, proof))
    warnings = (*_locks(claim, signing, proof, facts), *_coins(claim, proof, facts))
    if claim.subjects[0].kind != "every_evm":
        return _Shown(tuple(subject.id for subject in claim.subjects), warnings)
    free, delegated = _free_of_code(claim.subjects[0].text, facts)
    return _Shown(free, (*warnings, "delegated_code") if delegated else warnings)


def _not_heard(claim: Claim, proof: Proof) -> tuple[Warning_, ...]:
    everywhere = "every_evm" in [subject.kind for subject in claim.subjects]
    code: tuple[Warning_, ...] = ("code_not_checked",) if everywhere else ()
    return (*code, "coins_not_checked") if proof.outpoints else code


def _free_of_code(address: str, facts: Facts) -> tuple[tuple[str, ...], bool]:
    accounts = facts.same_key.get(address, ())
    codes = {account: facts.codes.get(account) for account in accounts}
    free = {
        account: code
        for account, code in codes.items()
        if code is not None and (code == "0x" or code.startswith(DELEGATED))
    }
    if not free:
        unheard = None in codes.values() or not codes
        raise UnprovedClaim("code_unknown" if unheard else "account_has_code")
    return tuple(free), set(free.values()) != {"0x"}


def _locks(claim: Claim, signing: Signing, proof: Proof, facts: Facts) -> tuple[Warning_, ...]:
    if not proof.lock_time and not proof.sequence:
        return ()
    read = facts.reads.get(claim.subjects[0].chain)
    scripts = tuple(script_of(signing.chain, address).hex() for address in signing.addresses)
    if read is None or not locks_hold(proof, read, scripts):
        raise InconclusiveProof("time_locked")
    return ("time_locked",)


def _coins(claim: Claim, proof: Proof, facts: Facts) -> tuple[Warning_, ...]:
    chain = claim.subjects[0].chain
    for claimed in proof.outpoints:
        coin = facts.coins.get((chain, claimed.txid, claimed.vout))
        if coin is None or (coin.script, coin.units) != (claimed.script, claimed.units):
            return ("coins_not_at_pin",)
    return ()


def _grade(claim: Claim, message: bytes, challenges: Challenges | None) -> Grade:
    """Grade a proof by its text: B our text, C a static text with the address, D one without.

    Grade A needs an issuer that the verifier trusts, so it is given by the verifier alone.
    """
    if challenges is not None and _issued_for(challenges, message) == claim.subjects[0].id:
        return "B"
    text = message.lower()
    named = all(subject.text.lower().encode() in text for subject in claim.subjects)
    return "C" if named else "D"
