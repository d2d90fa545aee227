"""Makes `config/examples/exchange-at-scale`: a pretended exchange as it really is, in small.

Run from the repository's root:  python -m tests.examples.at_scale

    wallets   whose keys, what each holds, how each is declared        follow from one seed
    ethereal  the EVM chain's life: funding, deposits, withdrawals     real anvil
    coins     the same on the Bitcoin family                           real litecoinds
    proving   challenge, claims, the earlier statement                 the tool's own commands
    ledger    what customers are owed, so that the books close; reconciling items
    papers    custody, reserves, facts, prices, documents, signatures

Blocks, times and nonces are others each time, and so the whole folder but its README is replaced.
What customers are owed is computed from what the nodes themselves say, never from the tool under
test, so that a difference of zero is something that the tool finds.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from config.times import format_time
from tests.examples.at_scale import coins, ethereal, ledger, papers, proving, wallets
from tests.examples.make import run
from tests.nodes.anvil import anvil
from tests.nodes.litecoind import PASSWORD, USER, litecoind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.nodes.anvil import Anvil
    from tests.nodes.litecoind import Litecoind

FOLDER = Path(__file__).parents[3] / "config" / "examples" / "exchange-at-scale"
BEGUN = 4 * 3600
"""Seconds before now at which the EVM chain begins."""


def main() -> None:
    """Replace the folder, its README apart."""
    os.environ.update(LTC_USER=USER, LTC_PASSWORD=PASSWORD)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for one in FOLDER.iterdir():
        if one.is_dir():
            shutil.rmtree(one)
        elif one.name != "README.md":
            one.unlink()
    begun = str(int(time.time()) - BEGUN)
    with (
        anvil("--no-mining", "--timestamp", begun) as evm,
        litecoind("-txindex=1") as first,
        litecoind("-txindex=1") as second,
        tempfile.TemporaryDirectory() as keys,
    ):
        first.connect(second)
        make(evm, (first, second), Path(keys))


def make(evm: Anvil, nodes: tuple[Litecoind, Litecoind], keys: Path) -> None:
    """Live the day, write the files, and observe."""
    everything, now = wallets.wallets(), int(time.time())
    sources = papers.live_sources(evm, nodes)
    ethereal.fund(evm, everything)
    coins.fund(nodes[0], everything)
    (FOLDER / "accounts.csv").write_text(wallets.accounts_csv(everything))
    (FOLDER / "books").mkdir()
    (FOLDER / "books/assets.toml").write_text(papers.assets_toml())
    ethereal.mine_at(evm, now - 6000, 3)
    proving.make_earlier(FOLDER, keys, evm, format_time(now - 5400))
    moved = ethereal.before(evm, now - 3600)
    received = coins.before(nodes[0])
    nodes[1].wait_for_tip(nodes[0].rpc("getbestblockhash"))
    (FOLDER / "declaration.toml").write_text(papers.declaration(format_time(now), sources))
    texts = proving.issue(FOLDER, keys)
    issued = int(time.time())
    carrier = ethereal.prove(evm, issued + 5, texts)
    as_of = issued + 20
    pinned = evm.height()
    moved |= ethereal.after(evm, as_of + 300)
    waiting = coins.withdrawals(nodes[0])
    (FOLDER / "declaration.toml").write_text(papers.declaration(format_time(as_of), sources))
    held = ethereal.spoken(evm, pinned, everything) | coins.spoken(nodes[0], everything)
    items = ledger.items(moved, received, waiting, evm)
    ledger.write(FOLDER, everything, held, items, format_time(as_of))
    papers.write(FOLDER, keys, as_of)
    proving.claim(FOLDER, keys, everything, texts, carrier, format_time(issued + 1))
    with mined_while_waiting(lambda: coins.send(nodes, waiting)):
        run("observe", str(FOLDER / "declaration.toml"), "-o", str(FOLDER / "recording"))
    recorded = papers.declaration(format_time(as_of), papers.RECORDED)
    (FOLDER / "declaration.toml").write_text(recorded)
    (FOLDER / "declaration-japan.toml").write_text(papers.by_the_rules_of_japan(recorded))


@contextmanager
def mined_while_waiting(happens: Callable[[], None]) -> Iterator[None]:
    """Let something happen on the chain at the first pause in which a reading waits for depth."""
    real, left = time.sleep, [happens]

    def slept(seconds: float) -> None:
        # Fixtures poll in hundredths of a second, a reading waits for many seconds.
        if seconds < 1:
            real(seconds)
        elif left:
            left.pop()()

    with mock.patch("time.sleep", slept):
        yield


if __name__ == "__main__":
    main()
