"""What is fuzzed: each parser that a claim or a bundle reaches, as a function of bytes.

A target returns whatever its parser does and lets nothing out but what is no error of ours. Adding
one is a function and a line in `TARGETS`; its corpus lies in `corpus/<name>`.
"""

from __future__ import annotations

import base64
import contextlib
from typing import TYPE_CHECKING

from attest.rules.trying import tried_pack
from chains.families import ChainAddresses
from config.challenges import parse_challenges
from config.claims import Reading, open_claims, parse_claims, parse_subjects, read_claims
from config.csvrows import cut_run
from config.errors import InputError
from config.registry_files import load_registry
from proofs import base64text
from proofs.challenge import check_texts
from proofs.check import check
from proofs.control import InconclusiveProof, InvalidProof, Signing
from proofs.evm import recovery as evm_recovery
from proofs.schemes import SCHEMES
from proofs.utxo import checkmultisig, compact_signature
from tests.fuzz.binary_targets import BINARY_TARGETS
from tests.fuzz.bundle_targets import BUNDLE_TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REGISTRY = load_registry()
READING = Reading(REGISTRY, ChainAddresses(), tuple(SCHEMES))
LIMIT = 1 << 20


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def claims(data: bytes) -> None:
    """Read a claims file whole and in runs: the same claims, or the same fault."""
    told = []
    for work in (_whole, _in_runs):
        try:
            told.append(repr(work(data)))
        except InputError as error:
            told.append(str(error))
    if told[0] != told[1]:
        raise ValueError(f"whole and in runs differ: {told[0]} and {told[1]}")


def _whole(data: bytes) -> object:
    return list(parse_claims(data, "c", REGISTRY, ChainAddresses(), SCHEMES))


def _in_runs(data: bytes) -> object:
    runs = cut_run(open_claims(data, "c"), 7)
    return [claim for run in runs for claim in read_claims(run, READING)]


def verdicts(data: bytes) -> None:
    """Judge whatever a claims file says: every row has a verdict."""
    with contextlib.suppress(InputError):
        rows = parse_claims(data, "c", REGISTRY, ChainAddresses(), SCHEMES)
        found = check(rows, REGISTRY, None, None, None)
        if [row.line for row in rows] != [control.line for control in found]:
            raise ValueError("a row has no verdict")


def account(data: bytes) -> None:
    with contextlib.suppress(InputError):
        parse_subjects(text_of(data), READING)


def challenges(data: bytes) -> None:
    with contextlib.suppress(InputError):
        check_texts(parse_challenges(data, "c"), "c")


def pack(data: bytes) -> None:
    """Read a rule pack and try each of its rules on nothing."""
    with contextlib.suppress(InputError):
        tried_pack(data, "p", "p.toml")


def base64_text(data: bytes) -> None:
    with contextlib.suppress(InvalidProof):
        read = base64text.decode(text_of(data), LIMIT)
        if base64.b64encode(read) != data:
            raise ValueError("two texts for one value")


def compact(data: bytes) -> None:
    with contextlib.suppress(InvalidProof):
        signature = compact_signature.parse(text_of(data))
        compact_signature.recover(signature, bytes(32))
        compact_signature.identity(signature, bytes(32))


def evm_signature(data: bytes) -> None:
    with contextlib.suppress(InvalidProof):
        evm_recovery.recover_address(evm_recovery.parse_signature(text_of(data)), bytes(32))


def multisig_script(data: bytes) -> None:
    with contextlib.suppress(InvalidProof):
        checkmultisig.parse(data)


def _scheme(name: str, chain: str, address: str) -> Callable[[bytes], None]:
    """Make a target of a scheme's signature: what stands before the first NUL is the prefix."""

    def target(data: bytes) -> None:
        prefix, _, body = data.rpartition(b"\0")
        text = text_of(prefix) + base64.b64encode(body).decode()
        with contextlib.suppress(InvalidProof, InconclusiveProof):
            SCHEMES[name].load()(Signing(REGISTRY.chain(chain), (address,), b"Hello World", text))

    return target


SEGWIT = "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l"
"""The address of BIP-322's own examples."""
TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "claims": claims,
    "verdicts": verdicts,
    "account": account,
    "challenges": challenges,
    "pack": pack,
    "base64": base64_text,
    "compact": compact,
    "evm-signature": evm_signature,
    "multisig-script": multisig_script,
    "bip322": _scheme("bip322", "bitcoin", SEGWIT),
    "bip137": _scheme("bip137", "bitcoin", SEGWIT),
    **BINARY_TARGETS,
    **BUNDLE_TARGETS,
}
