"""Keys of a pretended exchange, and how each of its wallets signs. Test keys: never send funds.

Every key follows from a number, so that the examples can be made again with the same addresses.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from btclib.key import PrvKeyData
from btclib_wallet import bip32, bip322
from coincurve import PrivateKey
from eth_hash.backends.pysha3 import keccak256

from chains.evm.address import parse_address
from chains.utxo.address import address_of_script
from proofs.utxo.bitcoinlib_message import message_hash

if TYPE_CHECKING:
    from config.registry import Chain

P2WPKH, P2PKH, NESTED = "p2wpkh", "p2pkh", "p2sh-p2wpkh"


def key(number: int) -> PrivateKey:
    """Give the test key of a number."""
    return PrivateKey(hashlib.sha256(f"custody-attest example key {number}".encode()).digest())


def hash160(data: bytes) -> bytes:
    digest = hashlib.new("ripemd160", hashlib.sha256(data).digest())
    return digest.digest()


def evm_address(chain: Chain, private: PrivateKey) -> str:
    """Give the account of a key in its EIP-55 form."""
    public = private.public_key.format(compressed=False)[1:]
    return parse_address(chain, f"0x{keccak256(public)[-20:].hex()}")


def sign_eip191(private: PrivateKey, text: str) -> str:
    """Sign as a wallet's personal_sign does."""
    message = text.encode()
    prefix = b"\x19Ethereum Signed Message:\n" + str(len(message)).encode()
    raw = private.sign_recoverable(keccak256(prefix + message), hasher=None)
    return f"0x{raw[:64].hex()}{raw[64] + 27:02x}"


def single_script(private: PrivateKey, kind: str) -> bytes:
    """Give the output script of a single-key address."""
    digest = hash160(private.public_key.format())
    if kind == P2PKH:
        return b"\x76\xa9\x14" + digest + b"\x88\xac"
    program = b"\x00\x14" + digest
    return program if kind == P2WPKH else b"\xa9\x14" + hash160(program) + b"\x87"


def utxo_address(chain: Chain, script: bytes) -> str:
    """Give a script's address on a chain."""
    address = address_of_script(chain, script)
    if address is None:
        raise ValueError(f"no address for {script.hex()}")
    return address


def sign_message(chain: Chain, private: PrivateKey, kind: str, text: str) -> str:
    """Sign as BIP-137 says, with the chain's own header."""
    header = {P2PKH: 31, NESTED: 35, P2WPKH: 39}[kind]
    if chain.utxo is None:
        raise ValueError(f"{chain.name} is not of the Bitcoin family")
    digest = message_hash(text.encode(), chain.utxo.message_header)
    raw = private.sign_recoverable(digest, hasher=None)
    return base64.b64encode(bytes([header + raw[64]]) + raw[:64]).decode()


def sign_bip322(private: PrivateKey, bitcoin: Chain, kind: str, text: str) -> str:
    """Sign as BIP-322 says; it commits to the script alone, whatever the chain."""
    data = PrvKeyData(int.from_bytes(private.secret), "mainnet", compressed=True)
    address = utxo_address(bitcoin, single_script(private, kind))
    signature: str = bip322.sign(text.encode(), data, address).b64encode()
    return signature


@dataclass(frozen=True, slots=True)
class Multisig:
    """A 2-of-3 in P2WSH."""

    keys: tuple[PrivateKey, PrivateKey, PrivateKey]

    @property
    def witness_script(self) -> bytes:
        pushes = b"".join(b"\x21" + one.public_key.format() for one in self.keys)
        return b"\x52" + pushes + b"\x53\xae"

    @property
    def script(self) -> bytes:
        return b"\x00\x20" + hashlib.sha256(self.witness_script).digest()

    def sign(self, chain: Chain, text: str) -> str:
        """Sign with the first and the last key."""
        signers = (self.keys[0], self.keys[2])
        return ";".join(sign_message(chain, one, P2PKH, text) for one in signers)


def extended_key(
    number: int, path: str = "m/84h/1h/0h", version: str = "04358394"
) -> tuple[str, str]:
    """Give the extended private key of an account and its public one.

    Args:
        number: the seed follows from it.
        path: of the account.
        version: of the private key; a test network's tprv unless given (SLIP-132).
    """
    seed = hashlib.sha512(f"custody-attest example seed {number}".encode()).digest()
    root = bip32.rootxprv_from_seed(seed, version)
    account = bip32.derive(root, path)
    return str(account), str(bip32.xpub_from_xprv(account))


def child_key(xprv: str, path: str) -> PrivateKey:
    """Derive a key below an extended private key."""
    return PrivateKey(bip32.BIP32KeyData.b58decode(bip32.derive(xprv, f"m/{path}")).key[1:])
