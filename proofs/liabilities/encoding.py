"""polv1: the bytes of a commitment to what customers are owed. SHA-256 and HMAC-SHA256, no more.

    T(x)   = SHA256(x) || SHA256(x)                     64 bytes: one block, so its midstate is free
    H(t,m) = SHA256(T(t) || m)                          the tagged hash of BIP-340

    snap   = H("polv1/snapshot", u32(len) || header)    RFC 8785 bytes of the published header
    id32   = H("polv1/id", u32(len) || account || u32(len) || identifier)      UTF-8, NFC
    w_u    = HMAC(master, "polv1/user" || id32)         the customer's key, given to him once
    salt   = HMAC(w_u, "polv1/salt" || snap || u16 asset || u16 split)
    leaf   = H("polv1/leaf", snap || id32 || salt || u16 asset || u16 split || u128 amount), amount
    pad    = a leaf of amount 0 with id32 := HMAC(master, "polv1/pad" || snap || u64 counter)
    node   = H("polv1/node", u8 level || u64 index || Lh || u128 Lv || Rh || u128 Rv), Lv + Rv
    root   = H("polv1/root", snap || u16 asset || u8 height || h || u128 total)
    set    = H("polv1/set", snap || u16 count || root_0 .. root_n-1)

All integers are big-endian and of fixed width. A leaf or node is a record of 48 bytes: hash, then
amount. Leaves are level 0; a node's level and index are its own. Every hash binds both children's
amounts, so that a root binds its total; it binds level, place, asset and snapshot, so that a node
is no leaf, no path is longer or shorter, and trees of two assets or days do not mix.

An amount is 0 to 2^128 - 1 base units of its instrument: a negative one has no encoding. A sum that
leaves that range is refused, never carried.

Chosen: one tree an asset over split balances with plain hashes, which any standard library checks.
Refused: one tree of vectors, whose every path shows another customer's whole portfolio; a node that
hashes the sum alone, under which 70 and 50 are both shown inside a total of 70 (Hu, Zhang and Guo,
IACR 2018/1139); commitments that hide the sums, at thousands of times the cost.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from typing import NewType

from config.errors import InputError

SnapshotHash = NewType("SnapshotHash", bytes)
"""32 bytes that stand for the published header: the pins, the time, the assets, the rules."""
CustomerId = NewType("CustomerId", bytes)
"""32 bytes that stand for an account number and what its customer gave himself."""
CustomerKey = NewType("CustomerKey", bytes)
"""32 bytes that a customer is given once; what he checks his leaves with."""

MAX_AMOUNT = 2**128 - 1
"""The largest amount, and the largest total, in base units."""
MAX_ASSETS = 2**16 - 1
"""Trees of a set: its size is written as u16."""
MAX_SPLITS = 2**16
"""Shares of one balance: a share's number is a u16."""
MAX_HEIGHT = 40
"""Levels above the leaves: 2^40 shares are a thousand for everybody alive in an exchange's wildest
forecast; a proof with more is refused before it is walked."""
MAX_TEXT = 1000
"""Characters of an account number, and of an identifier."""
SIZE = 32
"""Bytes of every hash and key."""
USER, PAD, SALT = b"polv1/user", b"polv1/pad", b"polv1/salt"
"""What the messages of keys, of pads' names and of salts begin with."""
RECORD = 48
"""Bytes of a leaf or node: 32 of hash, 16 of amount."""


def tagged(tag: str) -> bytes:
    """Give `T(tag)`, which stands before the message of every hash with this tag (BIP-340)."""
    digest = hashlib.sha256(tag.encode()).digest()
    return digest + digest


_SNAPSHOT = tagged("polv1/snapshot")
_ID = tagged("polv1/id")
_LEAF = tagged("polv1/leaf")
_NODE = tagged("polv1/node")
_ROOT = tagged("polv1/root")
_SET = tagged("polv1/set")


