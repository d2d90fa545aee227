"""An exchange on live nodes, attested once: what the whole-command tests start from."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.cli import exchange
from tests.cli.command import Ran, attest
from tests.examples import make
from tests.nodes.anvil import Anvil, anvil
from tests.nodes.litecoind import PASSWORD, USER, Litecoind, litecoind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAST = 3600
"""Seconds before now at which the EVM chain begins, so that no block is of the future."""


@dataclass(frozen=True, slots=True)
class Attested:
    """An exchange, its nodes, and the bundle of a run on them."""

    folder: Path
    """Declaration and inputs."""
    bundle: Path
    key: Path
    """The attestation key; its public part lies beside it as `.pub`."""
    sources: Path
    """A verifier's sources.toml that names the same nodes."""
    run: Ran
    evm: Anvil
    utxo: Litecoind
    spoken: exchange.Spoken
    """Every balance at the pins, as the nodes themselves say it."""
    tip: str
    """The best block of the UTXO node right after the run, as it says itself."""
    spend: exchange.Spend
    """The transaction in the last block."""

    @property
    def public(self) -> Path:
        return self.key.with_name(f"{self.key.name}.pub")


@pytest.fixture(scope="session")
def attested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attested]:
    """Two chains funded, the texts signed, and `attest run` done. Nodes go on to live.

    Tests may mine and spend on the nodes: what is compared was taken right after the run.
    """
    place = tmp_path_factory.mktemp("exchange")
    begin = str(int(time.time()) - PAST)
    with (
        pytest.MonkeyPatch.context() as world,
        anvil("--timestamp", begin) as evm,
        litecoind() as first,
        litecoind() as second,
    ):
        world.setenv("LTC_USER", USER)
        world.setenv("LTC_PASSWORD", PASSWORD)
        first.connect(second)
        yield _attest(place, evm, first, second)


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every pause that was asked for; none is made."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", lambda seconds: pauses.append(seconds) if seconds else None)
    return pauses


@pytest.fixture
def key(tmp_path: Path) -> Path:
    assert attest("keys", "new", tmp_path / "signer", "--unencrypted").code == 0
    return tmp_path / "signer"


def _attest(place: Path, evm: Anvil, first: Litecoind, second: Litecoind) -> Attested:
    folder, key, bundle = place / "declared", place / "signer", place / "bundle"
    folder.mkdir()
    holders = (*exchange.evm_holders(), *exchange.utxo_holders())
    exchange.fund_evm(evm, holders[: exchange.EVM_ACCOUNTS])
    spend = exchange.fund_utxo(first, holders[exchange.EVM_ACCOUNTS :])
    second.wait_for_tip(first.rpc("getbestblockhash"))
    assert attest("keys", "new", key, "--unencrypted").code == 0
    tables = make.live_sources(evm, (first, second))
    exchange.write_files(folder, tables, holders, exchange.OWED, key)
    (place / "sources.toml").write_text(tables)
    ran = attest("run", folder / "declaration.toml", "--key", key, "-o", bundle, "--json")
    assert ran.complaint == ()
    height = next(
        int(pin["height"])
        for pin in ran.document["asOf"]["anchors"]
        if pin["chain"] == exchange.EVM.id
    )
    words, tip = exchange.spoken(evm, second, height, holders)
    sources = place / "sources.toml"
    return Attested(folder, bundle, key, sources, ran, evm, first, words, tip, spend)
