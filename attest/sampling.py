"""Sampled control: what proofs of a few accounts, drawn by lot, say of a group of many. Pure.

accounts.csv names a `group` for accounts that can only sign one by one. Of a group of N accounts
the first n by SHA-256( seed LF group LF account ) are drawn; the seed is the challenge's nonce and
the digest of the list. The nonce is drawn once the list is known, and the digest covers every
account with its group, so that nobody can choose who is drawn: a list that is changed, split or
renamed afterwards is another list, and its challenge does not fit it any more (`check_list` in
`attest.subjects`). What is left to trust is that the issuer drew the nonce once.

    all n drawn accounts controlled  ->  every other account of the group is `sampled`
    one of them not                  ->  no other account gains anything
    no challenge, or one without     ->  no sample, and nothing is known

How much a sample says is counted exactly (hypergeometric): if k of N were not controlled, all n
drawn would be with probability C(N-k, n) / C(N, n). The largest k for which that is 5 % or more is
the most that the sample leaves possible. Of a group that is split each part needs its own n.

Refused: the normal approximation and all floats; and counting a sampled balance as controlled.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from heapq import nsmallest
from math import comb
from typing import TYPE_CHECKING

from attest.rules.parameters import Parameters
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from attest.positions import Band
    from config.accounts import Accounts
    from config.caip import AccountId
    from config.challenges import Challenges
    from config.policy import Policy

KIND = "sampled_control/1"
"""The rule whose parameter `size` is how many accounts of each group are drawn."""
DOUBT = (1, 20)
"""5 %: a number of uncontrolled accounts that would go unseen this often is not excluded."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What a sample follows from."""

    seed: str
    size: int
    """Accounts of each group, 1 or more; a smaller group is drawn whole."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A group and what was drawn of it."""

    group: str
    accounts: tuple[AccountId, ...]
    """All of the group, in the order of the file."""
    drawn: tuple[AccountId, ...]

    def unproved(self, bands: Mapping[AccountId, Band]) -> tuple[AccountId, ...]:
        """List the drawn accounts without a proof of grade A or B of their own."""
        return tuple([one for one in self.drawn if bands.get(one) != "controlled"])


def seed_of(issued: Challenges) -> str:
    """Give what a sample is drawn by: the challenge's nonce and list of accounts."""
    return f"{issued.nonce} {issued.accountsSha256}"


def draw_of(issued: Challenges | None, policy: Policy) -> Draw | None:
    """Give what the sample of every group follows from; None if there is none.

    A challenge that was issued for a list without groups draws nothing: groups could have been made
    once its nonce was known.

    Raises:
        InputError: the rule's size is no whole number above zero.
    """
    size = size_of(policy)
    if issued is None or not issued.sampleSize or size is None:
        return None
    return Draw(seed_of(issued), size)


def size_of(policy: Policy) -> int | None:
    """Give how many accounts of a group are drawn: the most that any rule asks for, None if none.

    Raises:
        InputError: a size is no whole number above zero.
    """
    rules = [rule for pack in policy.packs for rule in pack.rule if rule.kind == KIND]
    return max((size_in(Parameters(rule.id, rule.parameters)) for rule in rules), default=None)


def size_in(parameters: Parameters) -> int:
    """Give a rule's size; raise InputError if it is no whole number above zero."""
    size = parameters.whole("size")
    if not size:
        raise InputError(f"parameter {parameters.rule}.size: 1 or more expected, met 0")
    return size


def samples(accounts: Accounts, draw: Draw) -> tuple[Sample, ...]:
    """Draw of every group, in the order in which the file first names them."""
    return tuple(
        Sample(group, listed, _drawn(group, listed, draw))
        for group, listed in groups_of(accounts).items()
    )


def groups_of(accounts: Accounts) -> dict[str, tuple[AccountId, ...]]:
    """Give the accounts of every group."""
    found: dict[str, list[AccountId]] = {}
    for account in accounts.rows:
        if account.group:
            found.setdefault(account.group, []).append(account.id)
    return {group: tuple(listed) for group, listed in found.items()}


def _drawn(group: str, accounts: Iterable[AccountId], draw: Draw) -> tuple[AccountId, ...]:
    head = f"{draw.seed}\n{group}\n"
    ranked = ((hashlib.sha256(f"{head}{one}".encode()).digest(), one) for one in accounts)
    return tuple([one for _, one in nsmallest(draw.size, ranked)])


def most_uncontrolled(accounts: int, drawn: int) -> int:
    """Give the largest number of uncontrolled accounts that a sample without one leaves possible.

    Args:
        accounts: of the group, 1 or more.
        drawn: of them, all of which are controlled; 0 to all.
    """
    part, whole = DOUBT
    every = part * comb(accounts, drawn)
    low, high = 0, accounts - drawn
    # The chance falls as the number rises; `low` is always possible.
    while low < high:
        middle = (low + high + 1) // 2
        if whole * comb(accounts - middle, drawn) >= every:
            low = middle
        else:
            high = middle - 1
    return low