def snapshot_hash(header: bytes) -> SnapshotHash:
    """Hash the canonical bytes (RFC 8785) of a header."""
    return SnapshotHash(hashlib.sha256(_SNAPSHOT + _counted(header)).digest())


def normalized(text: str) -> str:
    """Give the form in which a customer's text is hashed: NFC (Unicode Annex 15).

    Raises:
        InputError: empty, too long, or not encodable.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InputError("text holds half a character") from error
    if not 0 < len(text) <= MAX_TEXT:
        raise InputError(f"text of {len(text)} characters", f"1 to {MAX_TEXT} are allowed")
    return text


def customer_id(account: str, identifier: str) -> CustomerId:
    """Hash an account number and the identifier that its customer gave himself.

    The identifier binds the leaf to something that the customer knows to be his own: two customers
    cannot be shown one leaf.

    Raises:
        InputError: what `normalized` refuses.
    """
    message = (
        _ID + _counted(normalized(account).encode()) + _counted(normalized(identifier).encode())
    )
    return CustomerId(hashlib.sha256(message).digest())


def customer_key(master: bytes, customer: CustomerId) -> CustomerKey:
    """Derive a customer's key from the master secret of 32 bytes."""
    return CustomerKey(hmac.digest(master, USER + customer, "sha256"))


def pad_id(master: bytes, snapshot: SnapshotHash, counter: int) -> CustomerId:
    """Derive the name under which a pad stands, which is nobody's."""
    message = PAD + snapshot + counter.to_bytes(8, "big")
    return CustomerId(hmac.digest(master, message, "sha256"))


def salt(key: CustomerKey, snapshot: SnapshotHash, asset: int, split: int) -> bytes:
    """Derive the 32 bytes that hide a share, and that say where it stands among the leaves."""
    place = asset.to_bytes(2, "big") + split.to_bytes(2, "big")
    return hmac.digest(key, SALT + snapshot + place, "sha256")


def leaf(snapshot: SnapshotHash, customer: CustomerId, hidden: bytes, place: bytes) -> bytes:
    """Give the record of a share.

    Args:
        snapshot: of the set.
        customer: whose share it is.
        hidden: its salt.
        place: u16 asset, u16 split and u128 amount: 20 bytes.
    """
    message = b"".join((leaf_head(snapshot), customer, hidden, place))
    return hashlib.sha256(message).digest() + place[4:]


def leaf_head(snapshot: SnapshotHash) -> bytes:
    """Give what stands before the customer in every hash of a leaf: the tag and the snapshot."""
    return _LEAF + snapshot


def node(level: int, index: int, children: bytes) -> bytes:
    """Give the record over two records of the level below, which stand side by side in 96 bytes.

    Raises:
        OverflowError: the sum is 2^128 or more.
    """
    head = level.to_bytes(1, "big") + index.to_bytes(8, "big")
    left, right = children[SIZE:RECORD], children[RECORD + SIZE :]
    total = int.from_bytes(left, "big") + int.from_bytes(right, "big")
    return hashlib.sha256(_NODE + head + children).digest() + total.to_bytes(16, "big")


def node_head(level: int) -> bytes:
    """Give what stands before the index in every hash of a level: the tag and the level."""
    return _NODE + level.to_bytes(1, "big")


def root(snapshot: SnapshotHash, asset: int, height: int, top: bytes) -> bytes:
    """Hash a tree's top record with its asset and height: 32 bytes."""
    head = asset.to_bytes(2, "big") + height.to_bytes(1, "big")
    return hashlib.sha256(_ROOT + snapshot + head + top).digest()


def set_hash(snapshot: SnapshotHash, roots: tuple[bytes, ...]) -> bytes:
    """Hash the roots in the order of their assets: the 32 bytes that are published."""
    count = len(roots).to_bytes(2, "big")
    return hashlib.sha256(b"".join((_SET, snapshot, count, *roots))).digest()


def _counted(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
