"""attest liabilities check: what a customer, or whoever he asks, does with his proof."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads them at run time
from config.errors import InputError, shown

if TYPE_CHECKING:
    from proofs.liabilities.commitment import Commitment, Refused
    from proofs.liabilities.inclusion import Inclusion

PROOF = Annotated[Path, typer.Argument(help="proof.json, as the exchange gave it.")]
PROOFS = Annotated[Path, typer.Argument(help="What `prove --all` wrote: a line each.")]
ACCOUNT = Annotated[str, typer.Option("--account", help="The customer's account number.")]
IDENTIFIER = Annotated[
    str, typer.Option("--identifier", help="What he gave the exchange himself, as it was told him.")
]
CUSTOMER_KEY = Annotated[
    str, typer.Option("--key", metavar="HEX", help="The key that he was given once.")
]
PUBLISHED = Annotated[
    str,
    typer.Option("--set", metavar="HEX", help="The set hash, as published; never from the proof."),
]
BALANCE = Annotated[
    list[str] | None,
    typer.Option(
        "--balance",
        metavar="INSTRUMENT=AMOUNT",
        help="What his own records say, such as btc=0.5. May be repeated.",
    ),
]
NOT_SHOWN = (
    "not shown: that other customers are in it; that debts are real; who holds the coins",
    "shown: the totals are at least the sum of the balances of all customers who checked",
)
_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


def check(
    proof: PROOF,
    account: ACCOUNT,
    identifier: IDENTIFIER,
    key: CUSTOMER_KEY,
    published: PUBLISHED,
    balance: BALANCE = None,
    as_json: JSON = False,
) -> int:
    """Check that a customer is in a published commitment with all that he is owed.

    Exit code 0 if the proof holds, 1 if it does not, 3 if it cannot be read.
    """
    from attest.disk import read_file
    from proofs.liabilities.commitment import Refused
    from proofs.liabilities.encoding import CustomerKey, customer_id
    from proofs.liabilities.inclusion import (
        MAX_PROOF,
        Claimant,
        check_balances,
        read_inclusion,
    )
    from proofs.liabilities.inclusion import check as check_inclusion

    claimant = Claimant(
        customer_id(account, identifier),
        CustomerKey(_hash(key, "--key")),
        _hash(published, "--set"),
    )
    try:
        inclusion = read_inclusion(read_file(proof, MAX_PROOF), proof.name)
        found = check_inclusion(inclusion, claimant)
        check_balances(found, _balances(balance or [], inclusion.commitment))
    except Refused as refused:
        _show_refused(refused, as_json=as_json)
        return 1
    _show(inclusion, found, as_json=as_json)
    return 0


def check_all(file: PROOFS, published: PUBLISHED, as_json: JSON = False) -> int:
    """Check many proofs, each with its customer's own account, identifier and key.

    For an exchange before it hands them out, and for whoever checks those of sampled customers.
    Exit code 0 if all hold, 1 if one does not, 3 if a line cannot be read.
    """
    from attest.cli.console import give, give_json, table
    from attest.liabilities.checking import check_line
    from attest.liabilities.store import read_lines

    wanted, checked, refused = _hash(published, "--set"), 0, []
    for number, line in enumerate(read_lines(file), 1):
        reason = check_line(line, f"{file.name}, line {number}", wanted)
        checked += 1
        if reason is not None:
            refused.append((str(number), *reason))
    if not checked:
        raise InputError(f"{file.name}: no proofs in it")
    if as_json:
        rows = [dict(zip(("line", "reason", "detail"), row, strict=True)) for row in refused]
        give_json({"checked": checked, "refused": rows})
    else:
        if refused:
            table("Refused", ("line", "reason", "detail"), refused)
        give(f"{checked - len(refused)} of {checked} proofs hold")
    return 1 if refused else 0


def _hash(text: str, option: str) -> bytes:
    if not _HEX.fullmatch(text):
        raise InputError(f"{option}: not 64 hex digits: {shown(text)}")
    return bytes.fromhex(text)


def _balances(texts: list[str], commitment: Commitment) -> dict[int, int]:
    """Read `btc=0.5` by the decimals of the commitment; raise InputError."""
    from config.amount import parse_decimal

    trees = {tree.instrument: tree for tree in commitment.trees}
    found: dict[int, int] = {}
    for text in texts:
        name, equals, amount = text.partition("=")
        if not equals or name not in trees:
            hint = f"write one of {', '.join(sorted(trees)[:20])}, = and an amount"
            raise InputError(f"balance not understood: {shown(text)}", hint)
        if trees[name].index in found:
            raise InputError(f"balance given twice: {shown(name)}")
        found[trees[name].index] = parse_decimal(amount, trees[name].decimals)
    return found


def _show(inclusion: Inclusion, found: dict[int, int], *, as_json: bool) -> None:
    from attest.cli.console import give, give_json, table
    from config.amount import format_decimal

    commitment = inclusion.commitment
    rows = [
        (
            tree.instrument,
            format_decimal(found[tree.index], tree.decimals),
            str(sum(share.asset == tree.index for share in inclusion.shares)),
            format_decimal(tree.total, tree.decimals),
        )
        for tree in commitment.trees
        if tree.index in found
    ]
    columns = ("instrument", "balance", "shares", "total")
    if as_json:
        give_json(
            {
                "verdict": "holds",
                "set": commitment.digest.hex(),
                "named": commitment.named,
                "header": commitment.header,
                "balances": [dict(zip(columns, row, strict=True)) for row in rows],
            }
        )
        return
    table("Counted", columns, rows)
    if not commitment.named:
        give("warning: the header does not name the assets, so their names are not bound")
    for line in NOT_SHOWN:
        give(line)
    about = commitment.header.get("asOf")
    give(f"the proof holds{f', as of {about}' if isinstance(about, str) else ''}")


def _show_refused(refused: Refused, *, as_json: bool) -> None:
    from attest.cli.console import give, give_json

    if as_json:
        give_json({"verdict": "refused", "reason": refused.reason, "detail": refused.what})
        return
    give(f"the proof does not hold: {refused.reason}: {refused.what}")
    give("keep the file, and ask the exchange: it must give a proof that holds, or say why not")
