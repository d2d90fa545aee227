"""Whom a challenge is for: which accounts get a text, and what its digest of the list covers. Pure.

    accounts declared alone, extended keys, one key on every EVM network     a text each
    accounts in a group                                                      a text if drawn

The digest covers all of them, drawn or not, each grouped account with its group. So a challenge
with a sample fits one list alone, and is refused with any other: whoever could change the list once
he knows the nonce would change it until the sample suits him.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.sampling import Draw, samples, seed_of
from config.caip import address_of
from config.claims import EVERY_EVM
from config.errors import InputError, shown
from proofs.challenge import accounts_digest

if TYPE_CHECKING:
    from collections.abc import Collection

    from config.accounts import Accounts
    from config.caip import AccountId
    from config.challenges import Challenges


def sample_size(accounts: Accounts, size: int | None) -> str:
    """Give a challenge's field `sampleSize`; empty if no account is in a group.

    Args:
        accounts: the declared accounts.
        size: how many of each group are drawn; None if no rule says so.

    Raises:
        InputError: there are groups and no size.
    """
    if not any(account.group for account in accounts.rows):
        return ""
    if size is None:
        raise InputError("accounts are in groups, and no rule of the chosen packs draws from them")
    return str(size)


def asked(issued: Challenges, accounts: Accounts) -> tuple[str, ...]:
    """List what texts a challenge has: of groups, what its nonce draws."""
    if not issued.sampleSize:
        return subjects(accounts)
    draw = Draw(seed_of(issued), int(issued.sampleSize))
    return subjects(accounts, {one for sample in samples(accounts, draw) for one in sample.drawn})


def listed(accounts: Accounts) -> tuple[str, ...]:
    """List what the digest of the list covers: what needs no sample, and every grouped account.

    A name of an account has no space, so that no group can be written into another.
    """
    grouped = (f"{one.id} {one.group}" for one in accounts.rows if one.group)
    return (*subjects(accounts), *grouped)


def check_list(challenges: Challenges, accounts: Accounts, name: str) -> None:
    """Refuse a challenge with a sample that is not of these accounts, in these groups.

    A list that was changed once the nonce was known could be changed until the sample suits.

    Raises:
        InputError: the digest is not of the declared accounts, or the texts are not of the sample.
    """
    if not challenges.sampleSize:
        return
    hint = "issue the texts again after any change of the accounts or their groups"
    digest = accounts_digest(listed(accounts))
    if digest != challenges.accountsSha256:
        found = f"not the digest of the declared accounts with their groups, which is {digest}"
        raise InputError.at(name, "accountsSha256", found, hint)
    odd = sorted({*asked(challenges, accounts)} ^ challenges.texts.keys())
    if odd:
        first = shown(odd[0], 120)
        found = f"not of the accounts that the nonce draws: {len(odd)} differ, first {first}"
        raise InputError.at(name, "texts", found, hint)


def subjects(accounts: Accounts, drawn: Collection[AccountId] = ()) -> tuple[str, ...]:
    """List what texts are issued for, sorted.

    These are the accounts declared alone, the extended keys and descriptors instead of the
    addresses they yield, and one key on every EVM network for each EVM address: its holder signs
    either text. Of an account in a group there is one only if it is among those drawn.
    """
    alone = [
        account.id
        for account in accounts.rows
        if not account.derived_from and (not account.group or account.id in drawn)
    ]
    parents = {account.derived_from for account in accounts.rows if account.derived_from}
    everywhere = {
        f"{EVERY_EVM}{address_of(account)}" for account in alone if account.startswith("eip155:")
    }
    return tuple(sorted({*alone, *parents, *everywhere}))
