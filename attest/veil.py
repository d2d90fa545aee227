"""The veil over a sealed statement: what is said of accounts without saying which.

`account 12` stands for the twelfth account of accounts.csv, and `withheld` for every other long
word (an address, key, transaction or digest) that is not known to be public: words that are public
are listed, not those that are secret, so that what nobody thought of is withheld. A finding about
one account keeps its rule, its status and the account's number alone: amounts in it could be looked
for on the chain.

A node's own text can be part of a finding; it falls under the same rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attest.predicate import Findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from attest.book_records import CustodyRecord
    from attest.findings import Finding
    from attest.predicate import Predicate
    from attest.rules.case import Case

_LONG = re.compile(
    r"((?:[-a-z0-9]{3,8}:)(?:[-A-Za-z0-9]{1,32}:))?([A-Za-z0-9_-]{40,}|[A-Za-z0-9]{20,})", re.ASCII
)
"""A word that may be an address, a key or a digest, with the chain it is on."""
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9]{20,}", re.ASCII)
APART = "it is in report/findings.json"
WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Veil:
    """What stands for the words that a sealed statement does not show."""

    names: Mapping[str, str]
    """Address to what stands for it; hex in lower case."""
    public: frozenset[str]
    """Long words that are shown; hex in lower case."""

    def over(self, text: str) -> str:
        """Give a text with every long word replaced that is not known to be public."""
        return _LONG.sub(self._shown, text)

    def _shown(self, match: re.Match[str]) -> str:
        chain, word = match.group(1) or "", match.group(2)
        known = _plain(word)
        if word.isdecimal() or known in self.public:
            return match.group(0)
        return self.names.get(known, f"{chain}{WITHHELD}")


def veil_of(case: Case, predicate: Predicate) -> Veil:
    """Make the veil of a statement: its accounts by their numbers, and what is public anyway."""
    rows = case.inputs.accounts.rows
    names = {_plain(one.id.rpartition(":")[2]): f"account {at}" for at, one in enumerate(rows, 1)}
    public = {_plain(word) for text in _public(case, predicate) for word in _WORD.findall(text)}
    return Veil(names, frozenset(public - names.keys()))


def _public(case: Case, predicate: Predicate) -> Iterable[str]:
    """Give texts that are public or elsewhere in the statement: assets, chains, blocks, keys."""
    for chain in case.snapshot.chains:
        yield chain.pin.chain
        yield chain.pin.block_hash
    for asset in case.inputs.registry.assets:
        yield asset.id
    for name in predicate.criteria:
        yield name.id
    for pack in case.inputs.policy.packs:
        yield from (rule.id for rule in pack.rule)
        yield from (rule.kind for rule in pack.rule)
    if predicate.challenge is not None:
        yield predicate.challenge.nonce
    if predicate.commitment is not None:
        yield predicate.commitment.set


def drawn(predicate: Predicate, veil: Veil) -> Predicate:
    """Give a statement under its veil: findings, exceptions, custodians' accounts and seeds."""
    blocks = predicate.findings
    return replace(
        predicate,
        findings=Findings(
            in_force=_findings(blocks.in_force, veil),
            proposals=_findings(blocks.proposals, veil),
            stress=_findings(blocks.stress, veil),
        ),
        exceptions=tuple(
            replace(one, subject=veil.over(one.subject)) for one in predicate.exceptions
        ),
        books=replace(
            predicate.books,
            custody=tuple(
                _custody(number, one) for number, one in enumerate(predicate.books.custody, 1)
            ),
        ),
        # What a sample follows from has the digest of the list of accounts in it.
        proving=tuple(replace(one, seed=WITHHELD) for one in predicate.proving),
        inputs=tuple(replace(one, sha256=None) for one in predicate.inputs),
    )


def _findings(found: tuple[Finding, ...], veil: Veil) -> tuple[Finding, ...]:
    return tuple(_finding(one, veil) for one in found)


def _finding(one: Finding, veil: Veil) -> Finding:
    subject = veil.over(one.subject)
    if subject != one.subject:
        return replace(one, subject=subject, text=APART, facts={})
    facts = {name: veil.over(value) for name, value in one.facts.items()}
    return replace(one, text=veil.over(one.text), facts=facts)


def _custody(number: int, one: CustodyRecord) -> CustodyRecord:
    return replace(
        one, account=f"account {number} of custody", pool=None if one.pool is None else WITHHELD
    )


def _plain(word: str) -> str:
    """Give the form in which a word is looked up: hex in lower case, without its prefix."""
    return word.removeprefix("0x").lower() if _HEX.fullmatch(word) else word
