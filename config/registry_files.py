"""The registry's files: read as rows, held against each other, refused whole if they differ.

Bytes are given by the caller: the shipped files, or those that travel in a bundle. A registry that
contradicts itself is never used in part.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from pydantic.dataclasses import dataclass

from config.errors import InputError
from config.feeds import Feed, check_feeds
from config.forwarders import Forwarder, check_forwarders
from config.registry import Asset, Chain, Instrument, Registry
from config.registry_checks import check_registry
from config.slots import Slot  # noqa: TC001 - the model reads the annotation at run time
from config.strict import STRICT, parse
from config.toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA_FILES = ("chains.toml", "assets.toml", "instruments.toml", "slots.toml", "forwarders.toml")


@dataclass(frozen=True, slots=True, config=STRICT)
class _ChainFile:
    """The file chains.toml: one table `[[chain]]` a row."""

    chain: tuple[Chain, ...]


@dataclass(frozen=True, slots=True, config=STRICT)
class _AssetFile:
    """The file assets.toml: one table `[[asset]]` a row."""

    asset: tuple[Asset, ...]


@dataclass(frozen=True, slots=True, config=STRICT)
class _InstrumentFile:
    """The file instruments.toml: one table `[[instrument]]` a row, one `[[feed]]` a price feed."""

    instrument: tuple[Instrument, ...]
    feed: tuple[Feed, ...] = ()


@dataclass(frozen=True, slots=True, config=STRICT)
class _SlotFile:
    """The file slots.toml: one table `[[slot]]` a row."""

    slot: tuple[Slot, ...]


@dataclass(frozen=True, slots=True, config=STRICT)
class _ForwarderFile:
    """The file forwarders.toml: one table `[[forwarder]]` a row."""

    forwarder: tuple[Forwarder, ...]


def load_registry() -> Registry:
    """Read the rows shipped with the tool."""
    folder = resources.files("config") / "data"
    return parse_registry({name: (folder / name).read_text("utf-8") for name in DATA_FILES})


def parse_registry(texts: Mapping[str, str]) -> Registry:
    """Read the files of a registry and hold their rows against each other.

    Args:
        texts: the text of each file of `DATA_FILES` by its name, no other.

    Raises:
        InputError: a file is missing or unknown, a row is not of its type, or two rows contradict.
    """
    if set(texts) != set(DATA_FILES):
        met, wanted = ", ".join(sorted(texts)), ", ".join(sorted(DATA_FILES))
        raise InputError(f"registry files: met {met or 'none'}, expected {wanted}")
    chains, assets, instruments, slots, forwarders = DATA_FILES
    named = parse(_InstrumentFile, parse_toml(texts[instruments], instruments), instruments)
    registry = Registry(
        parse(_ChainFile, parse_toml(texts[chains], chains), chains).chain,
        parse(_AssetFile, parse_toml(texts[assets], assets), assets).asset,
        named.instrument,
        parse(_SlotFile, parse_toml(texts[slots], slots), slots).slot,
        parse(_ForwarderFile, parse_toml(texts[forwarders], forwarders), forwarders).forwarder,
        named.feed,
    )
    check_registry(registry)
    check_forwarders(registry.forwarders)
    check_feeds(
        registry.feeds,
        {str(row.id) for row in registry.instruments},
        {str(chain.id) for chain in registry.chains},
    )
    return registry
