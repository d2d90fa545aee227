"""The names that OKX's files use for networks and coins, and how their signatures are made.

Names are compared in upper case with `-` written `_`. The column `network` decides; files without
one name a coin that says its network (`USDT-TRC20`). A name that is not here is refused, also one
of a coin that shares another's addresses: a signature for Bitcoin SV says nothing of Bitcoin.

The names are those of okx/proof-of-reserves, `common/coin.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Form = Literal["utxo", "evm", "tron", "ed25519", "other"]
"""How a text is signed: as the chain's signed message, as personal_sign over the text's hash, in
one of Tron's two forms, with ed25519 under OKX's own header, or in a form that has no scheme."""

NETWORKS: Mapping[str, tuple[str, Form]] = {
    "BTC": ("bitcoin", "utxo"),
    "LTC": ("litecoin", "utxo"),
    "DOGE": ("dogecoin", "utxo"),
    "BCH": ("bitcoincash", "utxo"),
    "BCHN": ("bitcoincash", "utxo"),
    "DASH": ("dash", "utxo"),
    "ZEC": ("zcash", "utxo"),
    "ZCASH": ("zcash", "utxo"),
    "ETH": ("ethereum", "evm"),
    "BSC": ("bnb", "evm"),
    "BNB_BSC": ("bnb", "evm"),
    "BASE": ("base", "evm"),
    "ETH_BASE": ("base", "evm"),
    "ARBITRUM": ("arbitrum", "evm"),
    "ETH_ARBITRUM": ("arbitrum", "evm"),
    "OPTIMISM": ("optimism", "evm"),
    "ETH_OPTIMISM": ("optimism", "evm"),
    "POLYGON": ("polygon", "evm"),
    "AVAXC": ("avalanche", "evm"),
    "ETH_LINEA": ("linea", "evm"),
    "XLAYER": ("xlayer", "evm"),
    "OKB_X1": ("xlayer", "evm"),
    "XPL": ("plasma", "evm"),
    "MONAD": ("monad", "evm"),
    "HYPEREVM": ("hyperevm", "evm"),
    "TRX": ("tron", "tron"),
    "TRON": ("tron", "tron"),
    "SOL": ("solana", "ed25519"),
    "APTOS": ("aptos", "ed25519"),
    "SUI": ("sui", "ed25519"),
    "TON": ("ton", "ed25519"),
    "TONCOIN_NEW": ("ton", "ed25519"),
    "DOT": ("polkadot", "ed25519"),
    "ADA": ("cardano", "ed25519"),
    "XLM": ("stellar", "ed25519"),
    "STELLAR": ("stellar", "ed25519"),
    "XRP": ("xrpl", "other"),
    "RIPPLE": ("xrpl", "other"),
    "ATOM": ("cosmos", "other"),
}

COINS: Mapping[str, str] = {
    "USDT_ERC20": "ETH",
    "USDC": "ETH",
    "SHIB": "ETH",
    "UNI": "ETH",
    "LINK": "ETH",
    "BLUR": "ETH",
    "MATIC": "ETH",
    "PEOPLE": "ETH",
    "OKB": "ETH",
    "USDT_ARBITRUM": "ARBITRUM",
    "USDC_ARBITRUM": "ARBITRUM",
    "USDC_ARBITRUM_NATIVE": "ARBITRUM",
    "USDT_OPTIMISM": "OPTIMISM",
    "USDC_OPTIMISM": "OPTIMISM",
    "USDC_OPTIMISM_FF85": "OPTIMISM",
    "USDT_POLY": "POLYGON",
    "POLY_USDC": "POLYGON",
    "POLY_USDC_3359": "POLYGON",
    "USDT_AVAXC": "AVAXC",
    "USDC_AVAXC": "AVAXC",
    "USDC_BASE": "BASE",
    "BABYDOGE_BSC": "BSC",
    "OKB_X1_ETH": "XLAYER",
    "OKB_X1_USDT": "XLAYER",
    "OKB_X1_USDC": "XLAYER",
    "USDT_TRC20": "TRON",
    "USDC_TRC": "TRON",
    "USDC_SPL": "SOL",
    "USDT_SPL": "SOL",
    "APT": "APTOS",
    "APTOS_FA": "APTOS",
    "USDT_APTOS": "APTOS",
    "USDC_APTOS": "APTOS",
    "USDC_SUI": "SUI",
    "USDT_TON": "TON",
}
"""Coins whose name is not a network's, with the network they lie on; used where no column says."""


def network_of(network: str, coin: str) -> tuple[str, Form] | None:
    """Find a row's chain and form of signature.

    Args:
        network: the cell of that column, empty if the file has none.
        coin: the cell of that column.

    Returns:
        Short name of the chain and form; None if the name is not known.
    """
    name = _plain(network) or COINS.get(_plain(coin), _plain(coin))
    return NETWORKS.get(name)


def _plain(name: str) -> str:
    return name.upper().replace("-", "_")
