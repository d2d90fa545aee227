"""The Safe contracts known here, by the Keccak-256 of their code.

A Safe is a proxy that keeps the address of its code, the singleton, in storage slot 0 and gives it
itself when `masterCopy()` is called. If both codes are known, then so is what the Safe's answers
mean: whose signatures it asks for and what it hashes. Its version's word is not asked.

The hashes are of the runtime code in the packages that Safe publishes: @gnosis.pm/safe-contracts
1.1.1 and 1.3.0, @safe-global/safe-contracts 1.4.1, @safe-global/safe-smart-account 1.5.0. Those of
singletons and handlers stand in safe-global/safe-deployments too (`src/assets`), where they are
those of the deployed contracts. Other versions are not known: 1.2.0 has no hash there to compare
with, 1.0.0 and before were not looked at, and the code on zkSync is of another machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Singleton:
    """A version's code."""

    name: str
    old: bool = False
    """Before 1.3.0: it answers `isValidSignature(bytes,bytes)` itself, hashes messages without the
    chain's id, has no guards, and does not show its storage."""


PROXIES: Mapping[str, str] = {
    "aea7d4252f6245f301e540cfbee27d3a88de543af8e49c5c62405d5499fab7e5": "Safe proxy 1.1.1",
    "b89c1b3bdf2cf8827818646bce9a8f6e372885f8c55e5c07acbd307cb133b000": "Safe proxy 1.3.0",
    "d7d408ebcd99b2b70be43e20253d6d92a8ea8fab29bd3be7f55b10032331fb4c": "Safe proxy 1.4.1",
    "4e381985ca68b3e5d27b4425fa581c19cf33146d3f887a3cfca96f55528ea46f": "Safe proxy 1.5.0",
}

SINGLETONS: Mapping[str, Singleton] = {
    "56b8be58b5ad629a621593a2e5e5e8e9a28408dc06e95597497b303902772e45": Singleton(
        "Safe 1.1.1", old=True
    ),
    "bba688fbdb21ad2bb58bc320638b43d94e7d100f6f3ebaab0a4e4de6304b1c2e": Singleton("Safe 1.3.0"),
    "21842597390c4c6e3c1239e434a682b054bd9548eee5e9b1d6a4482731023c0f": Singleton("Safe 1.3.0 L2"),
    "1fe2df852ba3299d6534ef416eefa406e56ced995bca886ab7a553e6d0c5e1c4": Singleton("Safe 1.4.1"),
    "b1f926978a0f44a2c0ec8fe822418ae969bd8c3f18d61e5103100339894f81ff": Singleton("Safe 1.4.1 L2"),
    "dda019cbd7c867a533a2a86e5c53434fdc50b13122b5a5ddb4a8df61b31c20f2": Singleton("Safe 1.5.0"),
    "180193227186ccb85316c94db1f0d156ed932b14712cfaac78901899178572dc": Singleton("Safe 1.5.0 L2"),
}

HANDLERS: Mapping[str, str] = {
    # What answers the calls that a Safe does not know; these ask it whether its owners signed.
    "03e69f7ce809e81687c69b19a7d7cca45b6d551ffdec73d9bb87178476de1abf": "fallback handler 1.3.0",
    "7c6007a5d711cea8dfd5d91f5940ec29c7f200fe511eb1fc1397b367af3c42f9": "fallback handler 1.4.1",
    "3c6a85bcf7b563daa624b884b4e9a1b9fa5371edde7be945d998071a48f28bbc": "fallback handler 1.5.0",
}
