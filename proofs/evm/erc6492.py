"""ERC-6492: a signature for a contract that is not deployed yet, wrapped with how to deploy it.

    abi.encode(factory, factoryCall, signature) || 0x6492 repeated to 32 bytes

To check it, a chain would have to run a call that the prover chose. That is never done here: what
is not deployed at the pin holds what it holds under nobody's rules, and whoever deploys it decides
whose key controls it. The suffix is looked for before anything else, as the ERC says, and the claim
is refuted: an account in custody is not to be proved by what it might become.
"""

from __future__ import annotations

_SUFFIX = bytes.fromhex("6492" * 16)


def is_wrapped(signature: bytes) -> bool:
    """Tell whether a signature is for a contract that is not deployed."""
    return signature.endswith(_SUFFIX)
