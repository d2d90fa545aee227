"""Rows of the Bitcoin family, by hand, so that tests do not depend on the shipped registry."""

from __future__ import annotations

from config.caip import AssetId, ChainId
from config.registry import Chain, Network, UtxoFormat

MESSAGE = "Bitcoin Signed Message:\n"
BITCOIN_GENESIS = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
FORK_HASH = "000000000000000000651ef99cb9fcbe0dadde1d424bd9f15ff20136191a5eec"


def row(name: str, network: Network, form: UtxoFormat, reference: str = "") -> Chain:
    chain = ChainId(f"bip122:{reference or form.genesis[:32]}")
    return Chain(
        id=chain,
        name=name,
        title=name.title(),
        family="utxo",
        network=network,
        native=AssetId(f"{chain}/slip44:0"),
        confirmations=6,
        source="written for a test",
        checked="written for a test",
        utxo=form,
    )


BITCOIN = row(
    "bitcoin",
    "main",
    UtxoFormat(
        genesis=BITCOIN_GENESIS,
        p2pkh=(0x00,),
        p2sh=(0x05,),
        message_header=MESSAGE,
        hrp="bc",
        taproot=True,
    ),
)
BITCOIN_TEST = row(
    "bitcoin-testnet",
    "test",
    UtxoFormat(
        genesis="000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
        p2pkh=(0x6F,),
        p2sh=(0xC4,),
        message_header=MESSAGE,
        hrp="tb",
        taproot=True,
    ),
)
LITECOIN = row(
    "litecoin",
    "main",
    UtxoFormat(
        genesis="12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2",
        p2pkh=(0x30,),
        p2sh=(0x32, 0x05),
        message_header="Litecoin Signed Message:\n",
        hrp="ltc",
        taproot=True,
    ),
)
LITECOIN_REGTEST = row(
    "litecoin-regtest",
    "test",
    UtxoFormat(
        genesis="530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9",
        p2pkh=(0x6F,),
        p2sh=(0x3A, 0xC4),
        message_header="Litecoin Signed Message:\n",
        hrp="rltc",
        taproot=True,
    ),
)
DOGECOIN = row(
    "dogecoin",
    "main",
    UtxoFormat(
        genesis="1a91e3dace36e2be3bf030a65679fe821aa1d6ef92e7c9902eb318182c355691",
        p2pkh=(0x1E,),
        p2sh=(0x16,),
        message_header="Dogecoin Signed Message:\n",
    ),
)
DASH = row(
    "dash",
    "main",
    UtxoFormat(
        genesis="00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6",
        p2pkh=(0x4C,),
        p2sh=(0x10,),
        message_header="DarkCoin Signed Message:\n",
    ),
)
ZCASH = row(
    "zcash",
    "main",
    UtxoFormat(
        genesis="00040fe8ec8471911baa1db1266ea15dd06b4a8a5c453883c000b031973dce08",
        p2pkh=(0x1CB8,),
        p2sh=(0x1CBD,),
        message_header="Zcash Signed Message:\n",
    ),
)
BITCOIN_CASH = row(
    "bitcoincash",
    "main",
    UtxoFormat(
        genesis=BITCOIN_GENESIS,
        p2pkh=(0x00,),
        p2sh=(0x05,),
        message_header=MESSAGE,
        cashaddr="bitcoincash",
        fork_height=478559,
        fork_hash=FORK_HASH,
    ),
    FORK_HASH[:32],
)
ALL = (BITCOIN, BITCOIN_TEST, LITECOIN, LITECOIN_REGTEST, DOGECOIN, DASH, ZCASH, BITCOIN_CASH)
