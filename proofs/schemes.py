"""The schemes: name, what one signature may prove, and where its code is.

Adding a scheme is one module with a `verify`, one line here, its vectors and a row in the README.
Modules are imported when a scheme is first used, so that a command that checks no claim loads no
curve library. A module whose scheme needs a chain's word has `questions` too:

    verify(signing) -> Proof                returns or raises a verdict of `proofs.control`
    questions(signing) -> tuple of Question    what is still to be asked, given `signing.answers`
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chains.snapshot import Question
    from config.claims import SubjectKind
    from proofs.control import Proof, Signing

Verify: TypeAlias = "Callable[[Signing], Proof]"
Ask: TypeAlias = "Callable[[Signing], tuple[Question, ...]]"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme's place in the table."""

    module: str
    many: bool = False
    """Whether one signature may prove several accounts."""
    asks: bool = False
    """Whether the chain must be asked."""
    spends: bool = False
    """Whether the coins that were read decide."""
    never: tuple[SubjectKind, ...] = ()
    """Kinds of subjects of which it says nothing."""

    def load(self) -> Verify:
        """Give the function that checks a claim."""
        return cast("Verify", import_module(self.module).verify)

    def questions(self) -> Ask:
        """Give the function that says what to ask; only where `asks`."""
        return cast("Ask", import_module(self.module).questions)


SCHEMES: Mapping[str, Scheme] = {
    "bip137": Scheme("proofs.bip137"),
    "bip322": Scheme("proofs.bip322", many=True),
    "bip127": Scheme("proofs.bip127", many=True, spends=True),
    "multisig-signmessage": Scheme("proofs.multisig_signmessage"),
    "eip191": Scheme("proofs.eip191"),
    "eip191-keccak": Scheme("proofs.eip191_keccak"),
    "solana-raw": Scheme("proofs.solana_raw"),
    "solana-offchain-v0": Scheme("proofs.solana_offchain_v0"),
    "ed25519-raw": Scheme("proofs.ed25519_raw"),
    "ed25519-prefixed": Scheme("proofs.ed25519_prefixed"),
    "tip191-v1": Scheme("proofs.tip191_v1", asks=True),
    "tip191-v2": Scheme("proofs.tip191_v2", asks=True),
    "xrpl": Scheme("proofs.xrpl", asks=True),
    "adr36": Scheme("proofs.adr36"),
    "onchain-transfer": Scheme("proofs.onchain_transfer", many=True, asks=True),
    "witnessed": Scheme("proofs.witnessed", many=True, never=("every_evm",)),
    "eip712": Scheme("proofs.eip712"),
    "eip1271": Scheme("proofs.eip1271", asks=True, never=("every_evm", "extended")),
}
