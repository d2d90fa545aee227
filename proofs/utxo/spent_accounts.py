"""Which accounts the inputs of a transaction are of, and whether they may be read at all.

A claim over a transaction names its accounts. Each of them must be spent from, and nothing else:
an input of somebody else would make it a joint transaction, which shows less than it seems to.

Accounts are compared by output script. A script that fills no template is refused: it has rules of
its own chain, of which an engine for Bitcoin checks a part, such as a hash and no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.control import InvalidProof
from proofs.utxo.output_script import formats_of, resolve

if TYPE_CHECKING:
    from proofs.control import Signing
    from proofs.utxo.btclib_spend import Paid
    from proofs.utxo.output_script import OutputScript


def accounts_of(signing: Signing) -> tuple[OutputScript, ...]:
    """Give the output scripts of the accounts that a claim names.

    Raises:
        InvalidProof: `scheme_not_for_chain` if a transaction's signatures cannot be checked on this
        chain, or the chain does not know an address's template; `format_not_for_address` for a
        script that fills none; `account_not_covered` if no account is named.
    """
    form = formats_of(signing.chain)
    found = tuple(resolve(signing.chain, address) for address in signing.addresses)
    kinds = {one.kind for one in found}
    if form.signature_hash != "bitcoin":
        raise InvalidProof("scheme_not_for_chain")
    # On a chain without a template's rules, such a script is anyone's to spend.
    if (kinds & {"p2wpkh", "p2wsh"} and form.hrp is None) or ("p2tr" in kinds and not form.taproot):
        raise InvalidProof("scheme_not_for_chain")
    if "other" in kinds:
        raise InvalidProof("format_not_for_address")
    if not found:
        raise InvalidProof("account_not_covered")
    return found


def check_accounts(
    signing: Signing, accounts: tuple[OutputScript, ...], coins: tuple[Paid, ...]
) -> None:
    """Compare what a transaction spends with the accounts that its claim names.

    Raises:
        InvalidProof: `account_not_named` for a coin of another script, `account_not_covered` for an
        account without a coin.
    """
    named, spent = {one.script for one in accounts}, {coin.script for coin in coins}
    for coin in coins:
        signing.show("script spent", coin.script)
    for one in accounts:
        signing.show("script of the account claimed", one.script)
    if spent - named:
        raise InvalidProof("account_not_named")
    if named - spent:
        raise InvalidProof("account_not_covered")
