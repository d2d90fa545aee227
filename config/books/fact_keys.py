"""The facts that facts.toml can state: each key, the form of its value, and what it is about.

A key is a line of `FACT_KEYS` and nothing else; a file with another key is refused. Forms:

| form | value in the file | inside |
|---|---|---|
| `money` | `"36000000000"`, display units of the instrument `unit` | base units |
| `count` | `3` | a whole number, zero or more |
| `share` | `"0.042"`, from 0 to 1 | times 10**18 |
| `date` | `"2026-06-30"` | `datetime.date` |
| `time` | `"2026-11-30T15:00:00Z"` | Unix seconds |

`over` says what time a fact is about: a `period`, a moment (`as_of`), or `itself`, where the value
is the date or time of an event. `kinds` are the closed words of `kind`; `party` says whether the
fact is about somebody, who is then named.

The bases of `trading_volume` are those by which FIB Order art. 175 builds a broker's reserve
(`stock_value` to `bill_rate_futures`), and those of an exchange of crypto assets (`customer_spot`,
`customer_margin`, `off_exchange`, and `own_account`, which that order leaves out). Refused: free
words here. A rule that asks for a base must get that base or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Form = Literal["money", "count", "share", "date", "time"]
Over = Literal["period", "as_of", "itself"]
FactName = Literal[
    "trading_volume",
    "net_assets",
    "fixed_overheads",
    "customer_money_owed",
    "average_daily_deposits",
    "customer_assets_value",
    "customer_accounts",
    "highest_online_share",
    "last_audit",
    "last_proof_audit",
    "last_reconciliation",
    "reconciliation_missed_days",
    "books_retention_years",
    "report_filed",
    "shortfall_notified",
    "custodian_tier",
    "licence_class",
    "reserve_brought_forward",
]

VOLUME_BASES = (
    "customer_spot",
    "customer_margin",
    "off_exchange",
    "own_account",
    "stock_value",
    "index_futures_value",
    "stock_options_premium",
    "bond_futures_value",
    "bond_options_premium",
    "currency_futures_value",
    "deposit_rate_futures",
    "bill_rate_futures",
)
AUDITED = ("customer_crypto", "customer_money", "guarantee_assets")
BOOKS = ("transactions", "customer_balances", "reconciliations")


@dataclass(frozen=True, slots=True)
class FactKey:
    """What a fact of one key is."""

    form: Form
    over: Over
    kinds: tuple[str, ...] = ()
    """What `kind` may be; empty: it has none."""
    party: bool = False
    """Whether it is about a party, which `party` names."""


FACT_KEYS: Mapping[FactName, FactKey] = {
    # What was bought and sold; one fact a base.
    "trading_volume": FactKey("money", "period", VOLUME_BASES),
    # From the accounts.
    "net_assets": FactKey("money", "as_of"),
    "fixed_overheads": FactKey("money", "period"),
    # Customers' money, and how much came in on a day of the period, on average.
    "customer_money_owed": FactKey("money", "as_of"),
    "average_daily_deposits": FactKey("money", "period"),
    # All that customers have with the entity, in money; how many of them there are.
    "customer_assets_value": FactKey("money", "as_of"),
    "customer_accounts": FactKey("count", "as_of"),
    # The largest part that was online on any day of the period: a limit holds every day.
    "highest_online_share": FactKey("share", "period"),
    # Events.
    "last_audit": FactKey("date", "itself", AUDITED),
    "last_proof_audit": FactKey("date", "itself"),
    "last_reconciliation": FactKey("time", "itself"),
    "report_filed": FactKey("date", "period"),
    "shortfall_notified": FactKey("time", "itself"),
    # Business days of the period without a record of reconciliation.
    "reconciliation_missed_days": FactKey("count", "period"),
    "books_retention_years": FactKey("count", "as_of", BOOKS),
    # The tier of a custodian by its regulator's list, 1 the best.
    "custodian_tier": FactKey("count", "as_of", party=True),
    # The class of the entity's own licence, as the rules of its place number them.
    "licence_class": FactKey("count", "as_of"),
    # Held as a liability reserve when the fiscal year began, less what was used since.
    "reserve_brought_forward": FactKey("money", "period"),
}
