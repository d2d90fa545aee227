"""Transactions that were sent to prove control: a cold wallet that moved for these was asked to.

Each is known by its identifier, from a claim of scheme `onchain-transfer` that is proved, and only
if the chain says that it is in a block of the window. So an account is excused for exactly these,
and nothing else it sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.bands import answers_of
from chains.inclusion import decode_inclusion
from chains.utxo.address import address_of_script
from config.caip import account_id
from proofs.check import scheme_questions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from attest.inputs import Inputs
    from chains.inclusion import Inclusion
    from chains.snapshot import ChainSnapshot, Question, Snapshot
    from config.caip import AccountId
    from config.claims import Claim
    from proofs.control import Control

SCHEME = "onchain-transfer"


@dataclass(frozen=True, slots=True)
class Spent:
    """What an account sent in transactions that prove control."""

    transactions: int = 0
    units: int = 0
    """Base units of the native coin that they spend, on chains of the Bitcoin family."""


def exempt_spending(
    inputs: Inputs, as_of: int, snapshot: Snapshot, controls: tuple[Control, ...]
) -> dict[AccountId, Spent]:
    """Sum what each account sent, within the window, to prove control."""
    # A carried control is of a line of another file, and of an earlier time.
    proved = {
        one.line
        for one in controls
        if one.scheme == SCHEME and one.outcome == "proved" and not one.carried
    }
    answers = answers_of(snapshot)
    found: dict[AccountId, Spent] = {}
    seen: set[tuple[AccountId, Question]] = set()
    for claim in inputs.claims:
        if claim.scheme == SCHEME and claim.line in proved:
            for question, account, spent in _spent(claim, inputs, as_of, snapshot, answers):
                # One transaction claimed on two lines was sent once.
                if (account, question) not in seen:
                    seen.add((account, question))
                    before = found.get(account, Spent())
                    found[account] = Spent(
                        before.transactions + spent.transactions, before.units + spent.units
                    )
    return found


def _spent(
    claim: Claim,
    inputs: Inputs,
    as_of: int,
    snapshot: Snapshot,
    answers: Mapping[Question, str],
) -> Iterator[tuple[Question, AccountId, Spent]]:
    """Give what one claim's transaction spends of each account that the claim names."""
    chain = next(one for one in snapshot.chains if one.pin.chain == claim.subjects[0].chain)
    for question in scheme_questions(
        (claim,), inputs.registry, inputs.challenges, as_of, answers={}
    ):
        if question.kind != "inclusion" or question not in answers:
            continue
        sent = decode_inclusion(answers[question])
        if _within(chain, sent.height):
            spent = _units(claim, inputs, sent)
            for subject in claim.subjects:
                account = account_id(subject.chain, subject.text)
                yield question, account, Spent(1, spent.get(subject.text, 0))


def _units(claim: Claim, inputs: Inputs, sent: Inclusion) -> dict[str, int]:
    row = inputs.registry.chain(claim.subjects[0].chain)
    found: dict[str, int] = {}
    for prevout in sent.prevouts:
        address = address_of_script(row, bytes.fromhex(prevout.script))
        if address is not None:
            found[address] = found.get(address, 0) + prevout.units
    return found


def _within(chain: ChainSnapshot, height: int) -> bool:
    """Tell whether a block lies in the window: after its first block, up to its last."""
    heights = [block.height for block in chain.window_blocks]
    return bool(heights) and min(heights) < height <= max(heights)
