"""Write the corpus's first inputs: one well-formed value of each kind a target reads.

    python -m tests.fuzz.seeds

Names are digests of the content, so that writing again changes nothing. Inputs that fuzzing found
lie beside them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from config.challenges import Challenges
from config.registry_files import load_registry
from proofs.challenge import accounts_digest, build_text
from tests.examples import wallet
from tests.fuzz import bundle_seeds, scheme_seeds
from tests.proofs.utxo.vectors import load

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = Path(__file__).parent / "corpus"
REGISTRY = load_registry()
BITCOIN, ETHEREUM = REGISTRY.chain("bitcoin"), REGISTRY.chain("ethereum")
KEY = wallet.key(1)
EVM = wallet.evm_address(ETHEREUM, KEY)
SEGWIT = wallet.utxo_address(BITCOIN, wallet.single_script(KEY, wallet.P2WPKH))
LEGACY = wallet.utxo_address(BITCOIN, wallet.single_script(KEY, wallet.P2PKH))
JOINT = wallet.Multisig((wallet.key(3), wallet.key(4), wallet.key(5)))
XPUB = wallet.extended_key(1)[1]
KINDS = (wallet.P2PKH, wallet.NESTED, wallet.P2WPKH)
HEADER = "account,scheme,message,signature,public_key,script,encoding,signer,received_at,profile\n"


def rows() -> tuple[str, ...]:
    joint = wallet.utxo_address(BITCOIN, JOINT.script)
    quoted, evm = 'two\nlines, "x"', wallet.sign_eip191(KEY, 'two\nlines, "x"')
    bip137 = wallet.sign_message(BITCOIN, KEY, wallet.P2WPKH, "t")
    bip322 = wallet.sign_bip322(KEY, BITCOIN, wallet.P2WPKH, "t")
    script = JOINT.witness_script.hex()
    return (
        f'ethereum:{EVM},eip191,"{quoted.replace(chr(34), chr(34) * 2)}",{evm},,,,,,\n',
        f"bitcoin:{SEGWIT},bip137,t,{bip137},,,,,2026-01-01T00:00:00Z,\n",
        f"bitcoin:{SEGWIT},bip322,74,{bip322},,,hex,,,\n",
        f"bitcoin:{joint},multisig-signmessage,t,{JOINT.sign(BITCOIN, 't')},,{script},,,,\n",
        f"eip155:*:{EVM.lower()},eip191-keccak,@challenge,00,,,,,,\n",
        f"bitcoin-regtest:{XPUB},bip137,t,AA==,,,,0/5,,\n",
    )


def files() -> Iterator[str]:
    yield HEADER + "".join(rows())
    yield from (HEADER + row for row in rows())
    yield "\ufeff" + (HEADER + rows()[1]).replace("\n", "\r\n")
    yield "account,scheme\na\n"
    yield HEADER + 'a"b,"\n'


def accounts() -> Iterator[str]:
    yield from (f"ethereum:{EVM}", f"eip155:*:{EVM}", f"bitcoin:{SEGWIT} bitcoin:{LEGACY}")
    yield "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"
    yield from scheme_seeds.addresses()
    yield from (f"bitcoin-regtest:{XPUB}", f"bitcoin-regtest:wpkh({XPUB}/0/*)")


def bip322() -> Iterator[bytes]:
    basic, generated = load("bip322-basic"), load("bip322-generated")
    kinds = (basic["simple"], generated["simple"], generated["full"], generated["proof_of_funds"])
    for entry in (entry for kind in kinds for entry in kind[:3]):
        text = entry["bip322_signatures"][0]
        prefix = text[:3] if text[:3] in {"smp", "ful", "pof"} else ""
        data = prefix.encode() + b"\0" + base64.b64decode(text.removeprefix(prefix))
        if len(data) <= scheme_seeds.MAX_SEED:
            yield data


def challenges() -> str:
    account = f"{ETHEREUM.id}:{EVM}"
    made = Challenges(
        version="v1",
        entity="Example",
        issuer="Reviewer",
        nonce="ab" * 32,
        anchors=(),
        issuedAt="2026-01-01T00:00:00Z",
        expiresAt="2026-01-15T00:00:00Z",
        accountsSha256=accounts_digest((account,)),
        texts={},
    )
    return json.dumps(asdict(made) | {"anchors": [], "texts": {account: build_text(made, account)}})


def seeds() -> Iterator[tuple[str, str | bytes]]:
    signed = [wallet.sign_message(BITCOIN, KEY, kind, "t") for kind in KINDS]
    yield from ((target, text) for target in ("claims", "verdicts") for text in files())
    yield from (("verdicts", HEADER + row) for row in scheme_seeds.scheme_rows())
    yield from (("account", text) for text in accounts())
    yield from (("base64", text) for text in ("AA==", "YR==", signed[0]))
    yield from (("compact", text) for text in signed)
    yield from (("bip137", b"\0" + base64.b64decode(text)) for text in signed)
    evm = (wallet.sign_eip191(KEY, "t"), "00" * 65, "0X" + "FF" * 65)
    yield from (("evm-signature", text) for text in evm)
    single = b"\x51\x21" + KEY.public_key.format() + b"\x51\xae"
    yield from (("multisig-script", script) for script in (JOINT.witness_script, single))
    yield from (("bip322", data) for data in bip322())
    yield "challenges", challenges()
    yield from scheme_seeds.binary_seeds()
    yield from bundle_seeds.bundle_seeds()


def main() -> None:
    """Write every seed that is not there."""
    for target, value in seeds():
        data = value if isinstance(value, bytes) else value.encode()
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)


if __name__ == "__main__":
    main()
