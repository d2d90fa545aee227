"""A pretended exchange of any size, with its books, whose reckoning closes to the wei.

Of every 60 accounts 48 are derived from three extended keys, 8 lie in four sampling groups, 3 are
forwarders of one of the single keys, and one is a single key with a signature of its own; of the
single keys two in five are mixed, with two rows of allocations.csv each. Besides them there are two
custodians with signed statements, one over a pool, and 200 reconciling items.

Single keys hold nearly everything, as hot and cold wallets do; a deposit address holds little. So
state proofs are asked of the single keys and of a sample. All of it lies on one chain in memory,
whose state is the same at every block, so that a window can be read and nothing moves in it. The
forwarders are clones (EIP-1167) of the contract of `tests.nodes.forwarder`, because the code that
`config/data/forwarders.toml` knows is not in this repository: a row for it is added to the registry
that travels with the bundle and that the verifier has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from attest.challenges import issue, write_challenges
from attest.cli.load import shipped_registry
from attest.inputs import INPUTS, Criteria, registry_of
from attest.keys import load_signing, new_key
from attest.third_party import sign_row
from chains.evm.address import checksummed
from chains.families import ChainAddresses
from config.accounts import parse_accounts
from config.amount import format_decimal
from config.books.cells import Reading
from config.books.custody import parse_custody
from config.declaration import Entity
from config.policy import shipped_pack
from config.times import format_time
from tests.chains.evm.statechain import Sent, State
from tests.examples import wallet
from tests.nodes.forwarder import FORWARDER, clone, digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from attest.keys import SigningKey
    from config.accounts import Accounts
    from config.challenges import Challenges
    from config.registry import Registry

EXTENDED, GROUPS, ITEMS, SAMPLE = 3, 4, 200, 300
NAME = "Bench"
ETHER = 10**18
SMALL, LARGE = ETHER // 1000, 100 * ETHER
"""What a deposit address holds, and a single key; the number of the key is added."""
MOVED = ETHER // 2000
"""What each reconciling item is of."""
PIN, AFTER = 15, 17
"""Height of the pinned block, and of those of withdrawals that the ledger saw before it."""
IMPLEMENTATION = checksummed(keccak256(b"implementation")[12:])
POOL = checksummed(keccak256(b"pool")[12:])
STRANGER = checksummed(keccak256(b"stranger")[12:])
PARENT_CALL = "0x00821de3"
"""Selector of `parentAddress()`."""
FORWARDER_ROW = f"""
[[forwarder]]
name = "bench-forwarder"
form = "eip1167"
code_sha256 = "{digest(FORWARDER)}"
parent_function = "parentAddress()"
source = "tests/nodes/forwarder.py"
checked = "tests/attest/test_forwarders_anvil.py"
"""
DECLARATION = """\
[entity]
name = "Bench"
[attestation]
series = "bench"
network = "test"
as_of = "AS_OF"
window_before = 60
window_after = 24
[inputs]
accounts = "accounts.csv"
claims = "claims.csv"
challenges = "challenges.json"
liabilities = "liabilities.csv"
reconciling = "reconciling.csv"
allocations = "allocations.csv"
custody = "custody.toml"
[sources.anvil]
endpoints = ["http://a", "http://b"]
operators = ["a", "b"]
"""
STATEMENT = """
[[custodian]]
name = "Custodian {at}"
key = "keys/{at}.pub"
[[statement]]
custodian = "Custodian {at}"
account = "client-{at}"
as_of = "{as_of}"
owner = "customer"
method = "cold"
asset = "anvil:eth"
amount = "2500.5"
document = {{ signature = "documents/{at}.dsse.json" }}
"""
STATED = 25005 * ETHER // 10
"""What each custodian states."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How many accounts of each kind an exchange has."""

    accounts: int

    @property
    def singles(self) -> int:
        return self.accounts // 60

    @property
    def mixed(self) -> int:
        return self.singles * 2 // 5

    @property
    def forwarders(self) -> int:
        return self.singles * 3

    @property
    def grouped(self) -> int:
        return self.singles * 8

    @property
    def by_key(self) -> int:
        """Addresses of each extended key."""
        return (self.accounts - self.singles - self.forwarders - self.grouped) // EXTENDED

    @property
    def derived(self) -> int:
        return self.by_key * EXTENDED


@dataclass(frozen=True, slots=True)
class Exchange:
    """Everything that is declared, what the chain holds, and who signs."""

    files: dict[str, bytes]
    """Inputs by their bundle names."""
    state: State
    custodians: tuple[bytes, ...]
    """Public keys, as PEM."""
    signatures: int


