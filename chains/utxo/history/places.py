"""Where a transaction lies that no planned account's history places at or below the pin. Pure.

It may touch no planned account, or be mined above the pin. A server says of it a height and a
branch, and neither is believed: the branch must lead to the root of the header at that height, and
that header must be in one linked run with the pin.

    lowest place .. pin .. top .. highest place        every header names the one before it

Below the pin the pin's hash stands for every header of the run. Above it nothing does but work:
targets and hashes are checked as they are of every run (`chains.utxo.history.work`). All places of
a server are in one run, so that it is checked once; a server that gives a height which does not
exist loses its word on all of them, and could as well have said nothing.

Not heard: what a server has in its mempool. That a transaction is in no block cannot be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.quorum import MALFORMED, Vote
from chains.utxo.history.asking import silent
from chains.utxo.history.merkle import merkle_root
from chains.utxo.history.reach import anchor_of
from chains.utxo.history.voice import TOO_LARGE
from chains.utxo.history.work import check_work

if TYPE_CHECKING:
    from chains.index import IndexedLog
    from chains.utxo.history.headers import HeaderChain
    from chains.utxo.history.merkle import Branch
    from config.registry import UtxoFormat


@dataclass(frozen=True, slots=True)
class Stray:
    """A transaction whose place is looked for."""

    txid: str
    listed: int | None
    """The height that a planned account's history gives it, above the pin; None if none does."""
    scripts: tuple[str, ...]
    """In hex, those that it pays and those that it spends from, each once; servers do not index
    outputs that nobody can spend, and they are left out."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server says that a transaction lies."""

    height: int
    branch: Branch


def tied_run(
    form: UtxoFormat, pin: tuple[int, str], log: IndexedLog, told: Vote[HeaderChain]
) -> Vote[HeaderChain]:
    """Hold a linked run against the pin, the known blocks and the rules of work.

    Args:
        form: the chain's rules.
        pin: its height and hash.
        log: the server's.
        told: the run.
    """
    if told.value is None:
        return told
    height, block_hash = pin
    try:
        tied = told.value.hash_at(height) == block_hash
        check_work(form, told.value)
        anchor_of(form, told.value)
    except ValueError:
        return silent(log, MALFORMED)
    return told if tied else silent(log, MALFORMED)


def height_vote(
    log: IndexedLog, txid: str, place: Vote[Place], run: Vote[HeaderChain]
) -> Vote[int]:
    """Give the height of a transaction whose branch leads to a header of a run.

    Returns:
        A vote without a value if the place or the run was not given, or the run has no header
        there; as `malformed_answer` if the branch leads elsewhere.
    """
    if place.value is None:
        return silent(log, place.said)
    if run.value is None:
        return silent(log, run.said)
    height = place.value.height
    if not run.value.start <= height <= run.value.end:
        return silent(log, TOO_LARGE)
    try:
        reached = merkle_root(txid, place.value.branch)
    except ValueError:
        return silent(log, MALFORMED)
    if reached != run.value.header_at(height).root:
        return silent(log, MALFORMED)
    return Vote(log.name, log.log.operator, height, str(height))
