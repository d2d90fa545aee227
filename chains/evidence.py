"""Evidence: what each source was asked and what it answered, word for word.

A reader gathers evidence; a pure `recheck` turns it into a `ChainSnapshot`. Both the run and the
later verification call the same `recheck`, so a number that is not in the evidence cannot be in a
snapshot.

Written form: one file a source, `<chain reference>/<source name>.jsonl`, one JSON object (RFC 8785)
a line:

    {"chain":"eip155:1","operator":"acme","source":"node-1"}                                  first
    line {"method":"eth_getBalance","params":["0x…",{"blockHash":"0x…"}],"result":"0x1"}
    answered {"error":"rpc_error","method":"eth_getBalance","params":["0x…",{"blockHash":"0x…"}]}
    not answered

Numbers with a fraction (amounts of a Bitcoin node) are kept as the text the node wrote, in quotes:
RFC 8785 would print them as floats. Error codes are ours; a node's text never enters evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.snapshot import Question
    from config.caip import AssetId, ChainId
    from config.registry import Chain

Json: TypeAlias = "bool | int | str | tuple[Json, ...] | dict[str, Json] | None"

ErrorCode = Literal[
    "unreachable",  # no connection, a time-out, or HTTP other than 200 after all retries
    "throttled",  # 429 until the retries were used up
    "bad_reply",  # not JSON, over the size limit, or not a JSON-RPC reply
    "no_reply",  # a batch came back without this item, or with its id twice
    "rpc_error",  # the node answered with an error object
    "malformed_answer",  # the result has not the form this method gives
    "not_recorded",  # recorded evidence holds no answer to this question
]


@dataclass(frozen=True, slots=True)
class Call:
    """One question to a source."""

    method: str
    params: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and what came back: a result, or an error code of ours."""

    call: Call
    result: Json = None
    error: ErrorCode | None = None


class Source(Protocol):
    """Somewhere to ask: a node's JSON-RPC endpoint, or a recording read as if it were one."""

    @property
    def name(self) -> str:
        """Name within the declaration, such as `node-1`; letters, digits and hyphens."""

    @property
    def operator(self) -> str:
        """Who runs it; two sources of one operator are one voice in a quorum."""

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give one exchange a call, in order; no misbehaving source makes it raise."""


@dataclass(frozen=True, slots=True)
class SourceLog:
    """Everything recorded of one source."""

    name: str
    operator: str
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class ChainEvidence:
    """The logs of one chain's sources, in declaration order."""

    chain: ChainId
    logs: tuple[SourceLog, ...]


@dataclass(frozen=True, slots=True)
class PlannedAccount:
    """An address to read and the assets to read at it."""

    address: str
    """Canonical, as the chain's address parser gives it."""
    assets: tuple[AssetId, ...]


@dataclass(frozen=True, slots=True)
class ChainPlan:
    """What is to be read of one chain, made from the inputs alone."""

    chain: Chain
    as_of: int | None
    """Unix seconds; the pin is the last final block at or before it. None: the last final block."""
    quorum: int
    """How many sources of different operators must give the same answer."""
    confirmations: int
    """Depth the pin must have; the registry's, or more if the declaration says so."""
    accounts: tuple[PlannedAccount, ...]
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The world as a reader sees it, handed in so that tests and recordings need no clock."""

    pause: Callable[[float], None]
    """Wait for some seconds."""
    progress: Callable[[str, int, int], None]
    """Say what is going on: a stage's name, how much is done, how much there is (0: not known)."""
