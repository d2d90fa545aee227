"""A Safe: what is asked of it, and whether enough of its owners' keys signed themselves.

    (1) Its code, and `masterCopy()`: a proxy known here, and where its singleton is.
    (2) The singleton's code; owners, threshold, modules, and the words of its storage that name its
        guards and its fallback handler.
    (3) The code of each owner whose key signed: a key controls it only if there is none, or if the
        key has delegated it (EIP-7702). The code of the fallback handler.

Each step is asked when the one before it is answered, and only then: to a contract that is no known
Safe none of this means anything. The threshold counts keys that signed the Safe's own message hash,
recovered here, of distinct owners; the contract's own yes is not enough, because it also says yes
for contract owners and for hashes approved on chain, which are nobody's key as far as can be seen.

A module can move everything without any owner, a guard can stop the owners, a handler can answer in
the Safe's name: they are warnings, because the keys control the Safe all the same. A module that
was written into storage beside the list (by a delegate call in the Safe's past) is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.evm.address import checksummed
from proofs.control import Proof, UnprovedClaim
from proofs.evm.abi import (
    call_data,
    read_address,
    read_addresses,
    read_data,
    read_number,
    read_page,
)
from proofs.evm.contract import DELEGATED
from proofs.evm.safe_code import HANDLERS, PROXIES, SINGLETONS
from proofs.evm.safe_signatures import key_signatures, message_preimage

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from chains.snapshot import Question
    from proofs.control import Warning_
    from proofs.evm.contract import Contract
    from proofs.evm.safe_code import Singleton
    from proofs.evm.safe_signatures import KeySignature

    T = TypeVar("T")

MASTER_COPY = call_data("masterCopy()")
OWNERS = call_data("getOwners()")
THRESHOLD = call_data("getThreshold()")
MODULES = call_data("getModulesPaginated(address,uint256)", f"0x{1:040x}", 10)
"""The first page of a list that begins behind address 1."""

_GUARD_SLOTS = (
    0x4A204F620C8C5CCDCA3FD54D003BADD85BA500436A431F0CBDA4F558C93C34C8,
    0xB104E0B93118902C651344349B610029D694CFDEC91C589C91EBAFBCD0289947,
)
"""keccak256 of `guard_manager.guard.address`, and of `module_manager.module_guard.address`."""
_HANDLER_SLOT = 0x6C9A6C4A39284E37ED1CF53D337577D14212A4870FB976A4366C693B939918D5
"""keccak256 of `fallback_manager.handler.address`."""
_STORAGE = "getStorageAt(uint256,uint256)"
GUARDS = tuple(call_data(_STORAGE, slot, 1) for slot in _GUARD_SLOTS)
HANDLER = call_data(_STORAGE, _HANDLER_SLOT, 1)


@dataclass(frozen=True, slots=True)
class Safe:
    """A contract whose proxy and singleton are known, and what it says of itself."""

    contract: Contract
    singleton: Singleton
    owners: tuple[bytes, ...]
    """Their addresses."""
    threshold: int
    """How many of them must sign."""
    handler: bytes
    """Address of its fallback handler; empty if it has none, or does not show it."""

    def signers(self, digest: bytes, signature: bytes) -> tuple[KeySignature, ...]:
        """Give the owners whose key signed, each once.

        Raises:
            InvalidProof: as `proofs.evm.safe_signatures.key_signatures`.
        """
        show = self.contract.signing.show
        chain = int(self.contract.signing.chain.id.removeprefix("eip155:"))
        old = self.singleton.old
        preimage = message_preimage(self.contract.address, chain, digest, old=old)
        show("digest preimage of the safe's message", preimage)
        message = keccak256(preimage)
        show("digest of the safe's message", message)
        found = {}
        for one in key_signatures(signature, self.threshold, message):
            show("address of the recovered key", checksummed(one.signer))
            if one.signer in self.owners:
                found[one.signer] = one
        return tuple(found.values())


def identity_questions(contract: Contract) -> tuple[Question, ...]:
    """Ask which contract it is: (1)."""
    return contract.code_of(contract.address), contract.call(MASTER_COPY)


def safe_questions(contract: Contract) -> tuple[Question, ...]:
    """Ask what it says of itself, if it is a known proxy: (2); raise UnprovedClaim."""
    singleton = _singleton_of(contract)
    if singleton is None:
        return ()
    calls = (OWNERS, THRESHOLD, MODULES, *GUARDS, HANDLER)
    return contract.code_of(singleton), *map(contract.call, calls)


def key_questions(safe: Safe, digest: bytes, signature: bytes) -> tuple[Question, ...]:
    """Ask for the code of who signed, and of the handler: (3); raise InvalidProof."""
    signers = (one.signer for one in safe.signers(digest, signature))
    handlers = (safe.handler,) if safe.handler else ()
    return tuple(map(safe.contract.code_of, (*signers, *handlers)))


def known_safe(contract: Contract) -> Safe | None:
    """Give a contract as a Safe, None if its codes are not known.

    Raises:
        UnprovedClaim: `chain_not_asked`.
    """
    singleton = _singleton_of(contract)
    if singleton is None:
        return None
    known = SINGLETONS.get(_hex(contract.code_hash("code hash of the singleton", singleton)))
    if known is None:
        return None
    contract.signing.show("known as", known.name)
    return Safe(
        contract,
        known,
        owners=_told(contract, "owners", OWNERS, read_addresses),
        threshold=_told(contract, "threshold", THRESHOLD, read_number),
        handler=b"" if known.old else _told(contract, "handler", HANDLER, _read_stored),
    )


def _singleton_of(contract: Contract) -> bytes | None:
    """Give the address of a known proxy's code, None for any other contract."""
    proxy = contract.code_hash("code hash of the contract", contract.address)
    if _hex(proxy) not in PROXIES:
        return None
    copy = contract.returned("address of the singleton", MASTER_COPY)
    return None if copy is None else read_address(copy)


