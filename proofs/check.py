"""From claims to controls: resolve what a row names, run its scheme, and say what is shown.

`check` is pure and total: every row gives exactly one `Control`, in order, and one row never hides
another. The steps for a row are numbered in `judge`. What a chain has to say (whether an account
has code, which coins are unspent, how deep a time lock is) comes in as `Facts` read at the pins;
without facts a row is judged on its cryptography alone and a warning names what was not looked at.

The alternative was to let each scheme ask its chain; then no claim could be checked again without
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.snapshot import Question
from config.caip import address_of, chain_of_account
from config.times import parse_time
from proofs.claimed import Grounds, check_window, issued_account, message_of, signing_of
from proofs.control import Control, InconclusiveProof, InvalidProof, UnprovedClaim
from proofs.facts import Facts
from proofs.hearing import hear
from proofs.schemes import SCHEMES
from proofs.verified import Verified

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.accounts import Account
    from config.challenges import Challenges
    from config.claims import Claim
    from config.registry import Registry
    from proofs.control import Grade, Outcome, Proof, Reason, Show
    from proofs.hearing import Shown


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
    grounds = Grounds(registry, challenges, as_of, Facts({}, {}, answers, {}, {}))
    found: dict[Question, None] = {}
    for claim in claims:
        if SCHEMES[claim.scheme].asks:
            try:
                signing = signing_of(claim, grounds, message_of(claim, grounds))
                found.update(dict.fromkeys(SCHEMES[claim.scheme].questions()(signing)))
            except (InvalidProof, InconclusiveProof, UnprovedClaim):
                continue
    return tuple(found)


def questions(claims: tuple[Claim, ...], accounts: Iterable[Account]) -> tuple[Question, ...]:
    """List the accounts whose code is to be asked for because of the claims, each once.

    A key controls an account of an EVM network only where the account has no code. That is asked of
    an account that no claim names itself: one key on every network, and the addresses of an
    extended key that is claimed, as many as were declared.
    """
    subjects = [subject for claim in claims for subject in claim.subjects]
    everywhere = {subject.text for subject in subjects if subject.kind == "every_evm"}
    extended = {subject.id for subject in subjects if subject.kind == "extended"}
    return tuple(
        Question(chain_of_account(account.id), "code", address_of(account.id))
        for account in accounts
        if account.id.startswith("eip155:")
        and (address_of(account.id) in everywhere or account.derived_from in extended)
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
    grounds = Grounds(registry, challenges, as_of, facts)
    return tuple([judge(claim, grounds, seen) for claim in claims])


def explain(
    claim: Claim,
    registry: Registry,
    challenges: Challenges | None,
    as_of: int | None,
    facts: Facts | None,
    show: Show,
) -> Control:
    """Judge one claim as `check` does, and show every step as it is made.

    Args:
        claim: one row of claims.csv.
        registry: the chains known.
        challenges: as for `check`.
        as_of: as for `check`.
        facts: as for `check`.
        show: told what is hashed, recovered and compared, also on the way to a failure.
    """
    return judge(claim, Grounds(registry, challenges, as_of, facts, show), Verified())


def judge(claim: Claim, grounds: Grounds, verified: Verified) -> Control:
    """Judge one claim.

    (1) The message: literal, or the text that was issued for the account and has not expired. A
        text that was issued for another account is refused.
    (2) The addresses: an extended key becomes the address of the key that signed.
    (3) The scheme: verifies, or raises.
    (4) The grade: by where the text comes from and whether it names the address. A ceremony over
        our text was held while that was valid.
    (5) The chains: code, coins and time locks, where facts are given.
    """
    try:
        message = message_of(claim, grounds)
        signing = signing_of(claim, grounds, message)
        proof = verified.verify(claim.scheme, signing)
        grade = _grade(claim, message, grounds.challenges)
        if proof.held_at is not None and grade == "B" and grounds.challenges is not None:
            check_window(grounds.challenges, proof.held_at)
        shown = hear(claim, signing, proof, grounds.facts)
    except InvalidProof as verdict:
        return _failed(claim, "refuted", verdict.reason, grounds)
    except InconclusiveProof as verdict:
        return _failed(claim, "inconclusive", verdict.reason, grounds)
    except UnprovedClaim as verdict:
        return _failed(claim, "unproved", verdict.reason, grounds)
    return _proved(claim, grade, proof, shown, grounds)


def _proved(claim: Claim, grade: Grade, proof: Proof, shown: Shown, grounds: Grounds) -> Control:
    warnings = (*proof.warnings, *shown.warnings)
    if grade == "D":
        warnings = (*warnings, "address_not_in_text")
    if len(warnings) > 1:
        warnings = tuple(dict.fromkeys(warnings))
    return Control(
        claim.account,
        claim.scheme,
        "proved",
        grade,
        None,
        warnings,
        claim.line,
        shown.subjects,
        proof.signatures,
        proof.keyid,
        _signed_at(claim, grade, proof, grounds.challenges),
        grounds.carried,
    )


def _failed(claim: Claim, outcome: Outcome, reason: Reason, grounds: Grounds) -> Control:
    carried = grounds.carried
    return Control(
        claim.account, claim.scheme, outcome, None, reason, (), claim.line, carried=carried
    )


def _signed_at(
    claim: Claim, grade: Grade, proof: Proof, challenges: Challenges | None
) -> int | None:
    """Give when a proof was made, as the field of `Control` says."""
    if proof.held_at is not None:
        return proof.held_at
    if claim.received_at is not None:
        return claim.received_at
    return parse_time(challenges.issuedAt) if grade == "B" and challenges is not None else None


def _grade(claim: Claim, message: bytes, challenges: Challenges | None) -> Grade:
    """Grade a proof by its text: B our text, C a static text with the address, D one without.

    Grade A needs an issuer that the verifier trusts, so it is given by the verifier alone.
    """
    if challenges is not None and issued_account(challenges, message) == claim.subjects[0].id:
        return "B"
    text = message.lower()
    for subject in claim.subjects:
        if subject.text.lower().encode() not in text:
            return "D"
    return "C"
