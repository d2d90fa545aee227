"""Which of several forms a published signature has, where the publisher's file does not say.

A claim names its scheme, and a scheme never tries another's digest. Some publishers sign in one of
two forms and their own tool accepts either, so the claim has to be written down as the one that was
used. Here the forms are tried, and the first that holds is written; where none does, the first is
written, and `attest control` refutes it. This decides no verdict: the claim is judged again like
any other. Always writing one form was refused: valid signatures of the other would be called forged
(in OKX's published files both occur).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.control import InconclusiveProof, InvalidProof, Signing, UnprovedClaim
from proofs.schemes import SCHEMES

if TYPE_CHECKING:
    from attest.imports.entries import Claimed
    from config.registry import Chain


def form_that_holds(chain: Chain, address: str, forms: tuple[Claimed, ...]) -> Claimed | None:
    """Give the first form that verifies, else the first; None if there is none at all.

    A form that stands alone is not tried: there is nothing to decide.

    Args:
        chain: the chain of the address.
        address: canonical.
        forms: the same signature as different schemes would have it. A scheme that is not in the
            table does not hold.
    """
    if len(forms) < 2:  # noqa: PLR2004 - two is what makes a choice
        return forms[0] if forms else None
    return next((form for form in forms if _holds(chain, address, form)), forms[0])


def _holds(chain: Chain, address: str, form: Claimed) -> bool:
    scheme = SCHEMES.get(form.scheme)
    if scheme is None:
        return False
    signing = Signing(
        chain,
        (address,),
        form.message.encode(),
        *(form.signature, form.public_key, form.script, form.profile),
    )
    try:
        scheme.load()(signing)
    except (InvalidProof, InconclusiveProof):
        return False
    except UnprovedClaim:
        # Nothing is wrong with the signature; a chain has to be asked.
        return True
    return True
