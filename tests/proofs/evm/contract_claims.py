"""Claims about contracts: read from a node and judged, as a run does it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chains.evidence import ChainPlan, PlannedAccount
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.families import ChainAddresses
from chains.snapshot import Snapshot
from chains.transport import Endpoint, HttpSource
from config.caip import account_id
from config.claims import parse_claims
from config.registry_files import load_registry
from proofs.check import check, scheme_questions
from proofs.facts import gather
from proofs.schemes import SCHEMES
from tests.chains.evm.fakechain import World

if TYPE_CHECKING:
    from chains.snapshot import ChainSnapshot
    from config.claims import Claim
    from config.registry import Chain
    from proofs.control import Control

REGISTRY = load_registry()
ANVIL = REGISTRY.chain("anvil")


def claims(account: str, message: str, signature: str) -> tuple[Claim, ...]:
    text = f'account,scheme,message,signature\n{account},eip1271,"{message}",{signature}\n'
    return parse_claims(text.encode(), "claims.csv", REGISTRY, ChainAddresses(), SCHEMES)


def plan_for(rows: tuple[Claim, ...], chain: Chain = ANVIL, as_of: int | None = None) -> ChainPlan:
    ask = partial(scheme_questions, rows, REGISTRY, None, as_of)
    accounts = (PlannedAccount(rows[0].subjects[0].text, (chain.native,)),)
    return ChainPlan(chain, as_of, 1, 1, accounts, ask({}), ask)


def judge(rows: tuple[Claim, ...], *snapshots: ChainSnapshot) -> Control:
    accounts = (account_id(rows[0].subjects[0].chain, rows[0].subjects[0].text),)
    facts = gather(accounts, Snapshot(snapshots))
    return check(rows, REGISTRY, None, None, facts)[0]


def snapshot_of(plan: ChainPlan, *urls: str) -> ChainSnapshot:
    sources = [
        HttpSource(Endpoint(f"node-{at}", f"operator {at}", url), lambda _seconds: None)
        for at, url in enumerate(urls, 1)
    ]
    evidence = read(plan, sources, World().around)
    for source in sources:
        source.close()
    return recheck(plan, evidence)


def control(
    url: str,
    account: str,
    message: str,
    signature: str,
    as_of: int | None = None,
    chain: Chain = ANVIL,
) -> Control:
    """Read what a claim asks at a moment, and judge it."""
    rows = claims(f"{chain.id}:{account}", message, signature)
    return judge(rows, snapshot_of(plan_for(rows, chain, as_of), url))


def shown(found: Control) -> str:
    """Give a verdict in one word: the reason, or `proved`."""
    return found.reason or found.outcome
