"""OpenTimestamps proofs of a log checkpoint, against block headers. The one adapter; extra `ots`.

    .ots    magic, version 1, 08 (sha256), digest of the file, then operations that end in
            attestations: a calendar that promises one, or the height of a Bitcoin block

Following the operations from the checkpoint's digest must end in the Merkle root of the block's
header. The header's own hash must be below its own target, and that within the chain's limit. So
the proof says: the checkpoint was there when this header was made. What the header is worth is not
decided here: whoever calls compares its hash and height with a node, or says that it was only
carried along. Eighty bytes alone show work at their own target, which a forger may state as low as
the chain's first block had it.

A block's time is its miner's clock: nodes take it up to two hours ahead of theirs.

Attestations that are not of Bitcoin are named and count for nothing; what only promises one is
`pending`. SHA-1 and RIPEMD-160 steps inside a proof stand, as the format has them: backdating by
them takes a second preimage, which a collision does not give. The file's own digest must be
SHA-256.

The library is LGPL, hence an extra, and is imported when the first proof is checked.

Source: python-opentimestamps, opentimestamps/core (the format has no other specification).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.errors import InvalidTimestamp
from chains.utxo.history.headers import header_hash, read_header
from chains.utxo.history.work import check_header
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.caip import ChainId
    from config.registry import Chain

MAX_PROOF = 32 * 1024
"""A proof through four calendars is 3 KiB. Each byte may be a step over 4 KiB."""
MAX_HEIGHT = 100_000_000
"""Two thousand years of blocks."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """A block whose header the proof leads to."""

    chain: ChainId
    height: int
    """As the proof states it: nothing in a header says its height."""
    hash: str
    """Of the header, in display order."""
    time: int
    """Unix seconds, by the miner's clock."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof shows."""

    anchored: tuple[Anchored, ...]
    """By height."""
    pending: tuple[str, ...]
    """Calendars that promise a block, as their URLs."""
    unchecked: tuple[int, ...]
    """Heights that it leads to, of which no header was given."""
    ignored: tuple[str, ...]
    """Attestations of a kind that is not looked at: tags in hex."""


def check_ots(proof: bytes, message: bytes, headers: Mapping[int, bytes], chain: Chain) -> Proof:
    """Check a proof of a message against block headers.

    Args:
        proof: the `.ots` file.
        message: the checkpoint's bytes.
        headers: 80 bytes each, by height.
        chain: whose headers they are: Bitcoin, or its regtest.

    Returns:
        What it shows; without a header that fits it shows nothing but promises.

    Raises:
        InvalidTimestamp: malformed, of other bytes, a bad header, or one of another block.
        InputError: the extra is not installed.
    """
    ends = _read(proof, hashlib.sha256(message).digest())
    blocks = {(one.height, one.reached) for one in ends if one.height is not None}
    known = sorted(block for block in blocks if block[0] in headers)
    return Proof(
        anchored=tuple(_anchor(reached, at, headers[at], chain) for at, reached in known),
        pending=tuple(sorted({one.calendar for one in ends} - {""})),
        unchecked=tuple(sorted({height for height, _ in blocks} - headers.keys())),
        ignored=tuple(sorted({one.unknown for one in ends} - {""})),
    )


@dataclass(frozen=True, slots=True)
class _End:
    """Where operations end: one of the three."""

    reached: bytes
    height: int | None = None
    calendar: str = ""
    unknown: str = ""


def _read(proof: bytes, digest: bytes) -> tuple[_End, ...]:
    """Follow a proof of a digest to its ends."""
    try:
        from opentimestamps.core.op import OpSHA256  # type: ignore[import-untyped]
        from opentimestamps.core.serialize import (  # type: ignore[import-untyped]
            BytesDeserializationContext,
            DeserializationError,
        )
        from opentimestamps.core.timestamp import (  # type: ignore[import-untyped]
            DetachedTimestampFile,
        )
    except ImportError as error:
        hint = "pip install 'custody-attest[ots]'"
        raise InputError("OpenTimestamps proofs need the extra `ots`", hint) from error
    if len(proof) > MAX_PROOF:
        raise _malformed(f"{len(proof)} bytes, the limit is {MAX_PROOF}")
    try:
        file = DetachedTimestampFile.deserialize(BytesDeserializationContext(proof))
    except (DeserializationError, ValueError) as error:
        raise _malformed("bytes that are no proof") from error
    if not isinstance(file.file_hash_op, OpSHA256):
        raise _malformed(f"digest of the file is {file.file_hash_op.TAG_NAME}, expected sha256")
    if file.file_digest != digest:
        what = f"proof is of {file.file_digest.hex()}, the checkpoint is {digest.hex()}"
        raise InvalidTimestamp("ots_of_other_bytes", what)
    return tuple(_end(*one) for one in file.timestamp.all_attestations())


def _end(reached: bytes, attestation: object) -> _End:
    from opentimestamps.core.notary import (  # type: ignore[import-untyped]
        BitcoinBlockHeaderAttestation,
        PendingAttestation,
        TimeAttestation,
    )

    match attestation:
        case PendingAttestation(uri=str(calendar)):
            return _End(reached, calendar=calendar)
        case BitcoinBlockHeaderAttestation(height=int(height)) if height <= MAX_HEIGHT:
            return _End(reached, height=height)
        case TimeAttestation(TAG=bytes(tag)) if tag != BitcoinBlockHeaderAttestation.TAG:
            return _End(reached, unknown=tag.hex())
        case _:
            raise _malformed(f"height over {MAX_HEIGHT}")


def _anchor(reached: bytes, height: int, raw: bytes, chain: Chain) -> Anchored:
    if chain.utxo is None:
        raise InputError(f"{chain.name} is a chain of family {chain.family!r}, not 'utxo'")
    try:
        header = read_header(raw)
        check_header(chain.utxo, raw)
    except ValueError as error:
        what = f"header {height} of {chain.name}: {error}"
        raise InvalidTimestamp("ots_header_invalid", what) from error
    root = reached[::-1].hex()
    if root != header.root:
        what = f"proof leads to root {root} at {height}, header {header.root}"
        raise InvalidTimestamp("ots_other_block", what)
    return Anchored(chain.id, height, header_hash(raw), header.time)


def _malformed(what: str) -> InvalidTimestamp:
    return InvalidTimestamp("malformed_ots", f"OpenTimestamps proof: {what}")
