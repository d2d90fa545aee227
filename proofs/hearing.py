"""What the chains have to say of a verified proof: code, coins and time locks, at the pins.

A signature shows a key, or who owns the scripts of coins. Whether the key holds the account (one
key on every EVM network does not where code stands), whether the coins are there, and whether a
lock is over is the chain's word, which comes in as `Facts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.utxo.address import script_of
from proofs.control import InconclusiveProof, UnprovedClaim
from proofs.timelock import locks_hold

if TYPE_CHECKING:
    from config.claims import Claim, Subject
    from proofs.control import Proof, Signing, Warning_
    from proofs.facts import Facts

DELEGATED = "0xef0100"
"""EIP-7702: code of an account whose key has delegated it; the key still controls it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What remains of a verified proof after the chains were heard."""

    subjects: tuple[str, ...]
    warnings: tuple[Warning_, ...]


def hear(claim: Claim, signing: Signing, proof: Proof, facts: Facts | None) -> Shown:
    """Give what of a verified proof holds at the pins.

    Args:
        claim: what is claimed.
        signing: the same, with every name resolved.
        proof: what the scheme gave for it.
        facts: what the chains said; None where no chain was read, and a warning names the lack.

    Raises:
        InconclusiveProof: `time_locked`.
        UnprovedClaim: `account_has_code`, `code_unknown`.
    """
    if facts is None:
        if proof.lock_time or proof.sequence:
            raise InconclusiveProof("time_locked")
        return Shown(tuple([subject.id for subject in claim.subjects]), _not_heard(claim, proof))
    warnings = (*_locks(claim, signing, proof, facts), *_coins(claim, proof, facts))
    if claim.subjects[0].kind != "every_evm":
        return Shown(tuple([subject.id for subject in claim.subjects]), warnings)
    for account in facts.same_key.get(claim.subjects[0].text, ()):
        signing.show(f"code at the pin of {account}", facts.codes.get(account, "not known"))
    free, delegated = _free_of_code(claim.subjects[0].text, facts)
    return Shown(free, (*warnings, "delegated_code") if delegated else warnings)


def obeys_key(code: str | None) -> bool:
    """Tell whether an account with this code at the pin obeys the key of its address.

    None, code that is not known, does not: what was not heard is not counted.
    """
    return code is not None and (code == "0x" or code.startswith(DELEGATED))


def _rests_on_code(subject: Subject) -> bool:
    """Tell whether accounts that the subject does not name one by one must be without code."""
    extended = subject.kind == "extended" and subject.chain.startswith("eip155:")
    return extended or subject.kind == "every_evm"


def _not_heard(claim: Claim, proof: Proof) -> tuple[Warning_, ...]:
    code: tuple[Warning_, ...] = ()
    for subject in claim.subjects:
        if _rests_on_code(subject):
            code = ("code_not_checked",)
    return (*code, "coins_not_checked") if proof.outpoints else code


def _free_of_code(address: str, facts: Facts) -> tuple[tuple[str, ...], bool]:
    accounts = facts.same_key.get(address, ())
    codes = {account: facts.codes.get(account) for account in accounts}
    free = {account: code for account, code in codes.items() if obeys_key(code)}
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
