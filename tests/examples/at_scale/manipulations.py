"""What somebody might change in the example's files, each as a function of the files.

Some are lies that help; some are what a bookkeeper does without meaning anything. Of each,
`tests.examples.test_manipulations` says what comes.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from attest.challenges import issue, write_challenges
from attest.inputs import DECLARATION, INPUTS
from attest.stating import read_stated, signable
from attest.third_party import sign_row
from chains.families import ChainAddresses
from config.accounts import parse_accounts
from config.books.assets import parse_own_assets, with_own_assets
from config.books.cells import Reading
from config.challenges import parse_challenges
from config.declaration import Entity
from config.times import format_time, parse_time
from tests.examples import wallet
from tests.examples.at_scale.altering import (
    ACCOUNTS,
    ALLOCATIONS,
    ASSETS,
    CHALLENGES,
    CLAIMS,
    CUSTODY,
    LIABILITIES,
    RECONCILING,
    RESERVES,
    Files,
    Row,
    Rows,
    edited,
    is_row,
    of,
    rows_of,
    set_cells,
    swapped,
    text_of,
    with_text,
    without,
    without_table,
)
from tests.examples.at_scale.papers import POOLING, TRUST
from tests.examples.at_scale.proving import ENTITY, key_of
from tests.examples.at_scale.wallets import DEBT, EVM, GP, POOL, REGISTRY, by_label, wallets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.challenges import Challenges

MONTH = 30 * 86_400
SAMPLE = 20
HOT = ("hot 1", "hot 2")

# Accounts.


def hot_called_warm(files: Files) -> Files:
    """Call the hot wallets warm."""
    return set_cells(files, ACCOUNTS, lambda row: row["label"] in HOT, method="warm")


def hot_called_cold(files: Files) -> Files:
    """Call the hot wallets cold."""
    return set_cells(files, ACCOUNTS, lambda row: row["label"] in HOT, method="cold")


def account_twice(files: Files) -> Files:
    """Declare a cold wallet a second time, in lower case."""

    def edit(rows: Rows) -> Rows:
        (one,) = filter(of("cold 3"), rows)
        return [*rows, {**one, "account": one["account"].lower()}]

    return edited(files, ACCOUNTS, edit)


def reserve_called_customers(files: Files) -> Files:
    """Call the reserve's wallet a customers' one."""
    return set_cells(files, ACCOUNTS, of("reserve"), owner="customer")


def witnessed_called_customers(files: Files) -> Files:
    """Call the wallet that only a witness speaks for a customers' one."""
    return set_cells(files, ACCOUNTS, of("guarantee"), owner="customer")


def other_parent(files: Files) -> Files:
    """Declare another parent of one deposit contract."""
    first = next(one for one in wallets() if one.parent)
    chosen = is_row(account=first.account)
    return set_cells(files, ACCOUNTS, chosen, parent=by_label("hot 2").account)


def pool_declared(files: Files) -> Files:
    """Declare the custodian's pool as an account of one's own; texts are issued again for it."""
    return reissued(pool_declared_unsigned(files))


def pool_declared_unsigned(files: Files) -> Files:
    """The same, with the texts that were issued for the list as it was."""
    row = {"account": f"anvil:{POOL}", "method": "cold", "holder": "self", "owner": "customer"}
    return edited(files, ACCOUNTS, lambda rows: [*rows, {**row, "assets": "usdc"}])


# Claims.


def claim_gone(files: Files) -> Files:
    """Leave out the claim of one drawn account of the group."""
    return without(files, CLAIMS, is_row(account=drawn_account(files)))


def claim_failing(files: Files) -> Files:
    """Change a digit of the signature of one drawn account of the group."""
    account = drawn_account(files)

    (true,) = (row["signature"] for row in rows_of(files, CLAIMS) if row["account"] == account)
    forged = f"{true[:10]}{1 + (true[10] == '1')}{true[11:]}"
    return set_cells(files, CLAIMS, is_row(account=account), signature=forged)


def drawn_account(files: Mapping[str, bytes]) -> str:
    """Give the first claimed account of the group."""
    group = {one.account for one in wallets() if one.group}
    claimed = [row["account"] for row in rows_of(files, CLAIMS)]
    return next(one for one in claimed if one in group)


def claim_backdated(files: Files) -> Files:
    """Say that a claim was received before its text was issued."""
    issued = parse_time(_issued(files).issuedAt)
    received = format_time(issued - 86_400)
    return set_cells(files, CLAIMS, of("cold 3"), received_at=received)


def transfer_unclaimed(files: Files) -> Files:
    """Prove the wallet that sent a text by a signature, and leave its transaction unmentioned."""
    one = by_label("cold transfer")
    text = _issued(files).texts[f"{EVM.id}:{one.address}"]
    signature = wallet.sign_eip191(wallet.key(one.number), text)
    return set_cells(files, CLAIMS, of(one.label), scheme="eip191", signature=signature)