@dataclass(slots=True)
class Keys:
    """Keys of single and grouped accounts, by number; addresses in the same order."""

    registry: Registry
    singles: list[str] = field(default_factory=list)
    grouped: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, listed: list[str], count: int) -> None:
        chain = self.registry.chain("anvil")
        for number in range(len(self.numbers), len(self.numbers) + count):
            listed.append(wallet.evm_address(chain, wallet.key(number)))
            self.numbers[listed[-1]] = number


def criteria() -> Criteria:
    """Give what ships, with a row for the forwarders."""
    shipped = dict(shipped_registry())
    shipped["forwarders.toml"] += FORWARDER_ROW.encode()
    return Criteria(tuple(shipped.items()), (("core", shipped_pack("core")),))


def make(accounts: int, as_of: int) -> Exchange:
    """Make an exchange.

    Args:
        accounts: how many; each kind is rounded down.
        as_of: Unix seconds, of the pinned block.
    """
    shape, registry = Shape(accounts), registry_of(criteria())
    keys = Keys(registry)
    keys.add(keys.singles, shape.singles)
    keys.add(keys.grouped, shape.grouped)
    files = {"accounts.csv": _accounts_csv(shape, keys)}
    listed = _parsed(files["accounts.csv"], registry)
    challenges = issue(
        Entity(NAME), listed, "Auditor", (), bytes(32), (as_of - 86_400, as_of + 86_400), SAMPLE
    )
    auditor, *custodians = (_new_key() for _ in range(3))
    state = _state(shape, keys, listed)
    claims, signatures = _claims_csv(keys, challenges)
    files["declaration.toml"] = DECLARATION.replace("AS_OF", format_time(as_of)).encode()
    files["challenges.json"] = write_challenges(challenges, auditor)
    files["claims.csv"] = claims
    files["allocations.csv"] = _allocations_csv(shape, keys, state)
    files["reconciling.csv"] = _reconciling_csv(state)
    files |= _custody_files(as_of, custodians, registry)
    files["liabilities.csv"] = _liabilities_csv(_owed(shape, keys, challenges, state), as_of)
    named = {f"{INPUTS}{name}": data for name, data in files.items()}
    return Exchange(named, state, tuple(one.public.pem for one in custodians), signatures)


def _parsed(data: bytes, registry: Registry) -> Accounts:
    return parse_accounts(data, "accounts.csv", registry, ChainAddresses(), "test")


def _new_key() -> SigningKey:
    return load_signing(new_key("p256", None)[0], "bench", lambda: b"")


def _extended(number: int) -> tuple[str, str]:
    return wallet.extended_key(number, "m/44h/60h/0h", "0488ade4")


def _forwarder(number: int) -> str:
    return checksummed(keccak256(f"forwarder {number}".encode())[12:])


def _table(header: str, rows: Iterable[str]) -> bytes:
    return "\n".join((header, *rows, "")).encode()


def _accounts_csv(shape: Shape, keys: Keys) -> bytes:
    last = shape.by_key - 1
    parents = keys.singles[shape.mixed :]
    owners = ["mixed"] * shape.mixed + ["customer"] * (shape.singles - shape.mixed)
    return _table(
        "account,method,holder,owner,parent,group",
        (
            *(
                f"anvil:{_extended(n)[1]}/0/*?last={last},hot,self,customer,,"
                for n in range(EXTENDED)
            ),
            *(
                f"anvil:{one},cold,self,{owner},,"
                for one, owner in zip(keys.singles, owners, strict=True)
            ),
            *(
                f"anvil:{_forwarder(n)},hot,self,customer,anvil:{parents[n % len(parents)]},"
                for n in range(shape.forwarders)
            ),
            *(
                f"anvil:{one},warm,self,customer,,group-{at % GROUPS}"
                for at, one in enumerate(keys.grouped)
            ),
        ),
    )


