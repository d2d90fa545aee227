"""What the published files are read with: the chains that all versions know, and fixed schemes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from attest.imports.entries import Known
from chains.families import ChainAddresses
from config.accounts import parse_accounts
from config.claims import parse_claims
from config.registry_files import load_registry
from proofs.schemes import SCHEMES

if TYPE_CHECKING:
    from attest.imports.entries import Reading
    from attest.imports.tables import Tables
    from config.registry import Registry

VECTORS = Path(__file__).parents[2] / "vectors" / "imports"
ADDRESSES = ChainAddresses()
EVM = ("ethereum", "arbitrum", "optimism", "polygon", "avalanche")
UTXO = ("bitcoin", "litecoin", "dogecoin", "bitcoincash", "bitcoin-regtest")


def registry() -> Registry:
    """A registry of a few chains, so that a chain added later changes no expected count."""
    whole = load_registry()
    return replace(whole, chains=tuple(one for one in whole.chains if one.name in (*EVM, *UTXO)))


KNOWN = Known(registry(), ADDRESSES, tuple(SCHEMES))


def published(name: str) -> bytes:
    return (VECTORS / name).read_bytes()


def refused(reading: Reading) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in reading.refusals]


def parse_back(written: Tables) -> None:
    """Read what was written with the parsers of the tool; raises where they refuse it."""
    known = KNOWN.registry
    accounts = parse_accounts(
        written.files["accounts.csv"], "accounts.csv", known, ADDRESSES, "main"
    )
    assert written.accounts == len(accounts.rows)
    assert accounts.duplicates == ()
    if "claims.csv" in written.files:
        data = written.files["claims.csv"]
        assert written.claims == len(parse_claims(data, "claims.csv", known, ADDRESSES, SCHEMES))
