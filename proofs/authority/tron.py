"""Who may use a Tron account: its permissions, and whether the keys that signed fulfil one.

An address is made from a key, but the account can hand its use to other keys (TIP-16), and then the
first key is nobody. A permission is a list of keys with weights and a threshold.

    owner    may do everything, and change the permissions; without one, the address's own key
    active   may do what its 256 bits allow, one a kind of transaction, lowest bit of a byte first
    witness  produces blocks; plays no part here

The proven keys hold the account if their weights reach the threshold of `owner`; or that of an
`active` permission that moves all that can be held: TRX, TRC-10 tokens, and what contracts hold
(warning `active_permission`, since the owner can take it back). `shared_authority` says that keys
which did not sign would be enough too. Weights count once a key.

Refused: keys that are named nowhere (`key_mismatch`); contracts, which no key controls; answers
about another account, with fields in another form, or with unknown fields in a permission: what is
not understood may be what matters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.tron.address import parse_address
from config.errors import InputError
from proofs.authority import answer as account_answer
from proofs.authority.weighted_keys import WeightedKeys
from proofs.control import InvalidProof, UnprovedClaim

if TYPE_CHECKING:
    from config.registry import Chain
    from proofs.control import Warning_

MAX_KEYS = 64
"""Keys of a permission; the network allows 5 and can vote for more."""
MAX_ACTIVE = 8
MOVES = (1, 2, 31)
"""TransferContract, TransferAssetContract, TriggerSmartContract (java-tron, Tron.proto)."""

_KINDS = ("Normal", "AssetIssue", "Contract")
_FIELDS = {"type", "id", "permission_name", "threshold", "parent_id", "operations", "keys"}
_OPERATIONS = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Permission:
    """Keys that may act together, and for what."""

    keys: WeightedKeys
    moves: bool
    """Whether it moves everything that the account can hold."""


@dataclass(frozen=True, slots=True)
class TronAccount:
    """Who may use an account, as the chain says."""

    address: str
    contract: bool
    owner: Permission
    active: tuple[Permission, ...]


def read_account(text: str, chain: Chain, address: str) -> TronAccount:
    """Read the answer to a question of kind `authority`.

    Args:
        text: the answer's value.
        chain: the account's chain.
        address: the account that was asked for.

    Raises:
        UnprovedClaim: `authority_unknown`.
    """
    try:
        return _account(text, chain, address)
    except InputError as error:
        raise UnprovedClaim("authority_unknown") from error


def judge(account: TronAccount, signers: frozenset[str]) -> tuple[Warning_, ...]:
    """Judge whether the keys that signed hold an account.

    Args:
        account: as the chain says.
        signers: addresses of the keys.

    Raises:
        InvalidProof: `key_mismatch` for a key that the account does not know.
        UnprovedClaim: `authority_not_held`.
    """
    permissions = (account.owner, *account.active)
    known = frozenset[str]().union(*(one.keys.names for one in permissions))
    if signers - known - {account.address}:
        raise InvalidProof("key_mismatch")
    movers = tuple(one.keys for one in permissions if one.moves)
    if account.contract or not any(keys.reached(signers) for keys in movers):
        raise UnprovedClaim("authority_not_held")
    owned = account.owner.keys.reached(signers)
    shared = any(keys.reached(known - signers) for keys in movers)
    return (
        *(() if owned else ("active_permission",)),
        *(("shared_authority",) if shared else ()),
    )


def _account(text: str, chain: Chain, address: str) -> TronAccount:
    found = account_answer.parse(text)
    own = Permission(WeightedKeys(((address, 1),), 1), moves=True)
    if found is None:
        # Nobody has changed the permissions of an account that is not there yet.
        return TronAccount(address, contract=False, owner=own, active=())
    if parse_address(chain, account_answer.text(found, "address")) != address:
        raise InputError("answer about another account")
    # A node leaves out what has its default value.
    kind = found.get("type", "Normal")
    if kind not in _KINDS:
        raise InputError(f"account type {kind!r}, expected one of {_KINDS}")
    active = account_answer.entries(found.get("active_permission", []), 0, MAX_ACTIVE)
    return TronAccount(
        address,
        contract=kind == "Contract",
        owner=(
            _permission(found["owner_permission"], chain, owner=True)
            if "owner_permission" in found
            else own
        ),
        active=tuple(_permission(one, chain, owner=False) for one in active),
    )


def _permission(value: object, chain: Chain, *, owner: bool) -> Permission:
    found = account_answer.fields(value)
    if found.keys() - _FIELDS:
        raise InputError(f"unknown fields in a permission: {sorted(found.keys() - _FIELDS)}")
    entries = account_answer.entries(found.get("keys"), 1, MAX_KEYS)
    keys = tuple(_key(account_answer.fields(entry), chain) for entry in entries)
    return Permission(
        WeightedKeys(keys, account_answer.whole(found, "threshold", 1)),
        moves=owner or _moves(account_answer.text(found, "operations")),
    )


def _key(found: account_answer.Fields, chain: Chain) -> tuple[str, int]:
    if found.keys() != {"address", "weight"}:
        raise InputError("not a key of a permission")
    address = parse_address(chain, account_answer.text(found, "address"))
    return address, account_answer.whole(found, "weight", 1)


def _moves(operations: str) -> bool:
    if _OPERATIONS.fullmatch(operations) is None:
        raise InputError("operations are not 32 bytes of hex")
    allowed = bytes.fromhex(operations)
    return all(allowed[number // 8] >> number % 8 & 1 for number in MOVES)