def _state(shape: Shape, keys: Keys, listed: Accounts) -> State:
    """Make what the chain holds: balances, the forwarders' code, the items' transactions."""
    single = set(keys.singles)
    addresses = [account.id.rpartition(":")[2] for account in listed.rows]
    balances = {
        one: (LARGE if one in single else SMALL) + number for number, one in enumerate(addresses)
    }
    clones = bytes.fromhex(clone(IMPLEMENTATION)[2:])
    parents = keys.singles[shape.mixed :]
    forwarders = [_forwarder(number) for number in range(shape.forwarders)]
    words = (f"0x{'0' * 24}{one[2:].lower()}" for one in parents)
    by_parent = dict(enumerate(words))
    sent = {}
    for number in range(ITEMS):
        own = parents[number % len(parents)]
        ends = (STRANGER, addresses[number]) if number % 2 else (own, STRANGER)
        height = PIN - number % 5 if number % 2 else AFTER
        sent[f"0x{keccak256(f'item {number}'.encode()).hex()}"] = Sent(height, *ends, MOVED)
    return State(
        {**balances, POOL: 3 * STATED},
        codes={
            **dict.fromkeys(forwarders, clones),
            IMPLEMENTATION: bytes.fromhex(FORWARDER[2:]),
        },
        returned={
            (one, PARENT_CALL): by_parent[number % len(parents)]
            for number, one in enumerate(forwarders)
        },
        sent=sent,
    )


def _claims_csv(keys: Keys, challenges: Challenges) -> tuple[bytes, int]:
    """Sign every issued text whose key is a single or drawn one's, and one of each extended key."""
    chain = keys.registry.chain("anvil")
    rows = []
    for number in range(EXTENDED):
        xprv, xpub = _extended(number)
        account = f"{xpub}/0/*"
        text = challenges.texts[f"{chain.id}:{account}"]
        signature = wallet.sign_eip191(wallet.child_key(xprv, "0/0"), text)
        rows.append(f"anvil:{account},eip191,@challenge,{signature},0/0")
    for address, number in keys.numbers.items():
        issued = challenges.texts.get(f"{chain.id}:{address}")
        if issued is not None:
            signature = wallet.sign_eip191(wallet.key(number), issued)
            rows.append(f"anvil:{address},eip191,@challenge,{signature},")
    return _table("account,scheme,message,signature,signer", rows), len(rows)


def _allocations_csv(shape: Shape, keys: Keys, state: State) -> bytes:
    rows = []
    for address in keys.singles[: shape.mixed]:
        own = format_decimal(state.balances[address] - LARGE // 4, 18)
        rows.append(f"anvil:{address},eth,customer,free,{own}")
        rows.append(f"anvil:{address},eth,house,free,{format_decimal(LARGE // 4, 18)}")
    return _table("account,asset,owner,encumbrance,amount", rows)


def _reconciling_csv(state: State) -> bytes:
    amount = format_decimal(MOVED, 18)
    rows = (
        f"deposit,eth,{amount},{txid},anvil:{one.recipient},"
        if one.sender == STRANGER
        else f"withdrawal,eth,{amount},{txid},anvil:{one.sender},"
        for txid, one in state.sent.items()
    )
    return _table("kind,instrument,amount,txid,account,note", rows)


def _custody_files(
    as_of: int, custodians: list[SigningKey], registry: Registry
) -> dict[str, bytes]:
    """Make custody.toml, the custodians' keys and their signed statements; one names a pool."""
    fill = partial(STATEMENT.format, as_of=format_time(as_of))
    pooled = fill(at=0).replace("document =", f'pool = "anvil:{POOL}"\ndocument =')
    text = (pooled + fill(at=1)).encode()
    rows = parse_custody(text, "custody.toml", Reading(registry, ChainAddresses(), "test"))
    found = {"custody.toml": text}
    for at, (row, key) in enumerate(zip(rows.statements, custodians, strict=True)):
        found[f"keys/{at}.pub"] = key.public.pem
        found[f"documents/{at}.dsse.json"] = sign_row(row, NAME, {}, key)
    return found


def _owed(shape: Shape, keys: Keys, challenges: Challenges, state: State) -> int:
    """Give what is owed if the reckoning closes: what counts, less what the items explain."""
    chain = keys.registry.chain("anvil")
    issued = challenges.texts.keys()
    uncounted = {POOL, *(one for one in keys.grouped if f"{chain.id}:{one}" not in issued)}
    counted = sum(units for one, units in state.balances.items() if one not in uncounted)
    return counted - shape.mixed * (LARGE // 4) + 2 * STATED - ITEMS * MOVED


def _liabilities_csv(owed: int, as_of: int) -> bytes:
    kinds = {"collateral": owed // 20, "pending": owed // 50}
    totals = {"balance": owed - sum(kinds.values()), **kinds, "debt": owed // 30}
    rows = (
        f"eth,{format_decimal(units, 18)},{format_time(as_of)},{kind}"
        for kind, units in totals.items()
    )
    return _table("instrument,amount,as_of,kind", rows)
