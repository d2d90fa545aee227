"""Transfers of tokens in a run of blocks: the question for them, and its strict answer. Pure.

    eth_getLogs {"address":["0xdac1…"],"fromBlock":"0x12","toBlock":"0x2711",
                 "topics":["0xddf2…", ["0x…from", …] or null, ["0x…to", …] or null]}

    Transfer(address indexed from, address indexed to, uint256 value)          EIP-20

A node is asked for one event of contracts of which it is known that they are tokens, so an answer
with anything else in it is none: another contract, event, sender or recipient than was asked for,
another form, a block outside of the run, one log twice, one that was taken back, or two blocks at
one height. That would be a node that ignores what it is asked, and it would be silly to add up what
it says. A receipt, which holds whatever happened, is read more leniently (`chains.evm.effects`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.evidence import Call
from chains.evm.calls import MalformedAnswer, decode_quantity, decode_word
from chains.evm.effects import TRANSFER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chains.evidence import Json

LOGS_METHOD = "eth_getLogs"

_TOPICS = 3
_HASH = re.compile(r"0x[0-9a-f]{64}", re.ASCII)
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_HOLDER = re.compile(r"0x0{24}[0-9a-f]{40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which transfers are asked for."""

    contracts: tuple[str, ...]
    """Lower-case hex with 0x."""
    senders: tuple[str, ...] | None
    """As `topic_of` writes them; None: whoever sent."""
    recipients: tuple[str, ...] | None

    @property
    def words(self) -> int:
        """How many words a question with it has."""
        return sum(len(side or ()) for side in (self.contracts, self.senders, self.recipients))


@dataclass(frozen=True, slots=True)
class Logged:
    """A token's word, in a block, that it was moved."""

    height: int
    block_hash: str
    contract: str
    """In lower case."""
    sender: str
    """As `topic_of` writes it."""
    recipient: str
    units: int


def topic_of(address: str) -> str:
    """Write an address as a topic: 32 bytes, in lower case."""
    return f"0x{'0' * 24}{address[2:].lower()}"


def transfers_call(wanted: Filter, low: int, high: int) -> Call:
    """Ask for the transfers in the blocks from one height to another, both included."""
    topics: tuple[Json, ...] = (TRANSFER, wanted.senders, wanted.recipients)
    question: dict[str, Json] = {
        "address": wanted.contracts,
        "fromBlock": hex(low),
        "toBlock": hex(high),
        "topics": topics,
    }
    return Call(LOGS_METHOD, (question,))


def decode_transfers(result: Json, wanted: Filter, low: int, high: int) -> tuple[Logged, ...]:
    """Read the answer to `transfers_call`; it may have any order.

    Raises:
        MalformedAnswer: it holds anything but what was asked for, each log once.
    """
    if not isinstance(result, tuple):
        raise MalformedAnswer("not a list of logs")
    sides = (wanted.contracts, wanted.senders, wanted.recipients)
    allowed = tuple(None if side is None else frozenset(side) for side in sides)
    seen: set[tuple[int, int]] = set()
    blocks: dict[int, str] = {}
    found = []
    for log in result:
        one, index = _logged(log, allowed)
        if not low <= one.height <= high:
            raise MalformedAnswer("log of a block that was not asked for")
        if (one.height, index) in seen or blocks.setdefault(one.height, one.block_hash) != (
            one.block_hash
        ):
            raise MalformedAnswer("one log twice, or two blocks at one height")
        seen.add((one.height, index))
        found.append(one)
    return tuple(found)


def _logged(log: Json, allowed: Iterable[frozenset[str] | None]) -> tuple[Logged, int]:
    """Read a log and its index in the block.

    Args:
        log: the log.
        allowed: what its contract, sender and recipient may be; None: anything.
    """
    if not isinstance(log, dict):
        raise MalformedAnswer("not a log")
    removed = log.get("removed")
    if removed is not None and removed is not False:
        raise MalformedAnswer("log that was taken back")
    contract = _text(log.get("address"), _ADDRESS).lower()
    topics = log.get("topics")
    if not isinstance(topics, tuple) or len(topics) != _TOPICS or topics[0] != TRANSFER:
        raise MalformedAnswer("not a transfer")
    sender, recipient = (_text(topic, _HOLDER) for topic in topics[1:])
    told = zip(allowed, (contract, sender, recipient), strict=True)
    if any(side is not None and one not in side for side, one in told):
        raise MalformedAnswer("a transfer that was not asked for")
    _text(log.get("transactionHash"), _HASH)
    height, index = (decode_quantity(log.get(name)) for name in ("blockNumber", "logIndex"))
    block_hash, units = _text(log.get("blockHash"), _HASH), decode_word(log.get("data"))
    return Logged(height, block_hash, contract, sender, recipient, units), index


def _text(value: Json, form: re.Pattern[str]) -> str:
    if not isinstance(value, str) or form.fullmatch(value) is None:
        raise MalformedAnswer("log with a part that has not its form")
    return value
