"""The schemes: name, whether one signature may prove many accounts, and where its code is.

Adding a scheme is one module with a `verify`, one line here, its vectors and a row in the README.
Imports happen when a scheme is first used, so that a command that checks no claim loads no curve
library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from proofs.control import Proof, Signing

Verify: TypeAlias = "Callable[[Signing], Proof]"


def _bip137() -> Verify:
    from proofs.bip137 import verify

    return verify


def _bip322() -> Verify:
    from proofs.bip322 import verify

    return verify


def _multisig_signmessage() -> Verify:
    from proofs.multisig_signmessage import verify

    return verify


def _eip191() -> Verify:
    from proofs.eip191 import verify

    return verify


def _eip191_keccak() -> Verify:
    from proofs.eip191_keccak import verify

    return verify


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme's place in the table."""

    load: Callable[[], Verify]
    many: bool = False
    """Whether one signature may prove several accounts."""


SCHEMES: Mapping[str, Scheme] = {
    "bip137": Scheme(_bip137),
    "bip322": Scheme(_bip322, many=True),
    "multisig-signmessage": Scheme(_multisig_signmessage),
    "eip191": Scheme(_eip191),
    "eip191-keccak": Scheme(_eip191_keccak),
}
