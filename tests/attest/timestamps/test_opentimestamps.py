"""Proofs of a checkpoint: the format's own example, and others over headers mined here."""

from __future__ import annotations

import hashlib
import json
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from opentimestamps.core.notary import (  # type: ignore[import-untyped]
    BitcoinBlockHeaderAttestation,
    LitecoinBlockHeaderAttestation,
    PendingAttestation,
    UnknownAttestation,
)
from opentimestamps.core.op import (  # type: ignore[import-untyped]
    OpAppend,
    OpKECCAK256,
    OpPrepend,
    OpRIPEMD160,
    OpSHA1,
    OpSHA256,
)
from opentimestamps.core.serialize import (  # type: ignore[import-untyped]
    BytesSerializationContext,
)
from opentimestamps.core.timestamp import (  # type: ignore[import-untyped]
    DetachedTimestampFile,
    Timestamp,
)

from attest.errors import InvalidTimestamp
from attest.timestamps.opentimestamps import MAX_PROOF, Anchored, Proof, check_ots
from attest.timestamps.reasons import REASONS
from chains.utxo.history.headers import header_hash
from chains.utxo.history.work import check_header
from config.errors import InputError
from config.registry_files import load_registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.registry import Chain

REGISTRY = load_registry()
BITCOIN, REGTEST = REGISTRY.chain("bitcoin"), REGISTRY.chain("bitcoin-regtest")
VECTOR = json.loads((Path(__file__).parents[2] / "vectors/ots-hello-world.json").read_text())
(HELLO,) = VECTOR["vectors"]
PROOF, HELLO_TEXT = bytes.fromhex(HELLO["proof"]), bytes.fromhex(HELLO["message"])
HEADERS = {HELLO["height"]: bytes.fromhex(HELLO["header"])}
HELLO_PROVED = Proof((Anchored(BITCOIN.id, 358391, HELLO["hash"], 1432827678),), (), (), ())
CHECKPOINT = b"example.org/log\n7\nAAAA\n"
CALENDAR = "https://calendar.example"


def refusal(
    proof: bytes,
    message: bytes = CHECKPOINT,
    headers: Mapping[int, bytes] | None = None,
    chain: Chain = REGTEST,
) -> str:
    with pytest.raises(InvalidTimestamp) as met:
        check_ots(proof, message, headers or {}, chain)
    assert met.value.reason in REASONS
    return met.value.reason


def mine(root: bytes) -> bytes:
    """Make a regtest header over a root."""
    head = (4).to_bytes(4, "little") + bytes(32) + root
    head += (1_700_000_000).to_bytes(4, "little") + bytes.fromhex("ffff7f20")
    assert REGTEST.utxo is not None
    for nonce in count():
        raw = head + nonce.to_bytes(4, "little")
        try:
            check_header(REGTEST.utxo, raw)
        except ValueError:
            continue
        return raw
    raise AssertionError


def written(made: Timestamp, digest: Any = OpSHA256()) -> bytes:  # noqa: ANN401, B008 - of an untyped library, and constant
    context = BytesSerializationContext()
    DetachedTimestampFile(digest, made).serialize(context)
    found: bytes = context.getbytes()
    return found


def started() -> tuple[Timestamp, Timestamp]:
    """Give a proof's beginning, and where its path has led to after some operations."""
    first = Timestamp(hashlib.sha256(CHECKPOINT).digest())
    last = first
    for step in (OpAppend(b"nonce"), OpSHA256(), OpPrepend(b"left"), OpSHA256()):
        last = last.ops.add(step)
    return first, last


def anchored(height: int = 7) -> tuple[bytes, dict[int, bytes]]:
    first, last = started()
    last.attestations.add(BitcoinBlockHeaderAttestation(height))
    return written(first), {height: mine(last.msg)}


def test_the_formats_own_example() -> None:
    assert HELLO_PROVED == check_ots(PROOF, HELLO_TEXT, HEADERS, BITCOIN)


def test_a_proof_made_here() -> None:
    proof, headers = anchored()
    found = check_ots(proof, CHECKPOINT, headers, REGTEST)

    block = Anchored(REGTEST.id, 7, header_hash(headers[7]), 1_700_000_000)
    assert Proof((block,), (), (), ()) == found


def test_without_its_header_it_shows_a_height_alone() -> None:
    assert Proof((), (), (358391,), ()) == check_ots(PROOF, HELLO_TEXT, {}, BITCOIN)


def test_promises_and_strangers_are_named() -> None:
    first, last = started()
    last.attestations |= {
        PendingAttestation(CALENDAR),
        LitecoinBlockHeaderAttestation(7),
        UnknownAttestation(b"8 bytes!", b"whatever"),
    }
    found = check_ots(written(first), CHECKPOINT, {7: mine(last.msg)}, REGTEST)

    assert Proof((), (CALENDAR,), (), ("06869a0d73d71b45", b"8 bytes!".hex())) == found


