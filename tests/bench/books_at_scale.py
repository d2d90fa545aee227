"""An exchange of 300,000 deposit addresses with its books, through the whole offline half.

    python -m tests.bench.books_at_scale [ACCOUNTS]

What the exchange has is said in `tests.bench.exchange`. As with the commands, observing, assessing
and verifying are each a process of its own, which hand folders to each other, so that memory is
that of a command; the peak after a step is the most that its process has held so far. Making the
inputs and the chain is not timed, and observing asks a chain in memory, which takes most of its
time. The bare limit is what nobody could leave out: deriving every address, recovering the key of
every signature, and one JSON parse of the evidence, each in a loop of its own. Others use the
machine too, so rates and ratios are of work, the seconds that processors spent; ratios are of one
run. Parts of the pure half are timed where they are called, so some hold others. Signing may hold
less data of its own than the bundle has bytes; the peak that is shown counts what it maps, too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from coincurve import PublicKey
from eth_hash.backends.pysha3 import keccak256

from attest import assess, bundle, joining, pipeline
from attest.cli.load import pack_or_none, tool
from attest.collecting import collect_seldom
from attest.disk import read_folder, read_observation, scratch_file, view_file, write_folder
from attest.inputs import parse_inputs
from attest.keys import load_public, load_signing, new_key
from attest.observation import encode_observation
from attest.observe import observe
from attest.plan import plan_chains
from attest.trust import Party, Trust, TrustedKey
from attest.verifier import Verifier
from attest.verify import verify
from chains.evidence import Exchange, Surroundings
from chains.evm.address import checksummed
from chains.sweep import swept
from chains.wire import decode_json
from tests.bench.exchange import PIN, Shape, criteria, make
from tests.chains.evm.quicktrie import QuickTrie
from tests.chains.evm.statechain import State, StateChain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from chains.evidence import Call, Column, ProtocolName, Sweep

P = ParamSpec("P")
T = TypeVar("T")

ACCOUNTS = 300_000
INPUTS, OBSERVED, BUNDLE, KEYS, LIMIT = "inputs", "observation", "bundle", "keys", "bare.txt"
DRAFT = "draft"
SIGNING_DATA = 192 * 1024 * 1024
"""Bytes that signing may hold of its own; what is mapped from files is not counted."""
PARTS: tuple[tuple[ModuleType, str, str], ...] = (
    (pipeline, "parse_inputs", "inputs"),
    (pipeline, "check_signature", "issuer's signature"),
    (pipeline, "decode_observation", "evidence parsed"),
    (pipeline, "plan_chains", "plan"),
    (pipeline, "recheck", "evidence rechecked"),
    (pipeline, "gather", "facts"),
    (pipeline, "check_claims", "claims"),
    (pipeline, "make_case", "case, all of it"),
    (joining, "bands_of", "  bands"),
    (joining, "bases_of", "  bases"),
    (joining, "positions", "  positions"),
    (joining, "lines", "  lines"),
    (joining, "_items", "  reconciling items"),
    (joining, "misallocations", "  allocations"),
    (pipeline, "assess", "judgement, all of it"),
    (assess, "judge", "  rules"),
    (assess, "reckon", "  reckoning"),
    (pipeline, "_state", "report files"),
    (pipeline, "build_statement", "statement"),
)
"""What of the pure half is timed: where it is called, by which name, and what it is."""


@dataclass(slots=True)
class Clock:
    """Prints a line a step, and how long the parts within it took."""

    accounts: int
    bare: float
    """Seconds of work of the bare limit, 0 where it is not known yet."""
    parts: dict[str, tuple[float, float]]
    """Seconds and seconds of work, by part, in the order of their first beginning."""

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        self.parts.clear()
        with self._part(what):
            yield
        self._line(what, f", peak {peak():.0f} MB")
        for part in tuple(self.parts):
            if part != what:
                self._line(part, "")

    def watch(self) -> None:
        """Time the parts of the pure half from now on."""
        for module, name, what in PARTS:
            setattr(module, name, self._timed(getattr(module, name), f"  {what}"))

    def _timed(self, work: Callable[P, T], what: str) -> Callable[P, T]:
        @wraps(work)
        def timed(*given: P.args, **named: P.kwargs) -> T:
            with self._part(what):
                return work(*given, **named)

        return timed

    @contextmanager
    def _part(self, what: str) -> Iterator[None]:
        taken, worked = self.parts.setdefault(what, (0.0, 0.0))
        started, before = time.perf_counter(), work_done()
        yield
        taken += time.perf_counter() - started
        self.parts[what] = taken, worked + work_done() - before

    def _line(self, what: str, more: str) -> None:
        taken, worked = self.parts[what]
        ratio = f", {worked / self.bare:6.2f} x bare" if self.bare else ""
        rate = self.accounts / worked if worked else 0
        print(
            f"{what:<26} {taken:7.2f} s, work {worked:7.2f} s {rate:9.0f} accounts/s{ratio}{more}",
            flush=True,
        )


def work_done() -> float:
    """Give the seconds of work of this process and of those that it has ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def peak() -> float:
    """Give the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


@dataclass(frozen=True, slots=True)
class Node:
    """A source in memory; what is plain text is not written as JSON and read again."""

    name: str
    operator: str
    chain: StateChain
    protocol: ProtocolName = "json-rpc"

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        return tuple([self._answer(call) for call in calls])

    def sweep(self, sweep: Sweep) -> Column:
        return swept(self, sweep)

    def _answer(self, call: Call) -> Exchange:
        result = self.chain.answer(call.method, list(call.params)).get("result", ...)
        if result is ...:
            return Exchange(call, error="rpc_error")
        plain = isinstance(result, str)
        return Exchange(call, result if plain else decode_json(json.dumps(result).encode()))


def chain_of(state: State) -> StateChain:
    """Give a chain that keeps no list of what it was asked, which would be millions."""
    return StateChain(state, asked=deque(maxlen=0), trie=QuickTrie)


def observed(folder: Path, count: int) -> None:
    """Make an exchange, read its chain, and write both."""
    as_of = int(StateChain(State({})).block(PIN)["timestamp"], 16)
    exchange = make(count, as_of)
    chain = chain_of(exchange.state)
    clock = Clock(count, 0.0, {})
    print(f"making the exchange and its chain: peak {peak():.0f} MB", flush=True)
    write_folder(folder / INPUTS, exchange.files)
    write_folder(folder / KEYS, {f"{at}.pub": one for at, one in enumerate(exchange.custodians)})
    with clock.step("parse inputs"):
        inputs = parse_inputs(exchange.files, criteria())
    with clock.step("plan"):
        plans = plan_chains(inputs, as_of)
    nodes = [Node(f"node-{at}", one, chain) for at, one in enumerate("ab", 1)]
    around = Surroundings(
        lambda _seconds: None, lambda _stage, _done, _of: None, scratch_file, view_file
    )
    with clock.step("observe, two in memory"):
        found = observe(plans, {plans[0].chain.id: nodes}, as_of, around)
    with clock.step("write evidence"):
        write_folder(folder / OBSERVED, encode_observation(found))
    print(f"{exchange.signatures} signatures, {len(inputs.accounts.rows)} accounts", flush=True)


def limits(folder: Path, count: int) -> None:
    """Time what nobody could leave out, and keep the sum for the ratios of later steps."""
    rows = (folder / INPUTS / "evidence/inputs/claims.csv").read_text().splitlines()[1:]
    signatures = [bytes.fromhex(row.split(",")[3][2:]) for row in rows]
    logs = [one.read_bytes() for one in (folder / OBSERVED).rglob("*.jsonl")]
    shape = Shape(count)
    taken = []
    for work in (
        lambda: derive(shape.derived),
        lambda: recover(signatures),
        lambda: [json.loads(line) for log in logs for line in log.splitlines()],
    ):
        before = work_done()
        work()
        taken.append(work_done() - before)
    print(
        f"bare: {shape.derived} keys derived {taken[0]:.2f} s, {len(signatures)} recovered"
        f" {taken[1]:.2f} s, {sum(map(len, logs)) / 1e6:.0f} MB of logs parsed {taken[2]:.2f} s,"
        f" together {sum(taken):.2f} s",
        flush=True,
    )
    (folder / LIMIT).write_text(f"{sum(taken)}\n")


def derive(count: int) -> None:
    point = PublicKey.from_secret(hashlib.sha256(b"bench").digest())
    written, code = point.format(), bytes(32)
    for index in range(count):
        digest = hmac.digest(code, written + index.to_bytes(4), "sha512")
        checksummed(keccak256(point.add(digest[:32]).format(compressed=False)[1:])[12:])


def recover(signatures: list[bytes]) -> None:
    digest = hashlib.sha256(b"bench").digest()
    for one in signatures:
        raw = one[:64] + bytes((one[64] - 27,))
        PublicKey.from_signature_and_message(raw, digest, hasher=None)


def assessed(folder: Path, count: int) -> None:
    """Judge what was observed, and write the draft."""
    clock = Clock(count, float((folder / LIMIT).read_text()), {})
    clock.watch()
    with clock.step("read folders"):
        files = dict(read_folder(folder / INPUTS))
        for name, data in read_observation(folder / OBSERVED).items():
            files[pipeline.EVIDENCE + name] = data
    with clock.step("the pure half"):
        work = pipeline.work_through(files, criteria(), tool())
    with clock.step("write draft"):
        write_folder(folder / DRAFT, bundle.draft(work))
    (eth,) = work.predicate.comparison
    print(f"{work.predicate.outcome}; of {eth.owed} wei owed {eth.difference} are left unexplained")


def signed(folder: Path, count: int) -> None:
    """Sign the draft from disk, with less memory than the evidence has bytes."""
    resource.setrlimit(resource.RLIMIT_DATA, (SIGNING_DATA, SIGNING_DATA))
    clock = Clock(count, 0.0, {})
    private, public = new_key("p256", None)
    with clock.step("read draft"):
        files = read_folder(folder / DRAFT)
    before = work_done()
    for data in files.values():
        hashlib.sha256(data)
    size = sum(map(len, files.values())) / 1e6
    print(f"bare: {size:.0f} MB hashed once {work_done() - before:.2f} s", flush=True)
    with clock.step("sign"):
        made = bundle.sign(files, load_signing(private, "bench", lambda: b""))
    with clock.step("write bundle"):
        write_folder(folder / BUNDLE, made)
    (folder / KEYS / "signer.pub").write_bytes(public)
    print(f"signed within {SIGNING_DATA / 1e6:.0f} MB of data", flush=True)


def verified(folder: Path, count: int) -> None:
    """Verify the bundle from disk, with the same registry and with trust in the custodians."""
    clock = Clock(count, float((folder / LIMIT).read_text()), {})
    clock.watch()
    roles = {"signer.pub": ("attester",), "0.pub": ("custodian",), "1.pub": ("custodian",)}
    parties = tuple(
        Party(
            name, role, (TrustedKey(load_public((folder / KEYS / name).read_bytes(), name).keyid),)
        )
        for name, role in roles.items()
    )
    with clock.step("read bundle"):
        files = read_folder(folder / BUNDLE)
    mine = Verifier(Trust(parties), criteria().registry, pack_or_none, 0, allow_test=True)
    with clock.step("verify offline"):
        verdict = verify(files, mine)
    print(f"{verdict.authenticity}, {verdict.outcome}, {verdict.level}; {verdict.reasons}")
    if (verdict.authenticity, verdict.outcome, verdict.level) != ("valid", "pass", "L3"):
        sys.exit("the bundle does not verify")


def sizes(folder: Path) -> None:
    """Print what the bundle takes on disk, by folder."""
    found: dict[str, int] = {}
    for path in (folder / BUNDLE).rglob("*"):
        if path.is_file():
            above = path.relative_to(folder / BUNDLE).parent.as_posix()
            found[above] = found.get(above, 0) + path.stat().st_size
    for name, size in sorted(found.items()):
        print(f"  {size / 1e6:8.2f} MB {name}")
    print(f"bundle {sum(found.values()) / 1e6:.1f} MB")


STAGES: dict[str, Callable[[Path, int], None]] = {
    "observed": observed,
    "limits": limits,
    "assessed": assessed,
    "signed": signed,
    "verified": verified,
}


def main() -> None:
    """Print a line a step."""
    collect_seldom()
    if sys.argv[1:2] and sys.argv[1] in STAGES:
        STAGES[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS
    with tempfile.TemporaryDirectory() as folder:
        for stage in STAGES:
            command = [sys.executable, "-m", "tests.bench.books_at_scale", stage, folder]
            subprocess.run([*command, str(count)], check=True)  # noqa: S603 - ourselves
        sizes(Path(folder))


if __name__ == "__main__":
    main()
