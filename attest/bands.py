"""Bands: what controls and chains together say of every declared account. Pure.

A control alone gives a band (`attest.positions.band_of`). Here the chain is heard beside it:

- the key of a derived EVM address rules it only where the address has no code at the pin, or code
  that the key itself has put there and can take away (EIP-7702). With other code, or where the
  sources did not agree on it, what was derived does not count, and the account's own claims decide;
- what lies in a forwarder is its parent's (`attest.forwarders`): as far as the parent may be
  counted, so may the forwarder, as `derived` and not as `controlled`. One that does not lead to its
  declared parent is what its own claims make of it;
- where every account that was drawn from a group is controlled, the others that are not are
  `sampled` (`attest.sampling`). A refuted one stays what it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attest.forwarders import forwarders
from attest.positions import band_of, basis_of, controls_by_subject
from attest.sampling import samples
from chains.snapshot import Question
from config.caip import address_of, chain_of_account
from proofs.hearing import obeys_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.positions import Band, Basis
    from attest.sampling import Draw
    from chains.snapshot import Snapshot
    from config.accounts import Account, Accounts
    from config.caip import AccountId
    from config.registry import Registry
    from proofs.control import Control


PASSED_ON: Mapping[Band, Band] = {
    "controlled": "derived",
    "derived": "derived",
    "signed": "signed",
    "none": "none",
}
"""What a parent's band makes of a forwarder; any other makes nothing of it."""


def bands_of(
    accounts: Accounts,
    registry: Registry,
    snapshot: Snapshot,
    controls: tuple[Control, ...],
    draw: Draw | None = None,
) -> dict[AccountId, Band]:
    """Give the band of every declared account, in the order of the file.

    Args:
        accounts: what is declared.
        registry: the codes of forwarders.
        snapshot: what the chains answered.
        controls: the checked claims.
        draw: what samples follow from; None: nothing is sampled.
    """
    about, answers = controls_by_subject(controls), answers_of(snapshot)
    bands = {account.id: _by_key(account, about, answers) for account in accounts.rows}
    verdicts = forwarders(accounts.rows, registry.forwarders, answers)
    parents = {account.id: account.parent for account in accounts.rows if account.id in verdicts}
    passed_on = {
        account: _by_parent(bands[account], bands[parent])
        for account, parent in parents.items()
        if parent is not None and verdicts[account] == "forwards"
    }
    bands.update(passed_on)
    for sample in () if draw is None else samples(accounts, draw):
        if not sample.unproved(bands):
            weak = [one for one in sample.accounts if bands[one] in ("signed", "observed")]
            bands.update(dict.fromkeys(weak, "sampled"))
    return bands


def _by_parent(own: Band, parent: Band) -> Band:
    """Give a forwarder's band: its own where a claim of its own proves or refutes it."""
    return own if own in ("controlled", "none") else PASSED_ON.get(parent, own)


def bases_of(
    accounts: Accounts, controls: tuple[Control, ...], bands: Mapping[AccountId, Band]
) -> dict[AccountId, Basis]:
    """Give by what each account's band was reached; nothing where the chain overruled the controls.

    Args:
        accounts: the declared accounts.
        controls: what the claims show.
        bands: the bands of `bands_of`.
    """
    about = controls_by_subject(controls)
    own = {
        account.id: basis_of(account, about) if bands[account.id] == band_of(account, about) else ""
        for account in accounts.rows
    }
    passed_on = {
        account.id: own[account.parent]
        for account in accounts.rows
        if account.parent is not None and bands[account.id] == "derived"
    }
    return {**own, **passed_on}


def answers_of(snapshot: Snapshot) -> dict[Question, str]:
    """Give what the chains answered, by question."""
    return {answer.question: answer.value for chain in snapshot.chains for answer in chain.answers}


def _by_key(
    account: Account, about: dict[str, tuple[Control, ...]], answers: Mapping[Question, str]
) -> Band:
    band = band_of(account, about)
    derived = account.derived_from and account.id.startswith("eip155:")
    if not derived or band not in ("derived", "signed"):
        return band
    asked = Question(chain_of_account(account.id), "code", address_of(account.id))
    if obeys_key(answers.get(asked)):
        return band
    return band_of(replace(account, derived_from=""), about)
