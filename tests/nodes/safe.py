"""Safes on anvil: the published contracts, deployed, set up and changed as their owners would.

The artifacts are looked for in `.nodes/safe` (`tests/nodes/fetch-safe.sh`); where they are missing
the test is skipped by name, and in continuous integration that is a failure.

Whatever a Safe lets only itself do is sent from its own address, which anvil allows: the tests are
about what is read of a Safe, not about how its owners agree on a change.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_hash.backends.pysha3 import keccak256

from chains.evm.address import checksummed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eth_account.signers.local import LocalAccount

    from tests.nodes.anvil import Anvil

ROOT = Path(__file__).parents[2] / ".nodes" / "safe"
VERSIONS = ("1.1.1", "1.3.0", "1.4.1", "1.5.0")
NAMES = {
    # The contracts' names, version by version.
    "1.1.1": ("GnosisSafe", "Proxy", "ProxyFactory", "DefaultCallbackHandler"),
    "1.3.0": (
        "GnosisSafe",
        "GnosisSafeProxy",
        "GnosisSafeProxyFactory",
        "CompatibilityFallbackHandler",
    ),
    "1.4.1": ("Safe", "SafeProxy", "SafeProxyFactory", "CompatibilityFallbackHandler"),
    "1.5.0": ("Safe", "SafeProxy", "SafeProxyFactory", "CompatibilityFallbackHandler"),
}
NOBODY = "0x" + "00" * 20
DEPLOYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
"""Anvil's first account."""


def artifact(version: str, name: str) -> dict[str, Any]:
    """Find a contract, or skip the test; fail it in continuous integration."""
    build = ROOT / version / "package" / "build"
    found = sorted(path for path in build.rglob(f"{name}.json") if "openzeppelin" not in str(path))
    if not found:
        said = f"the contracts of Safe {version} are missing: sh tests/nodes/fetch-safe.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    document: dict[str, Any] = json.loads(found[0].read_text("utf-8"))
    return document


def data_of(function: str, *arguments: object) -> str:
    kinds = [kind for kind in function.partition("(")[2].removesuffix(")").split(",") if kind]
    return f"0x{(keccak256(function.encode())[:4] + encode(kinds, arguments)).hex()}"


def send(node: Anvil, to: str | None, data: str, sender: str = DEPLOYER) -> str:
    """Send a transaction in a block of its own; give the address it deployed, or nothing.

    The node mines only when told (`--no-mining`), so that a receipt is there at once.
    """
    node.ask("anvil_impersonateAccount", sender)
    node.ask("anvil_setBalance", sender, hex(10**20))
    call = {"from": sender, "data": data, "gas": hex(12_000_000)}
    made = node.ask("eth_sendTransaction", call if to is None else {**call, "to": to})
    node.mine(1)
    receipt = node.ask("eth_getTransactionReceipt", made)
    if receipt is None or receipt["status"] != "0x1":
        raise RuntimeError(f"transaction to {to} failed: {data[:10]}")
    return str(receipt["contractAddress"] or "")


def deploy(node: Anvil, code: str) -> str:
    return checksummed(bytes.fromhex(send(node, None, code)[2:]))


def deploy_code(node: Anvil, runtime: str) -> str:
    """Deploy code given as hex, by creation code that returns it."""
    size = len(runtime) // 2
    return deploy(node, f"0x61{size:04x}80600a3d393df3{runtime}")


def keys(count: int) -> list[LocalAccount]:
    """Make owners, sorted by address as a Safe wants their signatures."""
    made = [Account.from_key(keccak256(f"owner {at}".encode())) for at in range(count)]
    return sorted(made, key=lambda key: int(key.address, 16))


@dataclass(frozen=True, slots=True)
class DeployedSafe:
    """A Safe on a node."""

    node: Anvil
    version: str
    address: str
    chain: int = 31337

    def do(self, function: str, *arguments: object) -> None:
        """Let the Safe do something to itself."""
        send(self.node, self.address, data_of(function, *arguments), self.address)

    def message(self, text: str) -> dict[str, Any]:
        """Give the typed data that owners sign for a text, as wallets build it."""
        domain: dict[str, object] = {"verifyingContract": self.address}
        kinds = [{"name": "verifyingContract", "type": "address"}]
        if self.version != "1.1.1":
            domain["chainId"] = self.chain
            kinds.insert(0, {"name": "chainId", "type": "uint256"})
        return {
            "types": {
                "EIP712Domain": kinds,
                "SafeMessage": [{"name": "message", "type": "bytes"}],
            },
            "primaryType": "SafeMessage",
            "domain": domain,
            "message": {"message": f"0x{self.asked(text).hex()}"},
        }

    def asked(self, text: str) -> bytes:
        """Give the 32 bytes that the Safe is asked about: the text's, as a wallet hashes it."""
        made = encode_defunct(text=text)
        return keccak256(b"\x19" + made.version + made.header + made.body)

    def preimage(self, text: str) -> bytes:
        made = encode_typed_data(full_message=self.message(text))
        return b"\x19\x01" + made.header + made.body

    def digest(self, text: str) -> bytes:
        return keccak256(self.preimage(text))

    def sign(self, text: str, owners: Sequence[LocalAccount], eth_sign: int = 0) -> str:
        """Sign with some keys, the first few of them through `eth_sign`."""
        slots = []
        for at, owner in enumerate(owners):
            if at < eth_sign:
                raw = bytes(owner.sign_message(encode_defunct(self.digest(text))).signature)
                slots.append(raw[:64] + bytes([raw[64] + 4]))
            else:
                slots.append(
                    bytes(owner.sign_typed_data(full_message=self.message(text)).signature)
                )
        return f"0x{b''.join(slots).hex()}"


@dataclass(frozen=True, slots=True)
class SafeContracts:
    """A version's singleton, factory and fallback handler, deployed."""

    node: Anvil
    version: str
    singleton: str
    factory: str
    handler: str

    def safe(
        self, owners: Sequence[str], threshold: int, handler: str | None = None, nonce: int = 0
    ) -> DeployedSafe:
        """Make a Safe through the factory."""
        setup = data_of(
            "setup(address[],uint256,address,bytes,address,address,uint256,address)",
            *(list(owners), threshold, NOBODY, b"", handler or self.handler, NOBODY, 0, NOBODY),
        )
        made = data_of(
            "createProxyWithNonce(address,bytes,uint256)",
            *(self.singleton, bytes.fromhex(setup[2:]), nonce),
        )
        call = {"from": DEPLOYER, "to": self.factory, "data": made}
        address = bytes.fromhex(self.node.ask("eth_call", call, "latest")[-40:])
        send(self.node, self.factory, made)
        chain = int(self.node.ask("eth_chainId"), 16)
        return DeployedSafe(self.node, self.version, checksummed(address), chain)


def deploy_safe(node: Anvil, version: str, singleton: str | None = None) -> SafeContracts:
    """Deploy a version; another singleton than the plain one by its name."""
    safe, _, factory, handler = NAMES[version]
    made = (
        deploy(node, artifact(version, name)["bytecode"])
        for name in (singleton or safe, factory, handler)
    )
    return SafeContracts(node, version, *made)
