"""What an import yields: entries that become accounts and claims, and refusals with their reason.

A publisher's file is read row by row. Every row ends as one `Entry` or one `Refusal`, so the rows
read are the rows imported and the rows refused; no row is passed over. Nothing is verified here: an
entry says what the file says, and `attest control` judges it. What the file does not say is not
filled in with the better word: `method` is `unknown`, and `owner` is `mixed`, which the coverage
rule does not count.

Letting a row stop the file was refused: one unknown coin among 200,000 rows would hide the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from config.caip import account_id
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from config.accounts import Addresses, Method, Owner
    from config.caip import AccountId
    from config.registry import Chain, Registry

T = TypeVar("T")

MAX_BYTES = 512 * 1024 * 1024
"""As for claims.csv: a million rows of the largest layout."""
MAX_ROWS = 2_000_000
"""As many accounts as accounts.csv may have."""
MAX_TEXT = 64 * 1024
"""Characters of one value: a script, key and signature have hundreds, a text a few thousand."""

OWNER: Owner = "mixed"
"""None of the formats says whose the coins are."""
SELF = "self"
UNKNOWN_HOLDER = "unknown"

Reason = Literal[
    "malformed_row",  # not the number of cells, a value missing, too long, or with odd characters
    "unknown_coin",  # the coin or network stands for no chain of the registry
    "malformed_address",
    "scheme_unknown",  # no scheme here checks this form of signature
    "staking",  # a staking position: what it holds does not lie on the address
    "malformed_script",  # the script or descriptor cannot be read
    "script_mismatch",  # the script or descriptor does not yield the address
    "keys_mismatch",  # the script's threshold or keys are not those that the file names
    "no_last_index",  # a descriptor with a range, and nothing says how far it is used
    "unspendable",  # the file itself says that nobody can spend it
]


class RefusedRow(Exception):  # noqa: N818 - a verdict about the row, not an error of the tool
    """The row is not imported."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Known:
    """What rows are read with."""

    registry: Registry
    addresses: Addresses
    schemes: Collection[str]
    """Names of the schemes that `attest control` has."""

    def chain(self, name: str) -> Chain:
        """Find a chain by its short name; raise RefusedRow `unknown_coin`."""
        try:
            return self.registry.chain(name)
        except InputError as error:
            raise RefusedRow("unknown_coin") from error

    def account(self, chain: Chain, address: str) -> AccountId:
        """Give the canonical account of an address; raise RefusedRow `malformed_address`."""
        try:
            return account_id(chain.id, self.addresses.canonical(chain, address))
        except InputError as error:
            raise RefusedRow("malformed_address") from error


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a row gives as proof, in the columns of claims.csv."""

    scheme: str
    message: str
    """The text that was signed, literal."""
    signature: str
    public_key: str = ""
    script: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An imported row."""

    account: AccountId
    method: Method
    holder: str
    label: str
    claim: Claimed | None = None
    """None where the row proves nothing of the account."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not imported."""

    line: int
    reason: Reason
    text: str
    """What the row is about, as written."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file, read."""

    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]
    left_out: int = 0
    """Lines that are no rows: totals above the table."""

    @property
    def rows(self) -> int:
        """Rows read, imported or not."""
        return len(self.entries) + len(self.refusals)


def sort_out(
    rows: Iterable[tuple[int, T]],
    read: Callable[[T], Entry],
    about: Callable[[T], str],
    left_out: int = 0,
) -> Reading:
    """Read every row into an entry or a refusal.

    Args:
        rows: line and row, in file order.
        read: makes the entry, or raises RefusedRow.
        about: gives the text by which a refused row is known.
        left_out: lines of the file that are no rows.

    Raises:
        InputError: more rows than the limit.
    """
    entries: list[Entry] = []
    refusals: list[Refusal] = []
    for line, row in rows:
        try:
            entries.append(read(row))
        except RefusedRow as refused:
            refusals.append(Refusal(line, refused.reason, about(row)))
        if len(entries) + len(refusals) > MAX_ROWS:
            raise InputError(f"line {line}: more than {MAX_ROWS} rows", "cut the file into parts")
    return Reading(tuple(entries), tuple(refusals), left_out)
