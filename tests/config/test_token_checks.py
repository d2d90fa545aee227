"""Every check of slots, rates and escrows, each by a change to a small registry that breaks it."""

from __future__ import annotations

import re

import pytest

from config.caip import AssetId
from config.errors import InputError
from config.registry_files import parse_registry
from config.slots import Guard

CITED = 'source = "one"\nchecked = "two"\n'


def evm(number: int, network: str) -> str:
    return (
        f'[[chain]]\nid = "eip155:{number}"\nname = "chain-{number}"\ntitle = "Chain"\n'
        f'family = "evm"\nnetwork = "{network}"\nnative = "eip155:{number}/slip44:60"\n'
        f"confirmations = 1\n{CITED}"
    )


def coin(number: int) -> str:
    return (
        f'[[asset]]\nid = "eip155:{number}/slip44:60"\nsymbol = "eth"\ndecimals = 18\n'
        f'kind = "native"\nissuer = ""\ninstrument = "eth"\n{CITED}'
    )


def token(number: int, digit: str, symbol: str, kind: str, rest: str) -> str:
    return (
        f'[[asset]]\nid = "eip155:{number}/erc20:0x{digit * 40}"\nsymbol = "{symbol}"\n'
        f'decimals = 18\nkind = "{kind}"\nissuer = "somebody"\n{CITED}{rest}'
    )


VAULT = AssetId(f"eip155:7/erc20:0x{'1' * 40}")
SHARE = AssetId(f"eip155:7/erc20:0x{'2' * 40}")
HELD = f"eip155:7:0x{'a' * 40}"
ESCROWS = f'escrows = ["{HELD}"]\nescrows_source = "one"\n'
RATE = """[asset.rate]
function = "convertToAssets(uint256)"
unit = "token"
of = "eip155:7/slip44:60"
decimals = 18
source = "one"
argument = 1000000000000000000
"""
SHARE_RATE = """rebasing = true
[asset.rate]
function = "perShare()"
unit = "share"
of = "eip155:7/slip44:60"
decimals = 27
source = "one"
"""
ASSETS = (
    coin(7)
    + coin(8)
    + coin(9)
    + token(7, "1", "vault", "issued", f'instrument = "vault"\n{RATE}')
    + token(7, "2", "share", "issued", f'instrument = "share"\n{SHARE_RATE}')
    + token(8, "3", "copy", "bridged", f'wraps = "eth"\n{ESCROWS}')
)
INSTRUMENTS = "".join(
    f'[[instrument]]\nid = "{name}"\ntitle = "T"\ndecimals = 18\nsource = "one"\n'
    for name in ("eth", "vault", "share", "gold")
)
WORD = "0x" + "0" * 63
SLOT = f"""
[[slot]]
asset = "{VAULT}"
layout = "solidity"
slot = 9
bits = 255
code_hash = "{WORD}1"
{CITED}implementation_slot = "{WORD}2"
implementation = "0x{"4" * 40}"
implementation_code_hash = "{WORD}3"
[[slot.guards]]
position = "{WORD}4"
mask = "{WORD}f"
value = "{WORD}5"
meaning = "a switch"
"""
TEXTS = {
    "chains.toml": evm(7, "main") + evm(8, "main") + evm(9, "test"),
    "assets.toml": ASSETS,
    "instruments.toml": INSTRUMENTS,
    "slots.toml": SLOT,
    "forwarders.toml": "forwarder = []\n",
}
ASSET = "assets.toml"
PLACE = "slots.toml"
GUARD = SLOT[SLOT.index("[[slot.guards]]") :]

