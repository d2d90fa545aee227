"""Deposit addresses that are contracts: does each pass what it gets on to its parent? Pure.

accounts.csv names the parent; the chain shows it at the pin. Of every declared forwarder its code
is asked for, and what it says its parent is; of a minimal proxy (EIP-1167) the code behind it, once
for all that share it. It forwards if its code is one of `config/data/forwarders.toml` and its
parent is the one declared. The code decides first: what an unknown contract answers is worth
nothing.

    forwards        whoever rules the parent rules what lies here
    no_code         no contract: it may come, and may be another
    unknown_code    no row of the registry has this code
    other_parent    a known code with another parent, or with none
    not_answered    the sources did not agree, or were not asked

Refused: to take a factory's word, or an event, for who the parent is; both are of another moment.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

from eth_hash.backends.pysha3 import keccak256

from chains.evm.minimal_proxy import implementation_of
from chains.snapshot import Question
from config.caip import address_of, chain_of_account
from config.forwarders import ADDRESS_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.accounts import Account
    from config.caip import AccountId, ChainId
    from config.forwarders import Forwarder

Verdict = Literal["forwards", "no_code", "unknown_code", "other_parent", "not_answered"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

_PAD = "00" * 12
"""Ahead of an address in the 32 bytes that ABI returns."""


def first_questions(
    accounts: Iterable[Account], rows: tuple[Forwarder, ...]
) -> tuple[Question, ...]:
    """List what is asked of every declared forwarder: its code, and each function of the rows."""
    functions = dict.fromkeys(row.parent_function for row in rows if row.parent_function)
    return tuple(
        [
            question
            for account in accounts
            if account.parent is not None
            for question in (_code(account), *(_call(account, name) for name in functions))
        ]
    )


def further_questions(
    accounts: Iterable[Account], answers: Mapping[Question, str]
) -> tuple[Question, ...]:
    """List the code of the implementations that forwarders were seen to have, each once."""
    found = {
        _behind(chain_of_account(account.id), implementation): None
        for account in accounts
        if account.parent is not None
        and (implementation := implementation_of(answers.get(_code(account), ""))) is not None
    }
    return tuple(found)


def forwarders(
    accounts: Iterable[Account], rows: tuple[Forwarder, ...], answers: Mapping[Question, str]
) -> dict[AccountId, Verdict]:
    """Judge every account that is declared with a parent, in their order.

    Args:
        accounts: the declared accounts.
        rows: the codes known.
        answers: what the chains said at their pins.
    """
    known = _Known(rows, answers)
    return {
        account.id: known.verdict(account, account.parent)
        for account in accounts
        if account.parent is not None
    }


@dataclass(frozen=True, slots=True)
class _Known:
    """What accounts are judged by; codes that many share are hashed once."""

    rows: tuple[Forwarder, ...]
    answers: Mapping[Question, str]

    def verdict(self, account: Account, parent: AccountId) -> Verdict:
        code = self.answers.get(_code(account))
        if code is None:
            return "not_answered"
        if code == "0x":
            return "no_code"
        row = _exact(self.rows, code)
        if row is None:
            implementation = implementation_of(code)
            if implementation is None:
                return "unknown_code"
            behind = self.answers.get(_behind(chain_of_account(account.id), implementation))
            if behind is None:
                return "not_answered"
            row = _cloned(self.rows, behind)
        return "unknown_code" if row is None else self._parent(row, account, code, parent)

    def _parent(self, row: Forwarder, account: Account, code: str, parent: AccountId) -> Verdict:
        if row.parent_offsets:
            word = f"0x{_PAD}{_at(code, row.parent_offsets[0])}"
        else:
            answer = self.answers.get(_call(account, row.parent_function))
            if answer is None:
                return "not_answered"
            word = answer
        declared = f"0x{_PAD}{address_of(parent)[2:].lower()}"
        return "forwards" if word == declared else "other_parent"


def _exact(rows: tuple[Forwarder, ...], code: str) -> Forwarder | None:
    """Find the row of an account's own code, the parent's bytes in it left out."""
    for row in rows:
        bare = _blank(code, row.parent_offsets) if row.form == "exact" else None
        if bare is not None and _digest(bare) == row.code_sha256:
            return row
    return None


def _cloned(rows: tuple[Forwarder, ...], code: str) -> Forwarder | None:
    digest = _digest(code)
    return next((row for row in rows if (row.form, row.code_sha256) == ("eip1167", digest)), None)


def _blank(code: str, offsets: tuple[int, ...]) -> str | None:
    """Put zeros where a parent stands; None if not the same parent stands at all places."""
    if len({_at(code, offset) for offset in offsets}) > 1:
        return None
    for offset in offsets:
        at = 2 + 2 * offset
        code = code[:at] + "00" * ADDRESS_SIZE + code[at + 2 * ADDRESS_SIZE :]
    return code


def _at(code: str, offset: int) -> str:
    at = 2 + 2 * offset
    return code[at : at + 2 * ADDRESS_SIZE]


def _digest(code: str) -> str:
    return hashlib.sha256(bytes.fromhex(code[2:])).hexdigest()


def _code(account: Account) -> Question:
    return Question(chain_of_account(account.id), "code", address_of(account.id))


def _behind(chain: ChainId, implementation: str) -> Question:
    return Question(chain, "code", implementation)


def _call(account: Account, function: str) -> Question:
    subject = f"{address_of(account.id)} {_selector(function)}"
    return Question(chain_of_account(account.id), "call", subject)


@cache
def _selector(function: str) -> str:
    return f"0x{keccak256(function.encode())[:4].hex()}"
