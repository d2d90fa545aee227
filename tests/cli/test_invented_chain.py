"""What a dishonest signer can make up: his own chain, his own registry, his own limits.

All of it is consistent and signed, so it is authentic. A verifier's own node does not have such a
block, and his own registry and packs judge otherwise.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from attest.disk import write_folder
from config.times import format_time
from tests.cli import exchange
from tests.cli.command import Ran, attest
from tests.cli.dishonest import Files, replaced, resign, retold
from tests.nodes.anvil import anvil
from tests.nodes.token import TOKEN_A, TOKEN_B

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attest.keys import SigningKey

EVM = exchange.EVM.id
DAY = 86_400


def codes(ran: Ran, part: str) -> list[str]:
    """Give the codes of a verdict's reasons or differences."""
    return [note["code"] for note in ran.document[part]]


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A bundle about a chain that the signer made for it, and his public key."""
    place = tmp_path_factory.mktemp("invented")
    key, holders = place / "signer", exchange.evm_holders(5)
    attest("keys", "new", key, "--unencrypted")
    with anvil("--timestamp", str(int(time.time()) - DAY)) as own:
        exchange.fund_evm(own, holders)
        tables = f'[sources.anvil]\nendpoints = ["{own.url}"]\n'
        exchange.write_files(place, tables, holders, {"eth": "100", "usdt": "30000"}, key)
        at = format_time(int(time.time()) - DAY + 60)
        ran = attest(
            *("run", place / "declaration.toml", "--key", key, "-o", place / "bundle"),
            *("--at", at),
        )
    assert (ran.code, ran.complaint) == (0, ())
    return place / "bundle", place / "signer.pub"


@pytest.mark.nodes
def test_an_invented_chain_is_authentic_and_unconfirmed(invented: tuple[Path, Path]) -> None:
    ran = attest("verify", invented[0], "--key", invented[1], "--allow-test", "--json")

    assert 0 == ran.code
    assert ("valid", "pass", "L3") == tuple(
        ran.document[name] for name in ("authenticity", "outcome", "level")
    )
    assert {EVM: "unconfirmed"} == ran.document["anchors"]


@pytest.mark.nodes
@pytest.mark.parametrize(
    ("blocks", "code"), [(40, "anchor_mismatch"), (2, "anchor_unknown")], ids=["other", "short"]
)
def test_an_honest_node_does_not_have_it(
    invented: tuple[Path, Path], tmp_path: Path, blocks: int, code: str
) -> None:
    with anvil() as honest:
        honest.mine(blocks)
        sources = tmp_path / "sources.toml"
        sources.write_text(f'[sources.anvil]\nendpoints = ["{honest.url}"]\n')
        options = ("--key", invented[1], "--allow-test", "--json", "--sources", sources)
        ran = attest("verify", invented[0], *options)

    assert 2 == ran.code
    outcome = "unknown" if code == "anchor_mismatch" else "pass"
    assert ("valid", outcome, "L3") == tuple(
        ran.document[name] for name in ("authenticity", "outcome", "level")
    )
    assert {EVM: "unconfirmed"} == ran.document["anchors"]
    assert [code, "level_not_reached"] == codes(ran, "reasons")


ASSETS, CORE = "criteria/registry/assets.toml", "criteria/policies/core.toml"
SLOTS = "criteria/registry/slots.toml"
OWED, DECLARED = "evidence/inputs/liabilities.csv", "evidence/inputs/declaration.toml"
WORTHLESS = "0x" + "11" * 20


def another_token(files: Files) -> Files:
    """Let usdt be a token of the signer's own, of which he has as much as he likes."""
    found = retold(files, EVM, lambda one: one)
    for name in (ASSETS, SLOTS):
        found = replaced(found, name, f"{EVM}/erc20:{TOKEN_A}", f"{EVM}/erc20:{WORTHLESS}")
    for name in (name for name in found if name.startswith("evidence/chains/eip155")):
        found = replaced(found, name, TOKEN_A, WORTHLESS)
    return found


def tokens_swapped(files: Files) -> Files:
    """Call each of two tokens by the other's name, and owe more of what there is more of."""
    found = replaced(files, ASSETS, f"{EVM}/erc20:{TOKEN_A}", f"{EVM}/erc20:{WORTHLESS}")
    found = replaced(found, ASSETS, f"{EVM}/erc20:{TOKEN_B}", f"{EVM}/erc20:{TOKEN_A}")
    found = replaced(found, ASSETS, f"{EVM}/erc20:{WORTHLESS}", f"{EVM}/erc20:{TOKEN_B}")
    found = replaced(found, OWED, "usdt,120000,", "usdt,45000,")
    return replaced(found, OWED, "usdc,45000.5,", "usdc,120000,")


