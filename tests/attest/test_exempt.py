"""Transactions that prove control excuse an account for themselves, once, and inside the window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.exempt import SCHEME, Spent, exempt_spending
from chains.inclusion import Inclusion, encode_inclusion
from chains.snapshot import Answer, Question, WindowBlock
from config.caip import AccountId
from config.claims import Claim, Subject
from proofs.control import Control
from proofs.evm.transaction import parse_transaction
from tests.proofs.evm.evm_claims import ETHEREUM
from tests.proofs.evm.transfers import SENDER, signed

if TYPE_CHECKING:
    from attest.inputs import Inputs
    from attest.pipeline import Work
    from chains.snapshot import Snapshot

TEXT = f"a text that names {SENDER}"
RAW = signed("1559", TEXT.encode())
ACCOUNT = AccountId(f"{ETHEREUM.id}:{SENDER}")
ASKED = Question(ETHEREUM.id, "inclusion", parse_transaction(RAW).txid)
BLOCK = "0x" + "5f" * 32


def claim(line: int, raw: bytes = RAW) -> Claim:
    subject = Subject("account", ACCOUNT, ETHEREUM.id, SENDER)
    return Claim(line, (subject,), SCHEME, TEXT, f"0x{raw.hex()}")


def control(line: int, outcome: str = "proved", carried: str = "") -> Control:
    made = Control(ACCOUNT, SCHEME, outcome, "C", None, (), line, (ACCOUNT,))  # type: ignore[arg-type]
    return replace(made, carried=carried)


@pytest.fixture
def inputs(work: Work) -> Inputs:
    return work.inputs


def read(work: Work, height: int) -> Snapshot:
    """A chain whose window is of blocks 91 to 110, and the transaction at a height."""
    chain = work.case.snapshot.chains[0]
    blocks = tuple(WindowBlock(0, at, BLOCK, 0) for at in (90, 110))
    answer = Answer(ASKED, encode_inclusion(Inclusion("success", height, BLOCK)), ())
    pin = replace(chain.pin, chain=ETHEREUM.id)
    made = replace(chain, pin=pin, window_blocks=blocks, answers=(answer,))
    return replace(work.case.snapshot, chains=(made,))


def excused(
    work: Work, claims: tuple[Claim, ...], controls: tuple[Control, ...], height: int = 100
) -> dict[AccountId, Spent]:
    given = replace(work.inputs, claims=claims)
    return exempt_spending(given, work.case.as_of, read(work, height), controls)


@pytest.mark.parametrize(("height", "excuses"), [(90, 0), (91, 1), (110, 1), (111, 0)])
def test_it_lies_in_the_window(work: Work, height: int, excuses: int) -> None:
    found = excused(work, (claim(2),), (control(2),), height)

    assert ({ACCOUNT: Spent(1)} if excuses else {}) == found


def test_one_transaction_on_two_lines_was_sent_once(work: Work) -> None:
    found = excused(work, (claim(2), claim(3)), (control(2), control(3)))

    assert {ACCOUNT: Spent(1)} == found


@pytest.mark.parametrize(
    "controls",
    [(), (control(2, "refuted"),), (control(2, "unproved"),), (control(2, carried="ab"),)],
)
def test_what_is_not_proved_here_excuses_nothing(work: Work, controls: tuple[Control, ...]) -> None:
    assert {} == excused(work, (claim(2),), controls)


def test_what_the_chain_does_not_say_excuses_nothing(work: Work) -> None:
    other = claim(2, signed("legacy", TEXT.encode()))

    assert {} == excused(work, (other,), (control(2),))


def test_a_declaration_without_such_claims_excuses_nobody(work: Work, inputs: Inputs) -> None:
    assert {} == exempt_spending(inputs, work.case.as_of, work.case.snapshot, work.case.controls)
