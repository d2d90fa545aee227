"""A token under examination: one node, one block, and the questions the finder puts to it.

A call that fails is an answer here (None), since replaced words may make the code revert. Every
other error, and every answer of another form, raises `ChainError`: silence is not a failing call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from chains.errors import ChainError
from chains.evidence import Call
from chains.evm.calls import (
    MalformedAnswer,
    code_call,
    decode_code,
    decode_word,
    token_balance_call,
)
from chains.evm.slot_trials import decode_listing, listing_call, trial_call, word_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chains.evidence import Exchange, Json, Source
    from chains.evm.slot_trials import Listing

T = TypeVar("T")

ASK_ANOTHER = "ask a node that serves eth_createAccessList, and state overrides in eth_call"


@dataclass(frozen=True, slots=True)
class Probe:
    """Asks about a token at a block."""

    source: Source
    token: str
    block: str
    """The block's number as 0x hex: not every node lists access by a hash."""

    def code(self, address: str) -> str:
        """Give the code at an address, 0x hex."""
        return self._read(self._one(code_call(address, self.block)), decode_code)

    def word(self, place: bytes) -> int:
        """Give a word of the token's storage."""
        call = Call("eth_getStorageAt", (self.token, word_of(place), self.block))
        return self._read(self._one(call), decode_word)

    def balance(self, holder: str) -> int | None:
        """Give balanceOf as it is; None if it fails."""
        return self._number(self._one(token_balance_call(self.token, holder, self.block)))

    def listing(self, holder: str) -> Listing:
        """Give what balanceOf reads."""
        return self._listing(self._one(listing_call(self.token, holder, self.block, {})))

    def listing_with(self, holder: str, words: Mapping[bytes, int]) -> Listing | None:
        """Give what it reads with some words replaced; None if the node does not do that."""
        exchange = self._one(listing_call(self.token, holder, self.block, words))
        return None if exchange.error == "rpc_error" else self._listing(exchange)

    def trials(self, holder: str, cases: Sequence[Mapping[bytes, int]]) -> tuple[int | None, ...]:
        """Give balanceOf for each case of replaced words; None where it fails."""
        calls = [trial_call(self.token, holder, self.block, words) for words in cases]
        return tuple(self._number(exchange) for exchange in self.source.ask(calls))

    def _one(self, call: Call) -> Exchange:
        return self.source.ask((call,))[0]

    def _listing(self, exchange: Exchange) -> Listing:
        return self._read(exchange, lambda result: decode_listing(result, self.token))

    def _number(self, exchange: Exchange) -> int | None:
        # A call that runs into an address without code gives nothing, which is no number either.
        if exchange.error == "rpc_error" or exchange.result == "0x":
            return None
        return self._read(exchange, decode_word)

    def _read(self, exchange: Exchange, decode: Callable[[Json], T]) -> T:
        asked = f"{exchange.call.method} of {self.token}"
        if exchange.error is not None:
            raise ChainError(f"{asked}: {exchange.error}", ASK_ANOTHER)
        try:
            return decode(exchange.result)
        except MalformedAnswer as error:
            raise ChainError(f"{asked}: {error}", ASK_ANOTHER) from error
