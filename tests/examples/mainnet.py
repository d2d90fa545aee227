"""Makes `config/examples/mainnet`: real accounts of Ethereum at one real block, without a node.

    python -m tests.examples.mainnet

The block's header and the state proofs are recorded facts of the public chain
(`tests/vectors/ethereum-mainnet`). They are put behind a source that knows nothing else, and read
as any node is: no question for a balance has an answer, so only the proofs can give one.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attest.cli.load import gather
from attest.inputs import parse_inputs
from attest.observation import encode_observation, recheck
from attest.observe import observe
from attest.plan import plan_chains
from chains.evidence import Exchange, Surroundings
from chains.evm.calls import block_by_hash_call, block_hash_call, chain_id_call, tip_call
from chains.evm.proving import PROOF_METHOD
from chains.index import question_key
from chains.sweep import swept
from chains.wire import decode_json
from config.caip import ChainId
from config.times import format_time
from tests.chains.evm.mainnet import CASES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import Call, Column, Json, ProtocolName, Sweep
    from chains.snapshot import Snapshot

FOLDER = Path(__file__).parents[2] / "config" / "examples" / "mainnet"
CHAIN = ChainId("eip155:1")
BLOCK = 22_196_273
HOLDER = "0x37305B1cD40574E4C5Ce33f8e8306Be057fD7341"
IMPLEMENTATION = "0x43506849D7C04F9138D1A2050bbF3A0c054402dd"
DECLARATION = """\
# Real accounts of Ethereum at one real block, read from published facts: see README.md here.

[entity]
name = "Nobody in particular"

[attestation]
series = "example-mainnet"
as_of = "{as_of}"
network = "main"
scope = ["holdings"]

[inputs]
accounts = "accounts.csv"

[sources.ethereum]
recorded = "recording"
"""
ACCOUNTS = f"""\
account,method,holder,owner,assets,label
ethereum:{HOLDER},unknown,self,house,usdc,holds 4.99 billion USDC
ethereum:{IMPLEMENTATION},unknown,self,house,eth,the code behind USDC: it holds no ether
"""


@dataclass(frozen=True, slots=True)
class Published:
    """The published facts of one block, asked as if they were a node."""

    block: int = BLOCK
    name: str = "node-1"
    operator: str = "published-facts"
    protocol: ProtocolName = "json-rpc"
    answers: dict[tuple[str, str], Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        header = frozen(self.cases()[0]["header"])
        assert isinstance(header, dict)
        known = (tip_call("latest"), tip_call("finalized"), block_hash_call(self.block))
        self.answers.update({question_key(call): header for call in known})
        self.answers[question_key(block_by_hash_call(str(header["hash"])))] = header
        self.answers[question_key(chain_id_call())] = "0x1"

    def cases(self) -> list[dict[str, Any]]:
        return [case for case in CASES if case["block"] == self.block]

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        return tuple(self._answer(call) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        return swept(self, sweep)

    def _answer(self, call: Call) -> Exchange:
        if call.method == PROOF_METHOD:
            return self._proof(call)
        known = self.answers.get(question_key(call))
        return Exchange(call, known) if known is not None else Exchange(call, error="not_recorded")

    def _proof(self, call: Call) -> Exchange:
        """Give the part of a published proof that is asked for."""
        address, keys = call.params[:2]
        assert isinstance(keys, tuple)
        for case in self.cases():
            slots = {slot["key"]: slot for slot in case["proof"]["storageProof"]}
            if case["proof"]["address"] == str(address).lower() and set(keys) <= slots.keys():
                storage = [slots[str(key)] for key in keys]
                return Exchange(call, frozen({**case["proof"], "storageProof": storage}))
        return Exchange(call, error="not_recorded")


def frozen(value: object) -> Json:
    return decode_json(json.dumps(value).encode())


def make(folder: Path) -> Snapshot:
    """Write the example into a folder that is not there; give what its recording shows."""
    source = Published()
    as_of = int(source.cases()[0]["header"]["timestamp"], 16)
    folder.mkdir(parents=True)
    (folder / "declaration.toml").write_text(DECLARATION.format(as_of=format_time(as_of)))
    (folder / "accounts.csv").write_text(ACCOUNTS)
    plans = plan_chains(parse_inputs(*gather(folder / "declaration.toml")), as_of)
    around = Surroundings(lambda _seconds: None, lambda _stage, _done, _total: None)
    found = observe(plans, {CHAIN: (source,)}, as_of, around)
    for name, data in encode_observation(found).items():
        path = folder / "recording" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return recheck(plans, found)


def main() -> None:
    """Make the shipped example again."""
    readme = (FOLDER / "README.md").read_bytes() if FOLDER.exists() else b""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for chain in make(FOLDER).chains:
        for balance in chain.balances:
            print(balance.account, balance.asset, balance.units, balance.evidence)  # noqa: T201
        for failure in chain.failures:
            print(failure.account, failure.asset, failure.reason)  # noqa: T201
    (FOLDER / "README.md").write_bytes(readme)


if __name__ == "__main__":
    main()
