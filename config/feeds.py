"""Price feeds: contracts that say what an instrument is worth, to hold declared prices against.

    [[feed]]
    instrument = "btc"
    currency = "usd"
    contract = "eip155:1:0xF4030086522a5bEEa4988F8cA5B36dbC97BeE88c"
    description = "BTC / USD"
    decimals = 8
    heartbeat = 3600

A feed is of the form that Chainlink's proxies have: `latestRoundData()`, `decimals()` and
`description()`. What the contract says of the last two must be what the row says, or nothing of it
is taken. A feed is never the source of a figure: it is asked where a declaration wants its own
prices held against it (`attestation.price_feeds`), and says only whether they are near.

Rows stand in instruments.toml, after the instruments that they are about. Chosen: a second table in
a file that every bundle has. Refused: a file of their own; bundles made before would lack it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic.dataclasses import dataclass

from config.caip import AccountId, InstrumentId, chain_of_account
from config.errors import InputError
from config.row_checks import check_cited, require
from config.strict import STRICT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

FILE = "instruments.toml"
MAX_DECIMALS = 36
MAX_HEARTBEAT = 7 * 86_400
MAX_DESCRIPTION = 32
"""Characters: what one ABI word holds."""
_CONTRACT = re.compile(r"eip155:[1-9][0-9]*:0x[0-9a-fA-F]{40}", re.ASCII)
_DESCRIPTION = re.compile(r"[ -~]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True, config=STRICT)
class Feed:
    """A contract that publishes a price."""

    instrument: InstrumentId
    currency: InstrumentId
    """In which one display unit of the instrument is priced."""
    contract: AccountId
    """Who is asked, CAIP-10 in EIP-55."""
    description: str
    """What the contract answers to `description()`, letter for letter."""
    decimals: int
    """What it answers to `decimals()`."""
    heartbeat: int
    """Seconds after which it publishes even where nothing moved; an older answer is stale."""
    source: str
    checked: str

    @property
    def pair(self) -> str:
        """Name what it prices."""
        return f"{self.instrument}/{self.currency}"


def check_feeds(
    rows: Iterable[Feed], instruments: Collection[str], chains: Collection[str]
) -> None:
    """Refuse rows that contradict themselves or each other.

    Args:
        rows: the feeds.
        instruments: the ids of known instruments.
        chains: the ids of known chains.

    Raises:
        InputError: the first fault, with the file and the row's pair.
    """
    seen: set[str] = set()
    for row in rows:
        for key in (row.pair, row.contract.lower()):
            if key in seen:
                raise InputError.at(FILE, row.pair, f"feed given twice: {key}")
            seen.add(key)
        _check(row, instruments, chains)


def _check(row: Feed, instruments: Collection[str], chains: Collection[str]) -> None:
    where = f"feed {row.pair}"
    for name in (row.instrument, row.currency):
        require(name in instruments, FILE, where, f"instrument unknown: {name}")
    require(row.instrument != row.currency, FILE, where, "priced in itself")
    shaped = _CONTRACT.fullmatch(row.contract) is not None
    require(shaped, FILE, where, f"not a contract of an EVM chain: {row.contract!r:.80}")
    chain = chain_of_account(row.contract)
    require(chain in chains, FILE, where, f"chain unknown: {chain}")
    shaped = _DESCRIPTION.fullmatch(row.description) is not None
    require(shaped, FILE, where, f"description is not {MAX_DESCRIPTION} plain characters or fewer")
    fits = 0 <= row.decimals <= MAX_DECIMALS
    require(fits, FILE, where, f"decimals: {row.decimals}, allowed are 0 to {MAX_DECIMALS}")
    fits = 0 < row.heartbeat <= MAX_HEARTBEAT
    require(fits, FILE, where, f"heartbeat: {row.heartbeat}, allowed are 1 to {MAX_HEARTBEAT}")
    check_cited(FILE, where, row.source, row.checked)
