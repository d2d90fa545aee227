"""Balances read from a pin's state root alone: pure, and no source's word is in it.

A native balance is in the account's leaf. A token's balance is a word in its contract's storage;
the registry's `Slot` says which, for one code and no other. So beside the word it must be proved

1. that the token's code is the one the row was made from,
2. that the implementation it delegates to is that of the row, and has the row's code,
3. that each guard holds what it held when the row was made.

Where the row does not hold at the pin nothing is proved, and the balance rests on what sources say.
That it does not hold is proved too: each of the three is looked at, whatever the others gave, so
that a store has its nodes either way. An account or a word that is proved to be absent is a proven
zero.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evm.nodes import NodeStore
from chains.evm.slots import balance_of_word, conditions, storage_key
from chains.evm.trie import EMPTY_ROOT, InvalidStateProof, StateReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chains.evm.slots import Condition
    from chains.evm.trie import AccountState
    from chains.index import T
    from config.caip import AssetId
    from config.slots import Slot


class ProvenState:
    """What a store of nodes proves of the state at one root."""

    def __init__(
        self, state_root: str, nodes: bytes | memoryview, slots: Mapping[AssetId, Slot]
    ) -> None:
        """Open a store.

        Args:
            state_root: the pin's, 0x and 64 hex digits.
            nodes: the file of a `NodeStore`.
            slots: the rows of the tokens that can be proved.

        Raises:
            ChainError: it is not such a file.
        """
        self._store = NodeStore(nodes)
        self._reader = StateReader(bytes.fromhex(state_root[2:]), self._store.get)
        self._slots = slots
        self._rows: dict[AssetId, bool | None] = {}
        self._storage: dict[str, bytes] = {}

    def units(self, asset: AssetId, contract: str | None, address: str) -> int | None:
        """Give a balance in base units, None if it is not proved.

        Args:
            asset: what is held.
            contract: its contract, None for the chain's native asset.
            address: canonical.

        Raises:
            ChainError: the store holds what is not a node of the trie.
        """
        if contract is None:
            return _shown(partial(self._native, address))
        if not self.holds(asset, contract):
            return None
        return _shown(partial(self._token, self._slots[asset], contract, address))

    def holds(self, asset: AssetId, contract: str) -> bool | None:
        """Tell whether a token's row is proved to hold, or not to; None if neither is shown.

        Raises:
            ChainError: the store holds what is not a node of the trie.
        """
        if asset not in self._rows and asset in self._slots:
            checks = self._checks(self._slots[asset], contract)
            verdicts = [_shown(check) for check in checks]
            unknown = None if None in verdicts else True
            self._rows[asset] = False if False in verdicts else unknown
        return self._rows.get(asset)

    def unused(self) -> int:
        """Count the nodes that no proof has used so far."""
        return len(self._store) - self._store.used()

    def _native(self, address: str) -> int:
        account = self._account(address)
        return 0 if account is None else account.balance

    def _token(self, slot: Slot, contract: str, address: str) -> int:
        word = self._reader.slot(self._storage_root(contract), storage_key(slot, address))
        return balance_of_word(slot, word)

    def _checks(self, slot: Slot, contract: str) -> list[Callable[[], bool]]:
        """List what must be true for a row to hold; all of it is looked at."""
        codes = [(contract, slot.code_hash)]
        if slot.implementation is not None and slot.implementation_code_hash is not None:
            codes.append((slot.implementation, slot.implementation_code_hash))
        return [
            *(partial(self._code_is, address, code_hash) for address, code_hash in codes),
            *(partial(self._word_fits, contract, condition) for condition in conditions(slot)),
        ]

    def _code_is(self, address: str, code_hash: str) -> bool:
        account = self._account(address)
        return account is not None and f"0x{account.code_hash.hex()}" == code_hash

    def _word_fits(self, contract: str, condition: Condition) -> bool:
        return condition.holds(self._reader.slot(self._storage_root(contract), condition.position))

    def _storage_root(self, contract: str) -> bytes:
        if contract not in self._storage:
            account = self._account(contract)
            self._storage[contract] = EMPTY_ROOT if account is None else account.storage_root
        return self._storage[contract]

    def _account(self, address: str) -> AccountState | None:
        return self._reader.account(bytes.fromhex(address[2:]))


def _shown(read: Callable[[], T]) -> T | None:
    """Give what is read, None if a node on its way is missing: then nothing is shown.

    Raises:
        ChainError: the store holds what is not a node of the trie.
    """
    try:
        return read()
    except InvalidStateProof as fault:
        if fault.reason != "missing_node":
            raise ChainError(f"node store is not sound: {fault.reason}") from fault
        return None
