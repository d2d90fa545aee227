"""What lies at the addresses after a stated last index of an extended key. Pure.

They are no accounts of the declaration: their balances are asked for in the sweeps of the others,
behind the same control call, and what they hold is remarked and counted nowhere. They are not
proved against the state root, since nothing follows from the amount but that somebody should look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.evm.hearing import Unknown
from chains.snapshot import Remark
from config.caip import account_id

if TYPE_CHECKING:
    from chains.evm.hearing import Hearing


def held_beyond(hearing: Hearing) -> tuple[Remark, ...]:
    """Name every balance after a stated last index; count the addresses that could not be read.

    An address of which one asset could not be read is not read, whatever is known of the others.
    """
    plan = hearing.plan
    found, unread = [], 0
    for one in plan.margin:
        held = {asset: hearing.agreed(asset, one.address) for asset in hearing.readable}
        unread += any(isinstance(told, Unknown) for told in held.values())
        where = f"index {one.index}, {account_id(plan.chain.id, one.address)}"
        found += [
            Remark("beyond_last_index", "", 1, f"{where}: {told[0]} base units of {asset}")
            for asset, told in held.items()
            if not isinstance(told, Unknown) and told[0]
        ]
    if unread:
        found.append(Remark("margin_not_read", "", unread))
    return tuple(found)
