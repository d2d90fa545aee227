"""The published header of a commitment: what every leaf is bound to.

    {"version": "polv1", "entity": TEXT, "network": "main", "asOf": "2026-11-30T15:00:00Z",
     "pins": [{"chain": CAIP-2, "height": "…", "blockHash": "…"}],
     "revision": "1", "supersedes": null,
     "assets": [{"index": 0, "instrument": "btc", "decimals": 8, "shares": 2, "cap": "…",
                 "leastHeight": 0}],
     "ledger": [{"instrument": "btc", "balance": "…", "collateral": "…", "pending": "…",
                 "debt": "…", "debtors": "…", "margined": "…"}]}

`pins` are the blocks at which the same statement reads the holdings, so that liabilities are of
that time and no other. A ledger that is corrected for the same time takes the next `revision` and
names the set that it supersedes: its header, and with it every leaf, is another one. `ledger` holds
what is owed by kind, gross, and debts in a column of their own: nothing is netted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.books.liabilities import LEDGER_KINDS
from config.errors import InputError
from config.jsontext import parse_json
from proofs.liabilities.commitment import VERSION
from proofs.liabilities.encoding import MAX_HEIGHT
from proofs.liabilities.shares import Splitting

if TYPE_CHECKING:
    from config.ledger.totals import AssetTotals

MAX_SHARES = 64
"""Into which every balance can be cut at once."""
_SET = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CAP = re.compile(r"[1-9][0-9]{0,38}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """How the tree of an asset is made."""

    splitting: Splitting
    least_height: int = 0
    """Levels that the tree has at least: pads then hide how many shares there are."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Which ledger for a time it is."""

    revision: int = 1
    supersedes: str | None = None
    """Set hash, in hex, of the commitment that this one takes the place of."""


def check_edition(edition: Edition) -> None:
    """Refuse an edition that corrects nothing, or does not say what; raise InputError."""
    if (edition.revision == 1) != (edition.supersedes is None) or edition.revision < 1:
        hint = (
            "the first revision supersedes nothing, and every later one names the set it corrects"
        )
        raise InputError(f"revision {edition.revision}, supersedes {edition.supersedes}", hint)
    if edition.supersedes is not None and not _SET.fullmatch(edition.supersedes):
        raise InputError("the superseded set is not 64 hex digits in lower case")


def build_header(
    pins: dict[str, object],
    assets: tuple[AssetTotals, ...],
    rules: tuple[Rule, ...],
    edition: Edition,
) -> dict[str, object]:
    """Make the header.

    Args:
        pins: entity, network, time and blocks of the observation (`attest.pins`).
        assets: the ledger's totals, in the order of the trees.
        rules: how each tree is made.
        edition: which ledger for this time it is.
    """
    parted = list(zip(assets, rules, strict=True))
    return {
        "version": VERSION,
        **pins,
        "revision": str(edition.revision),
        "supersedes": edition.supersedes,
        "assets": [
            {
                "index": index,
                "instrument": one.instrument,
                "decimals": one.decimals,
                "shares": rule.splitting.count,
                "cap": str(rule.splitting.cap),
                "leastHeight": rule.least_height,
            }
            for index, (one, rule) in enumerate(parted)
        ],
        "ledger": [_ledger(one) for one in assets],
    }


def rules_in(header: dict[str, object]) -> tuple[Rule, ...]:
    """Read how each tree is made; raise InputError if the header does not say so."""
    match header.get("assets"):
        case [_, *_] as listed:
            return tuple(_rule(one) for one in listed)
        case _:
            raise InputError("the header does not say how balances are split")


def _rule(asset: object) -> Rule:
    match asset:
        case {"shares": int(count), "cap": str(cap), "leastHeight": int(height)} if (
            1 <= count <= MAX_SHARES and 0 <= height <= MAX_HEIGHT and _CAP.fullmatch(cap)
        ):
            return Rule(Splitting(count, int(cap)), height)
        case _:
            raise InputError("the header does not say how balances are split")


def _ledger(totals: AssetTotals) -> dict[str, str]:
    kinds = dict(totals.kinds)
    return {
        "instrument": totals.instrument,
        **{kind: str(kinds.get(kind, 0)) for kind in LEDGER_KINDS},
        "debtors": str(totals.debtors),
        "margined": str(totals.margined),
    }


def read_secret(data: bytes, name: str) -> bytes:
    """Read the master secret: 32 bytes, or their 64 hex digits on a line; raise InputError."""
    if len(data) == 32:  # noqa: PLR2004 - the size of the secret, as the docstring says
        return data
    text = data.strip()
    if _SET.fullmatch(text.decode("latin-1").lower()):
        return bytes.fromhex(text.decode("ascii"))
    hint = "make one with `attest liabilities secret FILE`; keep it apart from the ledger"
    raise InputError(f"{name}: not a secret of 32 bytes", hint)


def read_pins(data: bytes, name: str) -> dict[str, object]:
    """Read pins.json, which `attest observe` writes; raise InputError."""
    match parse_json(data, name):
        case {
            "asOf": str(time),
            "entity": str(entity),
            "network": "main" | "test" as network,
            "pins": [_, *_] as pins,
            **rest,
        } if not rest:
            return {"asOf": time, "entity": entity, "network": network, "pins": pins}
    raise InputError(f"{name}: not the pins of an observation", "observe again with this version")
