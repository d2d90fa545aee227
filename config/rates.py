"""What a token stands for, by its own contract's word: an exchange rate read at the pin.

A vault's share or a staked coin is not worth one of what lies behind it, and the difference grows.
The contract says how much; the row names the function, and what the result is counted in. It is the
contract's word and nobody proves it: a rate is recorded beside a balance and never makes one.

    stEthPerToken()           of wstETH: stETH for one wstETH, 18 places
    convertToAssets(1e18)     of a vault of ERC-4626: what one whole share is redeemed for
    getPooledEthByShares(1e18)  of stETH, unit `share`: its balances are in ether already, and this
                              tells what one of the shares behind them is

Refused: a formula in the row. What is multiplied with what is code, reviewed and tested; a row is a
function, a unit and a scale.
"""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from config.caip import AssetId  # noqa: TC001 - the model reads the annotation at run time
from config.strict import STRICT


@dataclass(frozen=True, slots=True, config=STRICT)
class Rate:
    """The function that rates an asset.

    `unit` says what is rated. A rate of a `share` never multiplies a balance, because the balances
    of such a token already are in the units of what it stands for.
    """

    function: str
    """Signature such as `stEthPerToken()` or `convertToAssets(uint256)`; returns one `uint256`."""
    unit: Literal["token", "share"]
    """What is rated: a whole unit of the token, or a share of which `balanceOf` says nothing."""
    of: AssetId
    """What the rate is counted in; an asset of the same chain."""
    decimals: int
    """Decimal places of the result."""
    source: str
    """Where the function was read: the contract's own source, if it is published."""
    argument: int | None = None
    """One whole unit in base units, if the function takes an amount."""
    contract: str | None = None
    """Who is asked, EIP-55; the token itself if None."""