def ten_times(files: Files) -> Files:
    """Take a decimal away from a token, so that every holding is ten times as much."""
    row = f'id = "{EVM}/erc20:{TOKEN_A}"\nsymbol = "usdt"\ndecimals = '
    found = replaced(files, ASSETS, f"{row}6", f"{row}5")
    return replaced(found, OWED, "usdt,120000,", "usdt,1200000,")


def twice_owed(files: Files) -> Files:
    """Owe twice the coins: half of it is covered."""
    return replaced(files, OWED, "ltc,120,", "ltc,240,")


def half_is_enough(files: Files) -> Files:
    return replaced(twice_owed(files), CORE, 'minimum = "1"', 'minimum = "0.5"')


def half_is_enough_by_parameter(files: Files) -> Files:
    stated = 'packs = ["core"]\nparameters = { "coverage.minimum" = "0.5" }'
    return replaced(twice_owed(files), DECLARED, 'packs = ["core"]', stated)


def a_shortfall_is_a_warning(files: Files) -> Files:
    rule = 'same instrument"\nseverity = '
    return replaced(twice_owed(files), CORE, f'{rule}"fail"', f'{rule}"warn"')


def no_coverage_rule(files: Files) -> Files:
    text = files[CORE].decode()
    start = text.index('[[rule]]\nid = "coverage"')
    rule = text[start : text.index("[[rule]]", start + 1)]
    return replaced(twice_owed(files), CORE, rule, "")


def nothing_is_in_force(files: Files) -> Files:
    text = files[CORE].decode()
    standing = text[text.index("[standing]") : text.index("[[rule]]")]
    return replaced(twice_owed(files), CORE, standing, 'block = "proposals"\n')


def more_online(files: Files) -> Files:
    limit = 'aggregation = "total_value", limit = "0.05"'
    return replaced(files, CORE, limit, limit.replace("0.05", "0.5"))


def judged(lie: Callable[[Files], Files], files: Files, key: SigningKey, place: Path) -> Ran:
    """Sign a lie and verify it."""
    write_folder(place / "bundle", resign(lie(files), key))
    (place / "liar.pub").write_bytes(key.public.pem)
    options = ("--key", place / "liar.pub", "--allow-test", "--json")
    return attest("verify", place / "bundle", *options)


@pytest.mark.parametrize(
    ("lie", "shown"),
    [
        (
            another_token,
            ["registry_asset"] * 2 + ["registry_slot"] * 2 + ["registry_balance"] * 9,
        ),
        (tokens_swapped, ["registry_asset"] * 4),
        (ten_times, ["registry_asset"]),
        (half_is_enough, ["rule"]),
        (half_is_enough_by_parameter, ["parameter"]),
        (a_shortfall_is_a_warning, ["rule"]),
        (no_coverage_rule, ["rule"]),
        (nothing_is_in_force, ["pack"] * 2),
    ],
)
def test_a_lie_in_the_criteria_is_shown_and_judged_by_the_verifiers_own(
    lie: Callable[[Files], Files],
    shown: list[str],
    signed: Files,
    signer: SigningKey,
    tmp_path: Path,
) -> None:
    ran = judged(lie, signed, signer, tmp_path)

    assert [*shown, "judged_differently"] == codes(ran, "differences")
    assert ("valid", "fail", "L3", []) == tuple(
        ran.document[name] for name in ("authenticity", "outcome", "level", "reasons")
    )
    assert 1 == ran.code


def difference(ran: Ran) -> Any:  # noqa: ANN401 - JSON
    return ran.document["differences"][0]["detail"]


def test_differences_name_both_values(signed: Files, signer: SigningKey, tmp_path: Path) -> None:
    decimals = judged(ten_times, signed, signer, tmp_path / "decimals")
    minimum = judged(half_is_enough, signed, signer, tmp_path / "minimum")
    stated = judged(half_is_enough_by_parameter, signed, signer, tmp_path / "stated")

    assert f"{EVM}/erc20:{TOKEN_A}: decimals: signer 5, verifier 6" == difference(decimals)
    assert difference(minimum).startswith("core/coverage: parameters: signer ")
    assert "'minimum': '0.5'" in difference(minimum)
    assert "'minimum': '1'" in difference(minimum)
    assert "coverage.minimum = '0.5' is stated in the declaration" == difference(stated)


def test_a_limit_that_only_warns_is_shown(
    signed: Files, signer: SigningKey, tmp_path: Path
) -> None:
    ran = judged(more_online, signed, signer, tmp_path)

    assert ["rule"] == codes(ran, "differences")
    assert (0, "pass") == (ran.code, ran.document["outcome"])