def prove_safe(safe: Safe, signers: tuple[KeySignature, ...]) -> Proof:
    """Check that enough owners of a Safe signed, and that they are keys.

    Args:
        safe: whose owners they are.
        signers: as `Safe.signers` gives them.

    Raises:
        UnprovedClaim: `no_key_link` if they are too few, `chain_not_asked`.
    """
    linked, delegated = [], False
    for one in signers:
        code = safe.contract.code(one.signer)
        safe.contract.signing.show(f"code of owner {checksummed(one.signer)}", code)
        if not code or code.startswith(DELEGATED):
            linked.append(one.name)
            delegated = delegated or bool(code)
    if not 0 < safe.threshold <= len(linked):
        raise UnprovedClaim("no_key_link")
    warnings: tuple[Warning_, ...] = ("delegated_code",) if delegated else ()
    return Proof(signatures=tuple(linked), warnings=(*warnings, *_warnings(safe)))


def _warnings(safe: Safe) -> tuple[Warning_, ...]:
    """Say who else can act for a Safe, or stop its owners."""
    contract = safe.contract
    found: list[Warning_] = []
    if _told(contract, "modules", MODULES, read_page):
        found.append("module_enabled")
    if not safe.singleton.old and any(
        _told(contract, "guard", guard, _read_stored) for guard in GUARDS
    ):
        found.append("guard_set")
    code = contract.code_hash("code hash of the handler", safe.handler) if safe.handler else None
    if _hex(code) not in HANDLERS:
        found.append("fallback_handler_unknown")
    return tuple(found)


def _told(contract: Contract, what: str, data: str, read: Callable[[bytes], T | None]) -> T:
    """Read what a known contract must be able to say."""
    result = contract.returned(what, data)
    found = None if result is None else read(result)
    if found is None:
        raise UnprovedClaim("chain_not_asked")
    return found


def _read_stored(data: bytes) -> bytes | None:
    """Read an address out of one word of storage; empty for none."""
    word = read_data(data)
    found = None if word is None else read_address(word)
    return b"" if found == bytes(20) else found


def _hex(code_hash: bytes | None) -> str:
    return "" if code_hash is None else code_hash.hex()
