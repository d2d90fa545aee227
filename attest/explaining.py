"""One account's claims, step by step, so that an auditor can follow with pen and another tool.

What is hashed, recovered and compared is told by the checks themselves as they make each step
(`Signing.show`), in order, also on the way to a failure; nothing is computed a second time here.
Beside a hash stands a command that gives it from an earlier step, where there is one: it is found
by trying, so that it is right whatever the scheme calls its steps.

Nothing secret is among the steps: claims hold texts, signatures and public keys.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from attest.checking import reading_of
from chains.keyhash import hash160
from config.claims import parse_subjects
from config.errors import InputError, shown
from proofs.check import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from attest.checking import Trial
    from config.claims import Claim, Subject
    from proofs.control import Control

MAX_COMMAND = 4096
"""Bytes of a value that is put into a command: shells refuse very long lines."""
LISTED = 5
"""Accounts named in the hint where the asked one is not claimed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a check."""

    what: str
    value: str | bytes
    command: str = ""
    """Gives the value from an earlier step in another tool; empty where none is known."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A claim, the steps of its check, and what came of it."""

    steps: tuple[Step, ...]
    control: Control


def explain_account(text: str, claims: tuple[Claim, ...], trial: Trial) -> tuple[Explanation, ...]:
    """Check the claims of an account, and keep every step.

    Args:
        text: the account, canonical or as a file may write it; several joined by a space for a
            claim that names them all.
        claims: the rows of a file.
        trial: what they are judged by.

    Raises:
        InputError: the text is no account, or no claim names it.
    """
    asked = parse_subjects(text, reading_of(trial))
    found = tuple(claim for claim in claims if all(_names(claim, one) for one in asked))
    if not found:
        known = ", ".join(dict.fromkeys(shown(claim.account, 120) for claim in claims[:LISTED]))
        more = ", …" if len(claims) > LISTED else ""
        raise InputError(f"no claim names {shown(text, 120)}", f"accounts claimed: {known}{more}")
    return tuple(_explained(claim, trial) for claim in found)


def _names(claim: Claim, asked: Subject) -> bool:
    """Tell whether a claim is about an account, by its name or as one of every EVM network's."""
    return any(
        one.id == asked.id
        or (one.kind == "every_evm" and asked.kind == "account" and _evm(asked) == one.text)
        for one in claim.subjects
    )


def _evm(subject: Subject) -> str:
    return subject.text if subject.id.startswith("eip155:") else ""


def _explained(claim: Claim, trial: Trial) -> Explanation:
    steps: list[Step] = []

    def show(what: str, value: str | bytes) -> None:
        steps.append(Step(what, value, _command(value, steps)))

    control = explain(claim, trial.registry, trial.challenges, trial.as_of, trial.facts, show)
    return Explanation(tuple(steps), control)


def _command(value: str | bytes, earlier: Iterable[Step]) -> str:
    """Find a command that gives a value from one of the steps before it."""
    if not isinstance(value, bytes) or len(value) not in (20, 32):
        return ""
    for step in earlier:
        given = step.value
        if isinstance(given, bytes) and len(given) <= MAX_COMMAND:
            for hashed, command in HASHES:
                if hashed(given) == value:
                    return command.replace("HEX", given.hex())
    return ""


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _twice(data: bytes) -> bytes:
    return _sha256(_sha256(data))


def _address(key: bytes) -> bytes:
    """Hash an uncompressed key, its first byte left out, as EVM addresses do."""
    return keccak256(key[1:])[12:] if len(key) == _KEY_SIZE else b""


_KEY_SIZE = 65
_TAG = _sha256(b"BIP0322-signed-message") * 2
_BYTES = "echo HEX | xxd -r -p"
_SHA256 = "openssl dgst -sha256"
_KECCAK = (
    'python3 -c "from Crypto.Hash import keccak;'
    " print(keccak.new(digest_bits=256, data=bytes.fromhex('HEX')DATA).hexdigest()PART)\""
)
HASHES: tuple[tuple[Callable[[bytes], bytes], str], ...] = (
    (_sha256, f"{_BYTES} | {_SHA256}"),
    (_twice, f"{_BYTES} | {_SHA256} -binary | {_SHA256}"),
    (
        lambda data: _twice(data)[::-1],
        f"{_BYTES} | {_SHA256} -binary | {_SHA256} -binary | xxd -p -c1 | tac | tr -d '\\n'",
    ),
    (hash160, f"{_BYTES} | {_SHA256} -binary | openssl dgst -rmd160"),
    (lambda data: _sha256(_TAG + data), f"echo {_TAG.hex()}HEX | xxd -r -p | {_SHA256}"),
    (keccak256, _KECCAK.replace("DATA", "").replace("PART", "")),
    (_address, _KECCAK.replace("DATA", "[1:]").replace("PART", "[24:]")),
)
"""What checks hash with, and a command for each; HEX stands for what is hashed."""
