"""Signed Ethereum transactions: sender, chain, data, and what is refused."""

from __future__ import annotations

import pytest
import rlp  # type: ignore[import-untyped]
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_hash.backends.pysha3 import keccak256
from hexbytes import HexBytes
from hypothesis import given
from hypothesis import strategies as st

from proofs.control import InvalidProof
from proofs.evm.transaction import MAX_BYTES, parse_transaction
from proofs.key_recovery import ORDER
from tests.proofs.evm.transfers import CHAIN_ID, KINDS, OTHER, SENDER, fields, signed

DATA = b"some text"


def refusal(raw: bytes) -> str:
    try:
        parse_transaction(raw)
    except InvalidProof as refused:
        return refused.reason
    return "read"


def split(raw: bytes) -> tuple[bytes, list[object]]:
    """Cut with another decoder."""
    head = b"" if raw[0] >= 0xC0 else raw[:1]
    return head, list(rlp.decode(raw[len(head) :]))


def joined(head: bytes, items: list[object]) -> bytes:
    return head + bytes(rlp.encode(items))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chain_id", [CHAIN_ID, 31337, 2**40])
def test_every_kind_is_read_as_eth_account_reads_it(kind: str, chain_id: int) -> None:
    raw = signed(kind, DATA, chain_id=chain_id, to=OTHER)
    tx = parse_transaction(raw)

    assert Account.recover_transaction(raw).lower() == f"0x{tx.sender.hex()}"
    assert (tx.chain_id, tx.data, tx.recipient) == (chain_id, DATA, bytes.fromhex(OTHER[2:]))
    assert tx.txid == f"0x{keccak256(raw).hex()}"
    if kind != "legacy":
        unsigned = TypedTransaction.from_dict(fields(kind, DATA, chain_id, OTHER))
        assert HexBytes(unsigned.hash()) == tx.digest


@pytest.mark.parametrize("kind", KINDS)
def test_no_byte_can_be_changed_cut_or_added(kind: str) -> None:
    raw = signed(kind, DATA)
    right = parse_transaction(raw)
    for at in range(len(raw)):
        assert refusal(raw[:at]) != "read"
        changed = raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]
        try:
            other = parse_transaction(changed)
        except InvalidProof:
            continue
        assert other.sender != right.sender
        assert other.txid != right.txid
    assert refusal(raw + b"\x00") == "malformed_signature"


@pytest.mark.parametrize("kind", KINDS)
def test_the_high_s_is_refused(kind: str) -> None:
    head, items = split(signed(kind, DATA))
    s = ORDER - int.from_bytes(items[-1], "big")  # type: ignore[arg-type]
    items[-1] = s.to_bytes(32, "big")
    assert refusal(joined(head, items)) == "high_s"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [-1, -2])
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "signature_invalid"),
        (ORDER.to_bytes(32, "big"), "signature_invalid"),
        (b"\x00" + b"\x01" * 31, "malformed_signature"),
        (b"\x01" * 33, "malformed_signature"),
        ([], "malformed_signature"),
    ],
)
def test_scalars_are_in_range_and_in_one_form(
    kind: str, at: int, value: object, reason: str
) -> None:
    head, items = split(signed(kind, DATA))
    items[at] = value
    assert refusal(joined(head, items)) == reason


def test_a_legacy_transaction_without_a_chain_is_refused() -> None:
    head, items = split(signed("legacy", DATA))
    for v in (27, 28):
        items[-3] = bytes((v,))
        assert refusal(joined(head, items)) == "wrong_chain"
    for v in (0, 1, 26, 29, 34):
        items[-3] = bytes((v,)) if v else b""
        assert refusal(joined(head, items)) == "malformed_signature"


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_parity_is_zero_or_one(kind: str) -> None:
    head, items = split(signed(kind, DATA))
    items[-3] = b"\x02"
    assert refusal(joined(head, items)) == "malformed_signature"


@pytest.mark.parametrize("kind", KINDS)
def test_items_are_counted(kind: str) -> None:
    head, items = split(signed(kind, DATA))
    assert refusal(joined(head, items[:-1])) == "malformed_signature"
    assert refusal(joined(head, [*items, b""])) == "malformed_signature"
    assert refusal(joined(b"\x05", items)) == "malformed_signature"


def test_creation_and_recipients_of_another_size_are_refused() -> None:
    head, items = split(signed("1559", DATA))
    for to, reason in ((b"", "rule_violated"), (b"\x01" * 19, "malformed_signature")):
        items[5] = to
        assert refusal(joined(head, items)) == reason


def test_a_blob_transaction_with_its_blobs_is_refused() -> None:
    _, items = split(signed("4844", DATA))
    assert refusal(joined(b"\x03", [items, [], [], []])) == "malformed_signature"


def test_sizes_are_bounded() -> None:
    assert refusal(b"") == refusal(b"\xc0") == "malformed_signature"
    assert refusal(signed("1559", bytes(MAX_BYTES))) == "malformed_signature"
    # Lists in lists are not followed, however deep they are.
    head, items = split(signed("1559", DATA))
    nest = b"\xc0"
    for _ in range(30_000):
        nest = (bytes((0xC0 + len(nest),)) if len(nest) < 56 else _long(len(nest))) + nest
    raw = joined(head, [*items[:8], b"", *items[9:]])
    assert refusal(raw[:1] + nest) == "malformed_signature"


def _long(size: int) -> bytes:
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0xF7 + len(length),)) + length


@given(st.binary(max_size=300))
def test_only_our_refusals_come_out(data: bytes) -> None:
    for raw in (data, b"\x02" + data, b"\xf8" + data, signed("1559", DATA)[: len(data)] + data):
        assert refusal(raw)


def test_a_name_is_the_same_for_one_signature() -> None:
    names = {parse_transaction(signed(kind, DATA)).name for kind in KINDS}
    assert len(names) == len(KINDS)
    assert parse_transaction(signed("1559", DATA)).name in names
    assert parse_transaction(signed("1559", DATA)).sender == bytes.fromhex(SENDER[2:])
