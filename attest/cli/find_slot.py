"""attest find-slot: find where a token keeps its balances. For whoever maintains the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chains.evidence import Source
    from chains.evm.calls import Header
    from chains.evm.slot_finder import Found
    from config.registry import Chain, Registry

CHAIN = Annotated[str, typer.Argument(help="A chain of the registry, such as ethereum.")]
TOKEN = Annotated[str, typer.Argument(help="The token's contract.")]
ENDPOINT = Annotated[
    str,
    typer.Option(
        "--endpoint",
        metavar="URL",
        help="A node's JSON-RPC; ${NAME} is taken from the environment.",
    ),
]
HOLDER = Annotated[
    str | None,
    typer.Option("--holder", metavar="ADDRESS", help="An address that has some of the token."),
]
BLOCK = Annotated[
    int | None,
    typer.Option("--block", min=0, metavar="HEIGHT", help="The block to look at, not the newest."),
]


def find_slot(
    chain: CHAIN,
    token: TOKEN,
    endpoint: ENDPOINT,
    holder: HOLDER = None,
    block: BLOCK = None,
) -> int:
    """Find where a token keeps its balances, and print the row for slots.toml.

    Nobody needs to hold the token. Exits with 2 if there is no row for it.
    """
    from attest.cli.console import complain, say
    from chains.evm.address import parse_address
    from chains.evm.slot_finder import NoSlotError, find_slot, holders_for
    from config.registry_files import load_registry

    registry = load_registry()
    asked = _evm_chain(registry, chain)
    contract = parse_address(asked, token)
    holders = holders_for(parse_address(asked, holder) if holder is not None else None)
    source = _source(asked, registry, endpoint)
    header = _header(asked, source, block)
    say(f"looking at {contract} in block {header.height} of {asked.name}")
    try:
        found = find_slot(source, asked.id, contract, holders, header)
    except NoSlotError as error:
        complain(error)
        return 2
    _show(found, registry)
    return 0


def _evm_chain(registry: Registry, name: str) -> Chain:
    from config.errors import InputError

    chain = registry.chain(name)
    if chain.family != "evm":
        raise InputError(f"{chain.name} has no tokens that are contracts of the EVM")
    return chain


def _source(chain: Chain, registry: Registry, endpoint: str) -> Source:
    from pathlib import Path

    from attest.cli.load import sources_of
    from config.declaration import ChainSources

    tables = {chain.id: ChainSources(endpoints=(endpoint,))}
    return sources_of(tables, registry, Path())[chain.id][0]


def _header(chain: Chain, source: Source, block: int | None) -> Header:
    """Make sure of the chain, and give the block to look at."""
    from chains.errors import ChainError
    from chains.evm.calls import (
        MalformedAnswer,
        block_hash_call,
        chain_id_call,
        decode_header,
        decode_quantity,
        tip_call,
    )

    which = tip_call("latest") if block is None else block_hash_call(block)
    told, head = source.ask((chain_id_call(), which))
    fault = told.error or head.error
    if fault is not None:
        raise ChainError(f"the node of {chain.name} did not name a block: {fault}")
    try:
        number, header = decode_quantity(told.result), decode_header(head.result)
    except MalformedAnswer as error:
        raise ChainError(f"the node of {chain.name} did not name a block: {error}") from error
    if f"eip155:{number}" != chain.id:
        raise ChainError(f"the node is of chain eip155:{number}, not {chain.id} {chain.name}")
    if block not in {None, header.height}:
        raise ChainError(f"the node gave block {header.height}, not {block}")
    return header


def _show(found: Found, registry: Registry) -> None:
    from attest.cli.console import give, say
    from config.slots import slot_row

    for line in (*(f"# {note}" for note in found.notes), *slot_row(found.slot).splitlines()):
        give(line)
    if found.slot.asset not in {asset.id for asset in registry.assets}:
        say(f"assets.toml has no {found.slot.asset} yet")
    say("before it is added: read the code that has this hash, and name in checked who else did")