def carried_left_out(files: Files) -> Files:
    """Leave out the earlier statement, whose proof is of where coins were on their way."""
    text = files[DECLARATION].decode()
    cut = re.sub(r'\[\[carried\]\]\nfolder = "[^"]*"\n', "", text)
    return {**files, DECLARATION: cut.encode()}


def _issued(files: Mapping[str, bytes]) -> Challenges:
    return parse_challenges(files[INPUTS + CHALLENGES], CHALLENGES)


def reissued(files: Files) -> Files:
    """Issue the texts again for a changed list, with the same nonce, and sign what is new."""
    before, addresses = _issued(files), ChainAddresses()
    reading = Reading(REGISTRY, addresses, "test")
    own = parse_own_assets(files[INPUTS + ASSETS], ASSETS, reading)
    registry = with_own_assets(REGISTRY, own)
    data = files[INPUTS + ACCOUNTS]
    accounts = parse_accounts(data, ACCOUNTS, registry, addresses, "test")
    window = (parse_time(before.issuedAt), parse_time(before.expiresAt))
    entity = Entity(ENTITY)
    nonce = bytes.fromhex(before.nonce)
    after = issue(entity, accounts, before.issuer, before.anchors, nonce, window, SAMPLE)
    changed = {**files, INPUTS + CHALLENGES: write_challenges(after, None)}
    group = {one.account: one for one in wallets() if one.group}

    rows: Rows = [
        {"account": account, "scheme": "eip191", "message": "@challenge", "signature": signature}
        for account, one in group.items()
        if (text := after.texts.get(f"{EVM.id}:{one.address}")) is not None
        for signature in (wallet.sign_eip191(wallet.key(one.number), text),)
    ]
    others = [row for row in rows_of(files, CLAIMS) if row["account"] not in group]
    return edited(changed, CLAIMS, lambda _: [*others, *rows])


# Allocations.

MIXED = "mixed 1"


def _part(label: str, owner: str, asset: str, tie: str = "free") -> Row:
    account = by_label(label).account
    return {"account": account, "asset": asset, "owner": owner, "encumbrance": tie}


def allocation_raised(files: Files) -> Files:
    """Give customers one token more of a mixed wallet than there is."""
    chosen = is_row(**_part(MIXED, "customer", "usdt"))
    return set_cells(files, ALLOCATIONS, chosen, amount="70001")


def houses_part_given_away(files: Files) -> Files:
    """Give the house's part of a mixed wallet to customers, encumbered so that rows differ."""
    chosen = is_row(**_part(MIXED, "house", "usdt"))
    return set_cells(files, ALLOCATIONS, chosen, owner="customer", encumbrance="locked")


def whole_wallet_given_away(files: Files) -> Files:
    """Give what is pledged of the house's own wallet to customers."""
    return set_cells(files, ALLOCATIONS, of("pledged"), owner="customer")


def houses_part_left_out(files: Files) -> Files:
    """Leave out the house's part of a mixed wallet."""
    return without(files, ALLOCATIONS, is_row(**_part(MIXED, "house", "usdt")))


def staked_part_left_out(files: Files) -> Files:
    """Leave out what is staked, so that the rest looks free."""
    return without(files, ALLOCATIONS, is_row(**_part("staking", "customer", "eth", "staked")))


def part_split(files: Files) -> Files:
    """Write what is staked as two rows, the second of which ends a day later."""
    chosen = is_row(**_part("staking", "customer", "eth", "staked"))

    def edit(rows: Rows) -> Rows:
        found: Rows = []
        for row in rows:
            if chosen(row):
                half = str(Decimal(row["amount"]) / 2)
                later = format_time(parse_time(row["until"]) + 86_400)
                found += [row | {"amount": half}, row | {"amount": half, "until": later}]
            else:
                found.append(row)
        return found

    return edited(files, ALLOCATIONS, edit)


def rows_reordered(files: Files) -> Files:
    """Write the rows of the ledger's tables in the opposite order."""
    for name in (ALLOCATIONS, LIABILITIES, RECONCILING, CLAIMS):
        files = edited(files, name, lambda rows: rows[::-1])
    return files


# Debts, and the ledger.


def borrowing_left_out(files: Files) -> Files:
    """Leave out what the books say is borrowed."""
    return without_table(files, RESERVES, "borrowing", "Example Lending")


def debt_token_left_out(files: Files) -> Files:
    """Leave out the debt token, and its name at the wallet that holds it."""
    files = without_table(files, ASSETS, "asset", DEBT)
    return set_cells(files, ACCOUNTS, of("house debt"), assets="eth")


def debt_hidden(files: Files) -> Files:
    """Leave out both."""
    return borrowing_left_out(debt_token_left_out(files))


def _owed_more(files: Files, instrument: str, amount: str) -> Files:
    chosen = is_row(instrument=instrument, kind="balance")
    (row,) = filter(chosen, rows_of(files, LIABILITIES))
    more = str(Decimal(row["amount"]) + Decimal(amount))
    return set_cells(files, LIABILITIES, chosen, amount=more)


