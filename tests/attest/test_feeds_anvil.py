"""Price feeds on a real node: asked at the pin where the declaration wants it, and replayed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from attest.cli.load import gather, tool
from attest.inputs import Criteria, parse_inputs
from attest.observation import encode_observation
from attest.observe import Machine, observe, open_tables
from attest.pipeline import EVIDENCE, work_through
from attest.plan import plan_chains
from config.declaration import sources_by_chain
from config.times import format_time
from tests.conftest import in_memory, silent
from tests.nodes.aggregator import aggregator
from tests.nodes.anvil import anvil
from tests.nodes.forwarder import install

if TYPE_CHECKING:
    from pathlib import Path

    from attest.findings import Finding

pytestmark = pytest.mark.nodes

DECLARATION = """\
[entity]
name = "Example"
[attestation]
series = "prices"
network = "test"
as_of = "{as_of}"
scope = ["holdings", "control"]
price_feeds = {asked}
[inputs]
accounts = "accounts.csv"
prices = "prices.csv"
[sources.anvil]
endpoints = ["{url}"]
"""
ACCOUNTS = f"account,method,holder,owner\nanvil:0x{7:040d},hot,self,customer\n"
FEEDS = {"eth": 1, "jpy": 2, "usdt": 3, "usdc": 4}
ROW = """
[[feed]]
instrument = "{name}"
currency = "usd"
contract = "eip155:31337:{contract}"
description = "{upper} / USD"
decimals = 8
heartbeat = 3600
source = "made for tests"
checked = "read"
"""


def contract(number: int) -> str:
    """Give an address of digits alone, so that it has one form, and above the precompiles."""
    return f"0x{6_000_000 + number:040d}"


def deploy(at: int) -> dict[str, str]:
    """Give the code of each feed, by its name."""

    def plain(name: str, answer: int) -> str:
        return aggregator((9, answer, at, at, 9), 8, f"{name} / USD")

    return {
        "eth": plain("ETH", 3_000 * 10**8),
        "jpy": plain("JPY", 625_000),
        "usdt": plain("USDT", -(10**8)),
        "usdc": aggregator((10**8,), 8, "USDC / USD"),
    }


def judged(folder: Path, asked: str) -> tuple[dict[str, Finding], int]:
    """Read the chain, replay, and give the findings by their subject, and the questions asked."""
    begun = int(time.time()) - 3600
    with anvil("--no-mining", "--timestamp", str(begun)) as node:
        for name, code in deploy(begun - 60).items():
            install(node, contract(FEEDS[name]), code)
        node.ask("anvil_mine", hex(5), hex(12))
        said = format_time(int(time.time()))
        text = DECLARATION.format(as_of=said, url=node.url, asked=asked)
        (folder / "declaration.toml").write_text(text)
        (folder / "accounts.csv").write_text(ACCOUNTS)
        rows = [f"eth,jpy,480000,{said},test", f"eth,usd,2800,{said},test"]
        rows += [f"{name},usd,1,{said},test" for name in ("usdt", "usdc", "ltc")]
        (folder / "prices.csv").write_text(
            "\n".join(("instrument,currency,price,as_of,source", *rows, ""))
        )
        files, shipped = gather(folder / "declaration.toml")
        own = "".join(
            ROW.format(name=name, upper=name.upper(), contract=contract(number))
            for name, number in FEEDS.items()
        )
        registry = tuple(
            (name, data.partition(b"\n[[feed]]")[0] + own.encode() if b"[[feed]]" in data else data)
            for name, data in shipped.registry
        )
        criteria = Criteria(registry, shipped.packs)
        inputs = parse_inputs(files, criteria)
        tables = sources_by_chain(inputs.declaration.sources, inputs.registry)
        machine = Machine({}, lambda _seconds: None, lambda: 0.0, lambda _path: {})
        as_of = inputs.declaration.as_of
        assert as_of is not None
        plans = plan_chains(inputs, as_of)
        sources = open_tables(tables, inputs.registry, folder, machine)
        found = observe(plans, sources, as_of, silent())
    evidence = {EVIDENCE + name: data for name, data in encode_observation(found).items()}
    work = work_through({**files, **in_memory(evidence)}, criteria, tool())
    findings = [one for one in work.predicate.findings.in_force if one.code == "price_feed"]
    return {one.subject: one for one in findings}, sum(len(plan.questions) for plan in plans)


def test_declared_prices_are_held_against_contracts(tmp_path: Path) -> None:
    found, asked = judged(tmp_path, "true")

    assert 12 == asked
    assert {
        "eth/jpy": ("pass", "480000"),
        "eth/usd": ("warn", "3000"),
        "usdt/usd": ("unknown", None),
        "usdc/usd": ("unknown", None),
        "ltc/usd": ("not_applicable", None),
    } == {pair: (one.status, one.facts.get("feed")) for pair, one in found.items()}
    assert "-50" == found["eth/usd"].facts["distance"]
    assert "feed of usdt in usd is not above zero" in found["usdt/usd"].text
    assert "feed of usdc in usd answered in another form" in found["usdc/usd"].text


def test_nothing_is_asked_where_nobody_wants_it(tmp_path: Path) -> None:
    found, asked = judged(tmp_path, "false")

    assert 0 == asked
    assert ["not_applicable"] == [one.status for one in found.values()]