FAULTS = [
    (PLACE, SLOT, SLOT + SLOT, f"{VAULT}: asset given twice"),
    (PLACE, VAULT, VAULT[:-1] + "9", "asset unknown"),
    (PLACE, VAULT, "eip155:7/slip44:60", "asset without contract"),
    (PLACE, VAULT, SHARE, "a rebasing token has no balance slot"),
    (PLACE, "slot = 9", "slot = -1", "slot: -1"),
    (PLACE, "slot = 9", 'slot = "9"', "slot is not 0x and 64 lower-case hex digits: '9'"),
    (PLACE, "slot = 9", f'slot = "{WORD}A"', "slot is not 0x and 64 lower-case hex digits"),
    (PLACE, "slot = 9", "slot = true", "slot.0.slot"),
    (PLACE, "slot = 9", "slot = 9.0", "float not allowed"),
    (PLACE, '"solidity"', '"rust"', "slot.0.layout"),
    (PLACE, "bits = 255", "bits = 0", "bits: 0"),
    (PLACE, "bits = 255", "bits = 257", "bits: 257"),
    (PLACE, f"{WORD}1", f"{WORD}", "code_hash is not 0x and 64"),
    (PLACE, f"{WORD}2", f"{WORD}g", "implementation_slot is not 0x and 64"),
    (PLACE, f"{WORD}3", "", "implementation_code_hash is not 0x and 64"),
    (PLACE, "0x" + "4" * 40, "0x" + "4" * 39, "not an address"),
    (
        PLACE,
        f'implementation_slot = "{WORD}2"',
        "",
        "three fields of an implementation go together",
    ),
    (PLACE, f'implementation_code_hash = "{WORD}3"', "", "three fields of an implementation"),
    (PLACE, CITED, 'source = "one"\nchecked = "one"\n', "source and checked are one place"),
    (PLACE, CITED, 'source = ""\nchecked = "one"\n', "source is empty"),
    (PLACE, CITED, 'source = "one"\nchecked = " "\n', "checked is empty"),
    (PLACE, GUARD, GUARD + GUARD, "one place guarded twice"),
    (PLACE, f"{WORD}4", f"{WORD}2", "one place guarded twice"),
    (PLACE, f"{WORD}4", f"{WORD}", "guards.position is not 0x and 64"),
    (PLACE, f"{WORD}f", f"{WORD}0", "guards.mask is zero"),
    (PLACE, f"{WORD}f", f"{WORD}1", "guards.value outside its mask"),
    (PLACE, f'value = "{WORD}5"', 'value = "5"', "guards.value is not 0x and 64"),
    (PLACE, f'mask = "{WORD}f"', 'mask = "f"', "guards.mask is not 0x and 64"),
    (PLACE, '"a switch"', '""', "guards.meaning is empty"),
    (PLACE, "bits = 255", "bits = 255\nbit = 1", "slot.0.bit: unknown key"),
    (ASSET, "convertToAssets(uint256)", "convertToAssets()", "function 'convertToAssets()'"),
    (ASSET, "perShare()", "perShare(uint256)", "function 'perShare(uint256)', argument None"),
    (ASSET, "perShare()", "per share()", "function 'per share()'"),
    (ASSET, "perShare()", "perShare() ", "function 'perShare() '"),
    (ASSET, "argument = 1", "argument = 2", "argument: 2000000000000000000, not 1000"),
    (ASSET, 'unit = "token"', 'unit = "share"', "unit share of a token with rebasing false"),
    (ASSET, 'unit = "share"', 'unit = "token"', "unit token of a token with rebasing true"),
    (ASSET, RATE, RATE.replace("7/slip44:60", "7/slip44:61"), "of an unknown asset"),
    (ASSET, RATE, RATE.replace("eip155:7/slip44:60", VAULT), "of itself or of another chain"),
    (ASSET, RATE, RATE.replace("7/slip44:60", "8/slip44:60"), "of itself or of another chain"),
    (ASSET, RATE, RATE.replace("decimals = 18", "decimals = 65"), "rate: decimals: 65"),
    (ASSET, RATE, RATE.replace('"one"', '" "'), "rate: source is empty"),
    (ASSET, RATE, RATE + 'contract = "0x12"\n', "rate: not an address: '0x12'"),
    (ASSET, coin(7), coin(7) + RATE, "rate: of an asset without contract"),
    (ASSET, ESCROWS, f'escrows = ["{HELD}"]\n', "escrows and escrows_source go together"),
    (ASSET, ESCROWS, 'escrows_source = "one"\n', "escrows and escrows_source go together"),
    (ASSET, ESCROWS, ESCROWS.replace('"one"', '" "'), "escrows and escrows_source go together"),
    (ASSET, HELD, f'{HELD}", "{HELD}', "account given twice"),
    (ASSET, HELD, "eip155:7", "not an account: 'eip155:7'"),
    (ASSET, HELD, f"eip155:5:0x{'a' * 40}", "chain unknown"),
    (ASSET, HELD, f"eip155:8:0x{'a' * 40}", "on the asset's own chain"),
    (ASSET, HELD, f"eip155:9:0x{'a' * 40}", "on a network of another kind"),
    (ASSET, HELD, f"eip155:7:0x{'a' * 39}", "not an address"),
    (ASSET, 'wraps = "eth"', 'wraps = "gold"', "no asset gold on the chain of eip155:7:"),
    (ASSET, coin(7), coin(7) + ESCROWS, "escrows: of an asset of kind native"),
]


def changed(file: str, old: str, new: str) -> dict[str, str]:
    assert old in TEXTS[file]
    return TEXTS | {file: TEXTS[file].replace(old, new, 1)}


def test_the_small_registry_is_sound() -> None:
    registry = parse_registry(TEXTS)

    slot = registry.slot(VAULT)
    assert slot is not None
    assert (9, 255, "solidity") == (slot.slot, slot.bits, slot.layout)
    assert (Guard(f"{WORD}4", f"{WORD}f", f"{WORD}5", "a switch"),) == slot.guards
    assert registry.slot(SHARE) is None
    assert registry.asset(SHARE).rebasing
    assert not registry.asset(VAULT).rebasing
    rate = registry.asset(SHARE).rate
    assert rate is not None
    assert ("perShare()", "share", None, None) == (
        rate.function,
        rate.unit,
        rate.argument,
        rate.contract,
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("slot = 9", f'slot = "{WORD}a"'),
        ("slot = 9", "slot = 0"),
        ('layout = "solidity"', 'layout = "vyper"'),
        ('layout = "solidity"\nslot = 9', 'layout = "solady"\nslot = 2272369058'),
        (GUARD, ""),
        ("bits = 255", "bits = 1"),
        (SLOT, "slot = []"),
    ],
)
def test_what_a_slot_may_say(old: str, new: str) -> None:
    parse_registry(changed(PLACE, old, new))


def test_a_hash_is_a_place_in_the_solidity_layout_alone() -> None:
    text = SLOT.replace("slot = 9", f'slot = "{WORD}a"')
    for layout in ("vyper", "solady"):
        with pytest.raises(InputError, match=f"a hash as slot of layout {layout}"):
            parse_registry(TEXTS | {PLACE: text.replace("solidity", layout)})


@pytest.mark.parametrize(("file", "old", "new", "expected"), FAULTS)
def test_each_fault_is_refused(file: str, old: str, new: str, expected: str) -> None:
    with pytest.raises(InputError, match=re.escape(expected)):
        parse_registry(changed(file, old, new))
