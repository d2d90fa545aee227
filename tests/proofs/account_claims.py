"""Claims about accounts of Tron, the XRP Ledger and Cosmos, and what comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import rfc8785

from chains.snapshot import Question
from proofs.control import InvalidProof, Signing, UnprovedClaim

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.registry import Chain
    from proofs.control import Proof

    Verify: TypeAlias = Callable[[Signing], Proof]


def verdict(verify: Verify, signing: Signing) -> str:
    """Give `proved`, or the reason why not; anything else that is raised fails the test."""
    try:
        verify(signing)
    except InvalidProof as refused:
        return refused.reason
    except UnprovedClaim as unproved:
        return f"unproved: {unproved.reason}"
    return "proved"


def answer(chain: Chain, address: str, said: object) -> dict[Question, str]:
    """Give a chain's word on who may use an account; text is taken as it is."""
    text = said if isinstance(said, str) else rfc8785.dumps(said).decode()  # type: ignore[arg-type]
    return {Question(chain.id, "authority", address): text}


def shown(verify: Verify, signing: Signing) -> list[tuple[str, str]]:
    """Verify and give the steps that were shown, bytes in hex."""
    steps: list[tuple[str, str]] = []

    def show(step: str, value: str | bytes) -> None:
        steps.append((step, value if isinstance(value, str) else value.hex()))

    verdict(
        verify,
        Signing(
            signing.chain,
            signing.addresses,
            signing.message,
            *(signing.signature, signing.public_key, signing.script, signing.profile),
            answers=signing.answers,
            show=show,
        ),
    )
    return steps
