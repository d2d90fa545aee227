"""A contract as a claim meets it: the questions put to its chain, and the answers, each shown.

Answers are `Signing.answers`: what the sources agreed on at the pin. One that is missing ends the
check as `unproved` with `chain_not_asked`, since nothing may be concluded from silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.evm.address import checksummed
from chains.snapshot import Question
from proofs.control import UnprovedClaim

if TYPE_CHECKING:
    from proofs.control import Signing

NO_CODE = b""
DELEGATED = bytes.fromhex("ef0100")
"""With which an account's code begins whose key has delegated it (EIP-7702)."""
_SUCCEEDED = "0x01"


@dataclass(frozen=True, slots=True)
class Contract:
    """The one account of a claim."""

    signing: Signing

    @property
    def address(self) -> bytes:
        """The 20 bytes of its address."""
        return bytes.fromhex(self.signing.addresses[0][2:])

    def call(self, data: str) -> Question:
        """Make the question what it answers to a call, given as 0x hex."""
        subject = f"{self.signing.addresses[0]} {data}"
        return Question(self.signing.chain.id, "attempt", subject)

    def code_of(self, address: bytes) -> Question:
        """Make the question for the code at an address."""
        return Question(self.signing.chain.id, "code", checksummed(address))

    def heard(self, *questions: Question) -> bool:
        """Tell whether all of these were answered."""
        return all(question in self.signing.answers for question in questions)

    def returned(self, what: str, data: str) -> bytes | None:
        """Give what a call returned, None if it was refused.

        Raises:
            UnprovedClaim: `chain_not_asked`.
        """
        value = self._answer(self.call(data))
        result = bytes.fromhex(value[4:]) if value.startswith(_SUCCEEDED) else None
        self.signing.show(what, "refused" if result is None else result)
        return result

    def code_hash(self, what: str, address: bytes) -> bytes | None:
        """Give the Keccak-256 of the code at an address, None if there is none; raises likewise."""
        code = self.code(address)
        found = keccak256(code) if code else None
        self.signing.show(what, "no code" if found is None else found)
        return found

    def code(self, address: bytes) -> bytes:
        """Give the code at an address; raises likewise."""
        return bytes.fromhex(self._answer(self.code_of(address))[2:])

    def _answer(self, question: Question) -> str:
        value = self.signing.answers.get(question)
        if value is None:
            raise UnprovedClaim("chain_not_asked")
        return value
