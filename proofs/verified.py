"""Claims verified once: equal claims of one file have one verdict, and one signature check.

A key may be claimed on every row that it stands for, and files repeat rows. A verdict follows from
the scheme and the claim's content alone, so it is remembered by exactly these. Not remembered:
verdicts of schemes that hear a chain, whose word is no part of a claim; claims being explained;
claims so long that remembering thousands would fill the memory. What is not remembered is verified
again, so that forgetting changes no verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.control import InconclusiveProof, InvalidProof, quiet
from proofs.schemes import SCHEMES

if TYPE_CHECKING:
    from proofs.control import Proof, Signing
    from proofs.schemes import Verify

MAX_REMEMBERED = 1024
"""Verdicts; where there are so many, all are forgotten. With `MAX_LENGTH`, some 5 MB at most."""
MAX_LENGTH = 4096
"""Characters and bytes of a claim that is remembered. A proof of this size lists some 70 coins."""


class Verified:
    """The verdicts on the claims of one file, with the chains of one registry."""

    def __init__(self, limit: int = MAX_REMEMBERED) -> None:
        self._limit = limit
        self._verdicts: dict[tuple[object, ...], Proof | InvalidProof | InconclusiveProof] = {}
        self._loaded: dict[str, tuple[Verify, bool]] = {}
        """Each scheme met: its check, and whether its verdicts may be remembered."""

    def verify(self, scheme: str, signing: Signing) -> Proof:
        """Give what the scheme gives, or gave for an equal claim; raise what it raises."""
        verify, lasting = self._loaded.get(scheme) or self._load(scheme)
        message, signature = signing.message, signing.signature
        key, script = signing.public_key, signing.script
        length = len(message) + len(signature) + len(key) + len(script)
        if not lasting or signing.show is not quiet or length > MAX_LENGTH:
            return verify(signing)
        content = (
            *(scheme, signing.chain.id, signing.addresses, signing.profile),
            *(message, signature, key, script),
        )
        verdict = self._verdicts.get(content)
        if verdict is None:
            if len(self._verdicts) >= self._limit:
                self._verdicts.clear()
            try:
                verdict = verify(signing)
            except (InvalidProof, InconclusiveProof) as refusal:
                verdict = type(refusal)(refusal.reason)
            self._verdicts[content] = verdict
        if isinstance(verdict, Exception):
            # A new one each time: an exception gathers the places that it passed through.
            raise type(verdict)(verdict.reason)
        return verdict

    def _load(self, name: str) -> tuple[Verify, bool]:
        scheme = SCHEMES[name]
        loaded = self._loaded[name] = scheme.load(), not (scheme.asks or scheme.spends)
        return loaded
