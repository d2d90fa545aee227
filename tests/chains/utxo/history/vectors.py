"""Published blocks, headers and targets; each file names its source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "vectors"


def vectors(name: str) -> Any:  # noqa: ANN401 - each file has its own form
    return json.loads((FOLDER / name).read_text("utf-8"))["vectors"]


BITCOIN_START = [bytes.fromhex(text) for text in vectors("utxo-headers-bitcoin-0.json")]
BITCOIN_LATER = [bytes.fromhex(text) for text in vectors("utxo-headers-bitcoin-100000.json")]
BITCOIN_BLOCK = vectors("utxo-block-bitcoin-100000.json")
LITECOIN_BLOCK = vectors("utxo-block-litecoin-2265985.json")
HOGEX = bytes.fromhex(LITECOIN_BLOCK["transactions"][2])
