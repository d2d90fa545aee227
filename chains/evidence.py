"""Evidence: what each source was asked and what it answered, word for word.

A reader gathers evidence; a pure `recheck` turns it into a `ChainSnapshot`. Both the run and the
later verification call the same `recheck`, so a number that is not in the evidence cannot be in a
snapshot.

Written form: one file a source, `<chain reference>/<source name>.jsonl`, one JSON object (RFC 8785)
a line. The head, then an exchange or a column a line:

    {"chain":"eip155:1","operator":"acme","source":"node-1"}
    {"method":"eth_getCode","params":["0x…",{"blockHash":"0x…"}],"result":"0x60"}
    {"error":"rpc_error","method":"eth_getCode","params":["0x…",{"blockHash":"0x…"}]}
    {"each":["0xa…","0xb…"],"errors":{"1":"rpc_error"},"lead":[…],"method":"eth_getBalance",
     "params":["@",{"blockHash":"0x…"}],"results":["0x1",null]}

A column is one question about many subjects: `@` in its parameters stands for each of `each`, and
the results stand in the same order. `lead` holds whole exchanges that travelled ahead of them in
the same request. A line for each balance would take five times the space and twenty the time.

The head of a log that is not of JSON-RPC names its protocol too: `"protocol":"electrum"`.

Numbers with a fraction (amounts of a Bitcoin node) are kept as the text the node wrote, in quotes:
RFC 8785 would print them as floats. Error codes are ours; a node's text never enters evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chains.snapshot import Question
    from config.caip import AssetId, ChainId
    from config.registry import Chain
    from config.slots import Slot

Json: TypeAlias = "bool | int | str | tuple[Json, ...] | dict[str, Json] | None"

ProtocolName = Literal["json-rpc", "electrum", "esplora"]
"""What is spoken with a source: a node's JSON-RPC, or a protocol of servers that index a chain of
the Bitcoin family by script. It says which questions make sense, and how answers are read."""

ErrorCode = Literal[
    "unreachable",  # no connection, a time-out, or HTTP other than 200 after all retries
    "throttled",  # 429 until the retries were used up
    "bad_reply",  # not JSON, over the size limit, or not a JSON-RPC reply
    "no_reply",  # a batch came back without this item, or with its id twice
    "batch_refused",  # a batch was refused as a whole; it is asked again in halves, never recorded
    "other_state",  # it came with another answer to its sweep's lead than what came first
    "rpc_error",  # the node answered with an error object
    "too_large",  # the answer is over the server's own limit, or over ours: a busy address
    "bad_proof",  # a state proof does not lead from the pin's state root to what it shows
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


HOLE = "@"
"""Stands for the subject in the parameters of a sweep."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One question about many subjects."""

    template: Call
    """HOLE stands once in one of its texts."""
    subjects: tuple[str, ...]
    lead: tuple[Call, ...] = ()
    """Calls sent ahead of the subjects in the same request; they show which state is answered."""


@dataclass(frozen=True, slots=True)
class Column:
    """A sweep and what came back, in the order of its subjects."""

    sweep: Sweep
    lead: tuple[Exchange, ...]
    results: tuple[Json, ...]
    """None where there is an error."""
    errors: tuple[tuple[int, ErrorCode], ...] = ()
    """Place of a subject, ascending, and why it has no result."""

    @property
    def call(self) -> Call:
        """The question, with HOLE in it."""
        return self.sweep.template


Entry: TypeAlias = "Exchange | Column"
"""A line of a log."""


class Source(Protocol):
    """Somewhere to ask: a node's JSON-RPC endpoint, or a recording read as if it were one."""

    @property
    def name(self) -> str:
        """Name within the declaration, such as `node-1`; letters, digits and hyphens."""

    @property
    def operator(self) -> str:
        """Who runs it; two sources of one operator are one voice in a quorum."""

    @property
    def protocol(self) -> ProtocolName:
        """What is spoken with it."""

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give one exchange a call, in order; no misbehaving source makes it raise."""

    def sweep(self, sweep: Sweep) -> Column:
        """Ask one question about many subjects, likewise."""


@dataclass(frozen=True, slots=True)
class SourceLog:
    """Everything recorded of one source, in the order of asking."""

    name: str
    operator: str
    entries: tuple[Entry, ...]
    protocol: ProtocolName = "json-rpc"

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The entries that are of single calls."""
        return tuple(entry for entry in self.entries if isinstance(entry, Exchange))


@dataclass(frozen=True, slots=True)
class ChainEvidence:
    """The logs of one chain's sources, in declaration order."""

    chain: ChainId
    logs: tuple[SourceLog, ...]
    nodes: bytes | memoryview = b""
    """The nodes behind state proofs, as the file of a node store; empty if there are none."""


@dataclass(frozen=True, slots=True)
class PlannedAccount:
    """An address to read and the assets to read at it."""

    address: str
    """Canonical, as the chain's address parser gives it."""
    assets: tuple[AssetId, ...]


@dataclass(frozen=True, slots=True)
class MarginAddress:
    """An address of an expression after its stated last index; looked at, and never counted."""

    address: str
    """Canonical, as the chain's address parser gives it."""
    index: int


Further: TypeAlias = "Callable[[Mapping[Question, str]], tuple[Question, ...]]"
"""Gives the questions that follow from answers; those already asked may be among them."""


def nothing_further(answers: Mapping[Question, str]) -> tuple[Question, ...]:
    """Ask nothing more, whatever was answered."""
    del answers
    return ()


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
    """What proofs need to hear before anything is known."""
    further: Further = nothing_further
    """What they need to hear besides, given what was answered: asked in rounds, each question once.
    It must depend on the answers alone, since a recheck goes through the same rounds."""
    slots: tuple[Slot, ...] = ()
    """Where the tokens that can be proved keep their balances."""
    seed: str | None = None
    """What the sample of proved balances follows from; None: the pin's hash."""
    window: tuple[int, int] | None = None
    """Two moments in Unix seconds, around the pin; what moved between them is read. None: nothing
    is."""
    margin: tuple[MarginAddress, ...] = ()
    """Addresses that hold nothing if the stated last indexes are right."""
    tokens: tuple[AssetId, ...] = ()
    """Tokens of the chain whose transfers are seen in what a transaction moved."""
    others: tuple[str, ...] = ()
    """Addresses of others, ascending, none of them planned: what moves between them and the
    accounts in the window is read. Without any, nothing is known of it."""

    def slot(self, asset: AssetId) -> Slot | None:
        """Give a token's row, None if it cannot be proved."""
        return next((slot for slot in self.slots if slot.asset == asset), None)


def read_back(file: BinaryIO) -> bytes:
    """Give everything that was written to a file."""
    file.seek(0)
    return file.read()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The world as a reader sees it, handed in so that tests and recordings need no clock."""

    pause: Callable[[float], None]
    """Wait for some seconds."""
    progress: Callable[[str, int, int], None]
    """Say what is going on: a stage's name, how much is done, how much there is (0: not known)."""
    scratch: Callable[[], BinaryIO] = BytesIO
    """Give an empty file, open for writing and reading, that nobody keeps."""
    view: Callable[[BinaryIO], bytes | memoryview] = read_back
    """Give the whole of such a file; a view of it where it is too large to be read."""