def customers_debt_netted(files: Files) -> Files:
    """Take what customers owe off what they are owed."""
    files = without(files, LIABILITIES, is_row(instrument="usdt", kind="debt"))
    return _owed_more(files, "usdt", "-15000")


def collateral_left_out(files: Files) -> Files:
    """Leave out what customers gave as collateral."""
    return without(files, LIABILITIES, is_row(instrument="eth", kind="collateral"))


def instrument_left_out(files: Files) -> Files:
    """Take one instrument out of the ledger, as if nobody had ever held it."""
    return without(files, LIABILITIES, is_row(instrument="usdc"))


def token_moved_out(files: Files) -> Files:
    """Take a token out of the comparison."""
    text = text_of(files, ASSETS)
    more = '\n[[out]]\ninstrument = "usdc"\nreason = "of no importance"\n'
    return with_text(files, ASSETS, f"{text}{more}")


# Custodians.


def custodians_amount_swapped(files: Files) -> Files:
    """Write a larger amount than the custodian signed."""
    return swapped(files, CUSTODY, 'amount = "12000"', 'amount = "13000"')


def pool_claimed_twice(files: Files) -> Files:
    """Name the pool in another custodian's statement, for all that lies there."""
    more = (
        f'\n[[statement]]\ncustodian = "{TRUST}"\naccount = "segregated 5"\n'
        f'as_of = "{_as_of(files)}"\nowner = "customer"\nmethod = "cold"\n'
        f'asset = "anvil:usdc"\namount = "480000"\npool = "anvil:{POOL}"\n'
    )
    return with_text(files, CUSTODY, f"{text_of(files, CUSTODY)}{more}")


def statement_of_last_month(files: Files) -> Files:
    """Show what a custodian signed a month ago."""
    return _statement_of(files, parse_time(_as_of(files)) - MONTH)


def statement_redated(files: Files) -> Files:
    """Date what a custodian signed a month ago as of now."""
    old = statement_of_last_month(files)
    return {**old, INPUTS + CUSTODY: files[INPUTS + CUSTODY]}


def _statement_of(files: Files, time: int) -> Files:
    """Let a custodian sign its statement as of another time."""
    head, name, rest = text_of(files, CUSTODY).rpartition(f'custodian = "{POOLING}"')
    changed = rest.replace(_as_of(files), format_time(time), 1)
    files = with_text(files, CUSTODY, f"{head}{name}{changed}")
    reading = Reading(REGISTRY, ChainAddresses(), "test")
    stated = read_stated(files[INPUTS + CUSTODY], CUSTODY, reading)
    ((path, row),) = signable(stated, POOLING)
    documents = {name.removeprefix(INPUTS): data for name, data in files.items()}
    return {**files, INPUTS + path: sign_row(row, ENTITY, documents, key_of(POOLING))}


def _as_of(files: Mapping[str, bytes]) -> str:
    return rows_of(files, LIABILITIES)[0]["as_of"]


# Own assets.


def decimals_changed(files: Files) -> Files:
    """Give the own token a digit less than its contract has."""
    return swapped(files, ASSETS, "decimals = 18", "decimals = 17")


def contract_replaced(files: Files) -> Files:
    """Let another contract be the own token."""
    return swapped(files, ASSETS, GP, wallets()[0].held[5][0])


# Reconciling items.


def _item(note: str, number: int, files: Files) -> Row:
    rows = [row for row in rows_of(files, RECONCILING) if row["kind"] == note]
    return rows[number]


def item_doubled(files: Files) -> Files:
    """State an item twice."""
    again = _item("transfer", 0, files)
    return edited(files, RECONCILING, lambda rows: [*rows, again])


def item_doubled_elsewhere(files: Files) -> Files:
    """State a transfer twice, the second time as one to another wallet."""
    again = _item("transfer", 0, files) | {"account": by_label("cold 2").account}
    return edited(files, RECONCILING, lambda rows: [*rows, again])


def false_item_raised(files: Files) -> Files:
    """Make a withdrawal larger that was mined long before."""
    (false,) = (
        row
        for row in rows_of(files, RECONCILING)
        if row["amount"] == "0.5" and "eth" in row["instrument"]
    )
    return set_cells(files, RECONCILING, is_row(txid=false["txid"]), amount="50")


def transfer_raised(files: Files) -> Files:
    """Make a transfer larger than it was."""
    one = _item("transfer", 0, files)
    return set_cells(files, RECONCILING, is_row(txid=one["txid"]), amount="20")


def deposit_left_out(files: Files) -> Files:
    """Leave out a deposit that is mined and not credited yet."""
    one = _item("deposit", 0, files)
    return without(files, RECONCILING, is_row(txid=one["txid"]))


def gap_filled_by_a_stranger(files: Files) -> Files:
    """Be short by what the transfer by way of a stranger would explain."""
    return _owed_more(files, "eth", "1")
