"""Who may use an account of the XRP Ledger, and whether the keys that signed are enough.

An AccountID is made from the master key, but the ledger lets other keys sign for it, and the master
key can be disabled (xrpl.org, "Cryptographic Keys", "Multi-Signing"):

    master key     unless the flag lsfDisableMaster is set
    regular key    the key whose hash is `RegularKey`
    signer list    keys of listed accounts whose weights reach `SignerQuorum`

The proven keys hold the account if one of the three lets them sign. `shared_authority` says that
keys which did not sign would be enough too. A listed account signs with its own master key here: it
must not be disabled, which is asked for every listed account that signed; one that is not on the
ledger may sign (a "phantom account"). Its regular key is not looked for.

Refused: keys that the account does not know (`key_mismatch`); an account that is not on the ledger;
answers about another account, or without `signer_lists`, because "none" and "not asked" are two
things.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.xrpl.address import parse_address
from config.errors import InputError
from proofs.authority import answer as account_answer
from proofs.authority.weighted_keys import WeightedKeys
from proofs.control import InvalidProof, UnprovedClaim

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.registry import Chain
    from proofs.control import Warning_

DISABLE_MASTER = 0x00100000
"""lsfDisableMaster of an AccountRoot's flags."""
MAX_SIGNERS = 32
"""Entries of a signer list (amendment ExpandedSignerList)."""
MAX_LISTS = 1
"""The ledger has one list an account; a second one would need rules that are not known here."""


@dataclass(frozen=True, slots=True)
class XrplAccount:
    """Who may use an account, as the ledger says."""

    address: str
    master_disabled: bool
    regular_key: str | None
    signers: WeightedKeys | None
    """The signer list: accounts, and the quorum."""


def read_account(text: str, chain: Chain, address: str) -> XrplAccount | None:
    """Read the answer to a question of kind `authority`; None: not on the ledger.

    Args:
        text: the answer's value.
        chain: the account's chain.
        address: the account that was asked for.

    Raises:
        UnprovedClaim: `authority_unknown`.
    """
    try:
        return _account(text, chain, address)
    except InputError as error:
        raise UnprovedClaim("authority_unknown") from error


def listed(account: XrplAccount | None, signers: frozenset[str]) -> frozenset[str]:
    """Give those signers that the account's signer list names: they are to be asked for."""
    return signers & _names(account) if account is not None else frozenset()


def judge(
    account: XrplAccount | None,
    signers: frozenset[str],
    states: Mapping[str, XrplAccount | None],
) -> tuple[Warning_, ...]:
    """Judge whether the keys that signed hold an account.

    Args:
        account: as the ledger says.
        signers: addresses of the keys.
        states: what the ledger says of the accounts that `listed` gives.

    Raises:
        InvalidProof: `key_mismatch` for a key that the account does not know.
        UnprovedClaim: `authority_not_held`, or `authority_unknown` if it hangs on an account of the
        list that was not asked for.
    """
    if account is None:
        raise UnprovedClaim("authority_not_held")
    names = _names(account)
    if signers - names - {account.address, account.regular_key}:
        raise InvalidProof("key_mismatch")
    if not _alone(account, signers) and not _together(account, signers, states):
        raise UnprovedClaim("authority_not_held")
    others = {account.address, account.regular_key} - signers
    shared = _alone(account, others) or _quorum(account, names - signers)
    return ("shared_authority",) if shared else ()


def _names(account: XrplAccount) -> frozenset[str]:
    return account.signers.names if account.signers is not None else frozenset()


def _alone(account: XrplAccount, keys: Iterable[str | None]) -> bool:
    """Tell whether one of the keys may sign by itself."""
    named = frozenset(keys)
    if account.address in named and not account.master_disabled:
        return True
    return account.regular_key is not None and account.regular_key in named


def _quorum(account: XrplAccount, keys: Iterable[str]) -> bool:
    return account.signers is not None and account.signers.reached(keys)


def _together(
    account: XrplAccount, signers: frozenset[str], states: Mapping[str, XrplAccount | None]
) -> bool:
    """Tell whether keys of listed accounts reach the quorum with their master keys."""
    named = listed(account, signers)
    gone = {one for one in named if (found := states.get(one)) and found.master_disabled}
    if not _quorum(account, named - gone):
        return False
    if not _quorum(account, (named - gone) & states.keys()):
        raise UnprovedClaim("authority_unknown")
    return True


def _account(text: str, chain: Chain, address: str) -> XrplAccount | None:
    found = account_answer.parse(text)
    if found is None:
        return None
    if parse_address(chain, account_answer.text(found, "Account")) != address:
        raise InputError("answer about another account")
    flags = account_answer.whole(found, "Flags", 0)
    regular = account_answer.text(found, "RegularKey") if "RegularKey" in found else None
    lists = account_answer.entries(found.get("signer_lists"), 0, MAX_LISTS)
    return XrplAccount(
        address,
        master_disabled=bool(flags & DISABLE_MASTER),
        regular_key=None if regular is None else parse_address(chain, regular),
        signers=_signer_list(account_answer.fields(lists[0]), chain) if lists else None,
    )


def _signer_list(found: account_answer.Fields, chain: Chain) -> WeightedKeys:
    entries = account_answer.entries(found.get("SignerEntries"), 1, MAX_SIGNERS)
    signers = tuple(_signer(account_answer.fields(entry), chain) for entry in entries)
    return WeightedKeys(signers, account_answer.whole(found, "SignerQuorum", 1))


def _signer(entry: account_answer.Fields, chain: Chain) -> tuple[str, int]:
    found = account_answer.fields(entry.get("SignerEntry"))
    address = parse_address(chain, account_answer.text(found, "Account"))
    return address, account_answer.whole(found, "SignerWeight", 1)
