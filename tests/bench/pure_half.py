"""The pure half at size: every step over many accounts, beside the signature checks alone.

    python -m tests.bench.pure_half [ACCOUNTS]

One EVM chain in memory, two operators, one signature and one state proof an account, as long as
there are no more than are proved. The bare limit is the key recovery that every signature needs
whatever is built around it; making the state proofs is the chain's work and counts as observing.
Timings are noisy; the ratio is of one run.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from coincurve import PublicKey

from attest import bundle
from attest.cli.load import pack_or_none, shipped_registry, tool
from attest.collecting import collect_seldom
from attest.inputs import Criteria, parse_inputs
from attest.keys import load_signing, new_key
from attest.observation import encode_observation
from attest.observe import observe
from attest.pipeline import EVIDENCE, work_through
from attest.plan import plan_chains
from attest.trust import trust_key
from attest.verifier import Verifier
from attest.verify import verify
from chains.evidence import Surroundings
from config.policy import shipped_pack
from config.registry_files import load_registry
from config.times import format_time
from tests.chains.evm.statechain import State, StateChain, sources
from tests.examples import wallet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ACCOUNTS = 10_000
TEXT = "bench"
INPUTS = "evidence/inputs/"
DECLARATION = """\
[entity]
name = "Bench"
[attestation]
series = "bench"
network = "test"
as_of = "AS_OF"
[inputs]
accounts = "accounts.csv"
claims = "claims.csv"
liabilities = "liabilities.csv"
[sources.anvil]
endpoints = ["http://a", "http://b"]
operators = ["a", "b"]
"""


@contextmanager
def measured(what: str, accounts: int, bare: float = 0.0) -> Iterator[None]:
    started = time.perf_counter()
    yield
    taken = time.perf_counter() - started
    ratio = f", {taken / bare:5.1f} x key recovery" if bare else ""
    print(f"{what:<28} {taken:7.2f} s {accounts / taken:10.0f} accounts/s{ratio}")


def recovery(signatures: Sequence[bytes]) -> float:
    started = time.perf_counter()
    digest = hashlib.sha256(TEXT.encode()).digest()
    for signature in signatures:
        PublicKey.from_signature_and_message(signature, digest, hasher=None)
    return time.perf_counter() - started


def make_files(count: int, as_of: str) -> tuple[dict[str, bytes], list[str], float]:
    """Make the inputs of a bench; give them, the addresses, and the seconds of bare recovery."""
    chain = load_registry().chain("anvil")
    keys = [wallet.key(number) for number in range(count)]
    addresses = [wallet.evm_address(chain, key) for key in keys]
    accounts = (f"anvil:{one},cold,self,customer\n" for one in addresses)
    claims = (
        f"anvil:{one},eip191,{TEXT},{wallet.sign_eip191(key, TEXT)}\n"
        for one, key in zip(addresses, keys, strict=True)
    )
    texts = {
        "declaration.toml": DECLARATION.replace("AS_OF", as_of),
        "accounts.csv": "account,method,holder,owner\n" + "".join(accounts),
        "claims.csv": "account,scheme,message,signature\n" + "".join(claims),
        "liabilities.csv": f"instrument,amount,as_of\neth,1,{as_of}\n",
    }
    digest = hashlib.sha256(TEXT.encode()).digest()
    bare = recovery([key.sign_recoverable(digest, hasher=None) for key in keys])
    return {INPUTS + name: text.encode() for name, text in texts.items()}, addresses, bare


def main() -> None:
    """Print a line a step."""
    collect_seldom()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS
    time_of = int(StateChain(State({})).block(15)["timestamp"], 16)
    files, addresses, bare = make_files(count, format_time(time_of))
    print(f"{count} accounts, bare key recovery {bare:.2f} s")
    state = State({one: 10**18 + number for number, one in enumerate(addresses)})
    chain = StateChain(state)
    criteria = Criteria(shipped_registry(), (("core", shipped_pack("core")),))
    with measured("parse inputs", count, bare):
        inputs = parse_inputs(files, criteria)
    plans = plan_chains(inputs, time_of)
    nodes = sources(chain, chain, operators="ab")
    around = Surroundings(pause=lambda _s: None, progress=lambda _s, _d, _t: None)
    with measured("observe, two in memory", count, bare):
        found = observe(plans, {plans[0].chain.id: nodes}, time_of, around)
    with measured("write evidence", count, bare):
        evidence = {EVIDENCE + one: data for one, data in encode_observation(found).items()}
    with measured("the whole pure half", count, bare):
        work = work_through({**files, **evidence}, criteria, tool())
    key = load_signing(new_key("p256", None)[0], "bench", lambda: b"")
    with measured("sign", count, bare):
        signed = bundle.sign(bundle.draft(work), key)
    mine = Verifier(trust_key(key.public), shipped_registry(), pack_or_none, 0, allow_test=True)
    with measured("verify", count, bare):
        verdict = verify(signed, mine)
    size = sum(map(len, signed.values())) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{verdict.authenticity}, {verdict.level}; bundle {size:.1f} MB, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