def test_two_blocks_and_a_promise() -> None:
    first, last = started()
    other = last.ops.add(OpSHA256())
    first.attestations.add(PendingAttestation(CALENDAR))
    last.attestations |= {BitcoinBlockHeaderAttestation(9), BitcoinBlockHeaderAttestation(11)}
    other.attestations.add(BitcoinBlockHeaderAttestation(8))
    headers = {9: mine(last.msg), 8: mine(other.msg)}
    found = check_ots(written(first), CHECKPOINT, headers, REGTEST)

    assert [8, 9] == [block.height for block in found.anchored]
    assert ((CALENDAR,), (11,)) == (found.pending, found.unchecked)


def test_two_paths_to_one_height_of_which_one_is_false() -> None:
    first, last = started()
    other = last.ops.add(OpSHA256())
    for end in (last, other):
        end.attestations.add(BitcoinBlockHeaderAttestation(7))

    assert "ots_other_block" == refusal(written(first), headers={7: mine(last.msg)})


def test_other_bytes() -> None:
    assert "ots_of_other_bytes" == refusal(PROOF, HELLO_TEXT + b"\n", HEADERS, BITCOIN)


def test_another_blocks_header() -> None:
    proof, _ = anchored()
    first = json.loads(
        (Path(__file__).parents[2] / "vectors/utxo-headers-bitcoin-100000.json").read_text()
    )["vectors"][0]

    assert "ots_other_block" == refusal(proof, headers={7: mine(bytes(32))})
    assert "ots_other_block" == refusal(PROOF, HELLO_TEXT, {358391: bytes.fromhex(first)}, BITCOIN)


@pytest.mark.parametrize("at", range(0, 80, 5))
def test_a_changed_header(at: int) -> None:
    raw = bytearray(HEADERS[358391])
    raw[at] ^= 1

    assert "ots_header_invalid" == refusal(PROOF, HELLO_TEXT, {358391: bytes(raw)}, BITCOIN)


def test_a_header_of_too_little_work_or_length() -> None:
    proof, headers = anchored()
    for raw in (headers[7], headers[7][:-1], headers[7] + b"\0", b""):
        assert "ots_header_invalid" == refusal(proof, headers={7: raw}, chain=BITCOIN)


def test_a_chain_without_such_headers() -> None:
    proof, headers = anchored()
    with pytest.raises(InputError, match="not 'utxo'"):
        check_ots(proof, CHECKPOINT, headers, REGISTRY.chain("ethereum"))


def test_every_prefix_and_anything_behind() -> None:
    met = {refusal(PROOF[:end], HELLO_TEXT, HEADERS, BITCOIN) for end in range(len(PROOF))}

    assert {"malformed_ots"} == met
    assert "malformed_ots" == refusal(PROOF + b"\0", HELLO_TEXT, HEADERS, BITCOIN)


def test_no_changed_byte_gives_another_block() -> None:
    """What is taken all the same says the same, or shows no block at all."""
    same: set[int] = set()
    nothing: set[int] = set()
    for at in range(len(PROOF)):
        for change in (0x01, 0x10, 0x80, 0xFF):
            proof = PROOF[:at] + bytes((PROOF[at] ^ change,)) + PROOF[at + 1 :]
            try:
                found = check_ots(proof, HELLO_TEXT, HEADERS, BITCOIN)
            except InvalidTimestamp:
                continue
            assert found.anchored in {HELLO_PROVED.anchored, ()}
            (same if found.anchored else nothing).add(at)

    # A node that is joined to itself, as blocks do at an odd end of a level: on which side it is
    # put makes no difference.
    assert {603} == same
    # The tag of the attestation, which is then of another kind, and the height, of which no header
    # was given.
    assert {*range(676, 684), *range(685, 688)} == nothing


@pytest.mark.parametrize("digest", [OpSHA1(), OpRIPEMD160(), OpKECCAK256()], ids=str)
def test_other_digests_of_the_file(digest: Any) -> None:  # noqa: ANN401 - of an untyped library
    made = Timestamp(digest(CHECKPOINT))
    made.attestations.add(BitcoinBlockHeaderAttestation(7))

    assert "malformed_ots" == refusal(written(made, digest))


def test_hostile_sizes() -> None:
    head = PROOF[:65]
    deep = head + b"\x08" * 300 + PROOF[-14:]
    wide = head + b"\xff\x08\x00" * 200
    number = head + b"\x00" + bytes.fromhex("0588960d73d71901") + b"\xff\x1f" + b"\xff" * 4094
    high = head + b"\x00" + bytes.fromhex("0588960d73d71901") + b"\x05" + b"\xff\xff\xff\xff\x7f"
    endless = PROOF[:31] + b"\xff" * (MAX_PROOF - 31)
    for proof in (deep, wide, number, high, endless):
        assert "malformed_ots" == refusal(proof, HELLO_TEXT)


def test_a_proof_that_is_too_large() -> None:
    with pytest.raises(InvalidTimestamp, match=f"the limit is {MAX_PROOF}"):
        check_ots(bytes(MAX_PROOF + 1), HELLO_TEXT, HEADERS, BITCOIN)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentimestamps.core.op", None)
    with pytest.raises(InputError, match="need the extra `ots`"):
        check_ots(PROOF, HELLO_TEXT, HEADERS, BITCOIN)
