"""Published examples are read and agree; whatever is changed in them does not pass."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import InputError
from proofs.published import binance, okx_2023, okx_2023_tree
from proofs.published.bybit import LISTS
from proofs.published.form import SENTENCES, Published, RefusedPublished, outcome_of
from proofs.published.formats import FORMATS, detect, reader
from tests.proofs.published.forging import (
    CHECKED,
    document,
    dump,
    okx_line,
    okx_shares,
    okx_tree,
    vector,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = {
    "okx-v1.json": "okx-v1",
    "okx-2023-user.json": "okx-2023",
    "okx-2023-tree.txt": "okx-2023-tree",
    "bybit-40.json": "bybit",
    "bitget-2026.json": "bitget",
    "bitget-readme.json": "bitget",
    "binance.json": "binance",
}
JSON_EXAMPLES = tuple(name for name in EXAMPLES if name.endswith(".json"))

Place = tuple[str | int, ...]


def read(data: bytes) -> Published:
    return reader(detect(data, "x"))[0](data, "x")


def verdict(data: bytes) -> str:
    """Give the outcome, or why there is none."""
    try:
        return outcome_of(read(data))
    except RefusedPublished as refused:
        return refused.reason
    except InputError:
        return "unreadable"


def places(value: Any, at: Place = ()) -> Iterator[Place]:  # noqa: ANN401 - any JSON
    """Give the places of all scalars."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*at, key))
    else:
        yield at


def put(value: Any, at: Place, new: object) -> Any:  # noqa: ANN401 - any JSON
    """Give a document with another scalar at a place."""
    changed = deepcopy(value)
    inner = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = new
    return changed


def got(value: Any, at: Place) -> Any:  # noqa: ANN401 - any JSON
    for key in at:
        value = value[key]
    return value


def other(scalar: object) -> object:
    """Give another value of the same form: the last digit is moved by one."""
    if isinstance(scalar, int):
        return scalar + 1
    text = str(scalar)
    return text[:-1] + chr(ord(text[-1]) ^ 1)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_known_by_their_keys(name: str) -> None:
    data = vector(name)

    assert EXAMPLES[name] == detect(data, name)
    assert EXAMPLES[name] == read(data).format


def test_every_format_has_an_example() -> None:
    assert set(FORMATS) == set(EXAMPLES.values())


@pytest.mark.parametrize(
    ("name", "root", "balance", "total"),
    [
        (
            "okx-v1.json",
            "ac6b39d2a0aa8112bd1aadff5e7d4b5c2b91cd54d595262ba4367f5d2db4160d",
            ("USDT", "19398.33550812"),
            ("USDT", "3137909428.88369702"),
        ),
        (
            "bybit-40.json",
            "8837e3a902aa996279fdc3d70e38e46cd18232dfb614c515a25ba34778eb1765",
            ("DOT", "7.16384740"),
            ("DOT", "42.46236047"),
        ),
        (
            "bitget-2026.json",
            "41ed666396779c6a",
            ("USDT", "294.37387598"),
            ("USDT", "1370617436.37548967"),
        ),
        (
            "bitget-readme.json",
            "94d0d60f7cdce5fe",
            ("BTC", "2001249.79108457"),
            ("BTC", "2001254.40269617"),
        ),
    ],
)
def test_published_examples_agree(
    name: str, root: str, balance: tuple[str, str], total: tuple[str, str]
) -> None:
    published = read(vector(name))

    assert (root, root) == (published.root_stated, published.root_computed)
    assert "agrees" == outcome_of(published)
    assert balance in published.balances
    assert total in published.total
    assert all(one in SENTENCES for one in published.caveats)


def test_published_tree_agrees_and_holds_the_published_shares() -> None:
    user, tree = vector("okx-2023-user.json"), vector("okx-2023-tree.txt")
    published = okx_2023.read_with_tree(user, "u", tree, "t")

    assert "agrees" == outcome_of(published)
    assert "9e98ebde32ef22ded88a5fb2d5e53d76ed57cb9c6b2c966f250721defe6ab041" == (
        published.root_computed
    )
    assert (("BTC", "0.00005"), ("ETH", "0"), ("USDT", "0")) == published.balances
    assert ("USDT", "1.42045977") in published.total
    assert "tree_not_given" not in published.caveats


def test_customers_file_without_the_tree_is_not_checked() -> None:
    published = read(vector("okx-2023-user.json"))

    assert "not_checked" == outcome_of(published)
    assert "not_checked" == outcome_of(published, "ab" * 32)
    assert "tree_not_given" in published.caveats


def test_nothing_of_a_poseidon_path_is_checked() -> None:
    published = read(vector("binance.json"))

    assert "not_checked" == outcome_of(published)
    assert "not_checked" == outcome_of(published, published.root_stated)
    assert "differs" == outcome_of(published, "ab" * 32)
    assert "not_checked_zero_knowledge" == published.caveats[0]
    assert ("TotalEquity", "107595993240612342000000") in published.leaf
    assert ("3 Debt", "669524367015") in published.balances


@pytest.mark.parametrize(
    ("name", "unbound"),
    [
        ("okx-v1.json", {"auditId", "path.nonce"}),
        ("bybit-40.json", {"auditId", "nonce", "path.nonce"}),
        ("bitget-2026.json", {"auditId"}),
        ("bitget-readme.json", {"auditId", "path.nonce", "path.encryptUid"}),
        ("okx-2023-user.json", set()),
    ],
)
def test_every_changed_value_is_met_but_those_that_nothing_hashes(
    name: str, unbound: set[str]
) -> None:
    whole = document(name)
    good = verdict(vector(name))
    passed = {
        at for at in places(whole) if verdict(dump(put(whole, at, other(got(whole, at))))) == good
    }

    names = {
        str(at[-1]) if at[0] != "path" or at[-1] == "auditId" else f"path.{at[-1]}" for at in passed
    }
    assert unbound == names


def test_every_changed_node_of_a_tree_is_met() -> None:
    lines = vector("okx-2023-tree.txt").decode().splitlines()
    passed = []
    for number, line in enumerate(lines):
        for changed in (
            chr(ord(line[0]) ^ 1) + line[1:],
            line.replace(',{"BTC":"0', ',{"BTC":"1'),
            line.replace('"}', '1"}'),
        ):
            data = "\n".join((*lines[:number], changed, *lines[number + 1 :])).encode()
            if verdict(data) == "agrees":
                passed.append((number, changed))

    # A filling leaf repeats its neighbour's hash, so both lines must change together.
    assert [] == passed


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_part_of_a_file_passes(name: str) -> None:
    data = vector(name).rstrip()
    step = 1 if len(data) < 4_000 else 7

    assert not [end for end in range(0, len(data), step) if verdict(data[:end]) == "agrees"]


@pytest.mark.parametrize("missing", range(47))
def test_tree_without_a_line_is_refused(missing: int) -> None:
    lines = vector("okx-2023-tree.txt").decode().splitlines()
    data = "\n".join(lines[:missing] + lines[missing + 1 :]).encode()

    assert verdict(data) not in ("agrees", "not_checked")


@pytest.mark.parametrize("name", CHECKED)
def test_shorter_and_longer_paths_are_refused(name: str) -> None:
    whole = document(name)
    shorter = whole | {"path": whole["path"][:-2] + whole["path"][-1:]}
    longer = whole | {"path": whole["path"][:1] + whole["path"]}
    alone = whole | {"path": whole["path"][-1:]}

    for changed in (shorter, longer, alone):
        assert verdict(dump(changed)) == "path_malformed"
    assert verdict(dump(whole | {"path": []})) == "unreadable"


@pytest.mark.parametrize("name", JSON_EXAMPLES)
def test_unknown_missing_and_repeated_keys_are_refused(name: str) -> None:
    whole, text = document(name), vector(name).decode()
    first = next(iter(whole))

    assert verdict(dump(whole | {"more": "1"})) == "unreadable"
    assert verdict(dump({key: whole[key] for key in whole if key != first})) == ("unreadable")
    assert verdict(text.replace("{", f'{{"{first}": 1, ', 1).encode()) == "unreadable"
    assert verdict(b"[" + vector(name) + b"]") == "unreadable"


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize("amount", ["1e3", "+1", " 1", "01", ".5", "1.", "NaN", "-0", "٣"])
def test_amounts_that_readers_take_apart_are_refused(name: str, amount: str) -> None:
    whole = document(name)
    key = "balance" if "balance" in whole["self"] else "balances"
    changed = put(whole, ("path", 0, key, "BTC"), amount)

    assert verdict(dump(changed)) == "amount_malformed"


def test_amount_finer_than_the_sums_is_refused() -> None:
    changed = put(document("okx-v1.json"), ("path", 0, "balances", "BTC"), "0.000000001")

    assert verdict(dump(changed)) == "amount_malformed"


def test_numbers_keep_every_digit() -> None:
    """0.1 + 0.2 is no 0.30000000000000004, and zeros at the end are hashed."""
    published = read(vector("bitget-readme.json"))

    assert ("USDT", "989399889.12692537") in published.balances
    changed = vector("bitget-readme.json").replace(b"4.6115136,", b"4.61151360,")
    assert verdict(changed) == "agrees"  # the sum has more places anyway
    changed = vector("bitget-readme.json").replace(b"2001249.79108457,", b"2001249.791084570,")
    assert verdict(changed) == "leaf_differs"


def test_lists_of_coins_are_as_long_as_their_names_say() -> None:
    assert [20, 20, 32, 40, 40, 40, 40, 40, 50] == [len(one) for one in LISTS]
    assert len({frozenset(one) for one in LISTS}) == len(LISTS)
    assert tuple(document("bybit-40.json")["self"]["balance"]) == LISTS[3]
    assert "AGLA APT ATOM AVAX MNT BTC DOGE DOT DYDX A ETH S LTC POL SOL" == " ".join(LISTS[7][:15])


def test_amounts_of_fewer_places_are_refused_where_all_have_eight() -> None:
    """Nothing would differ: the sum is the same."""
    changed = put(document("bybit-40.json"), ("path", 0, "balance", "DAI"), "0")

    assert verdict(dump(changed)) == "amount_malformed"


def test_coins_in_another_order_and_missing_ones_are_refused() -> None:
    whole = document("bitget-2026.json")
    balances = whole["path"][3]["balances"]
    turned = whole | {"path": [dict(one) for one in whole["path"]]}
    turned["path"][3]["balances"] = dict(reversed(balances.items()))
    assert verdict(dump(turned)) == "coins_differ"

    turned["path"][3]["balances"] = {coin: balances[coin] for coin in balances if coin != "PI"}
    assert verdict(dump(turned)) == "coins_differ"


def test_numbers_among_texts_are_refused() -> None:
    changed = put(document("bitget-2026.json"), ("path", 3, "balances", "LINK"), 0)

    assert verdict(dump(changed)) == "amount_malformed"


def test_shares_that_sum_to_another_total_are_refused() -> None:
    one = ("5", "0", "0")

    assert verdict(okx_shares(one, ("3", "0", "0"), ("2", "0", "0"))) == "not_checked"
    assert verdict(okx_shares(one, ("3", "0", "0"))) == "total_differs"
    # One leaf of the tree would count twice.
    assert verdict(okx_shares(("10", "0", "0"), one, one)) == "total_differs"


def test_node_that_fills_a_gap_has_its_neighbours_hash_and_no_amount() -> None:
    good = okx_tree((1, 2), (None, 0))

    assert verdict("\n".join(good).encode()) == "agrees"
    for filling in ((None, 5), ("ab" * 32, 0), ("ab" * 32, 5)):
        tree = "\n".join(okx_tree((1, 2), filling)).encode()
        assert verdict(tree) in ("path_malformed", "total_differs")


def test_leaves_under_no_node_are_refused() -> None:
    lines = [*okx_tree((1, 2), (None, 0)), okx_line("ab" * 32, 1, 5), okx_line("cd" * 32, 1, 5)]

    assert verdict("\n".join(lines).encode()) == "path_malformed"


@pytest.mark.parametrize(
    ("name", "at", "new"),
    [
        ("bybit-40.json", ("self", "balance"), "1"),
        ("bybit-40.json", ("self", "balance", "BTC"), []),
        ("bitget-readme.json", ("self", "balances"), {"DOGE": 1}),
        ("bitget-readme.json", ("path", 0, "merkelLeaf"), 1),
        ("bitget-readme.json", ("path", 0, "level"), "3"),
        ("okx-v1.json", ("path", 0, "balances"), {"BTC ": "1"}),
    ],
)
def test_values_of_another_form_are_unreadable(name: str, at: Place, new: object) -> None:
    assert verdict(dump(put(document(name), at, new))) == "unreadable"


@pytest.mark.parametrize(
    "lines",
    [
        [okx_line("ab" * 32, 1, 5)],
        [okx_line("ab" * 32, 3, 5), okx_line("ab" * 32, 2, 5)],
        [okx_line("ab" * 32, 3, 5), okx_line("ab" * 32, 1, 5)],
        [okx_line("ab" * 32, 2, 5), okx_line("ab" * 32, 1, 5), okx_line("ab" * 32, 2, 5)],
        [okx_line("ab" * 32, 65, 5)],
    ],
)
def test_heights_of_no_tree_are_refused(lines: list[str]) -> None:
    assert verdict("\n".join(lines).encode()) == "path_malformed"


def test_share_that_is_not_in_the_tree_is_refused() -> None:
    user = vector("okx-2023-user.json")
    tree = vector("okx-2023-tree.txt").replace(b"9efbc1a6", b"9efbc1a7")
    with pytest.raises(RefusedPublished) as caught:
        okx_2023.read_with_tree(user, "u", tree, "t")
    assert caught.value.reason == "node_differs"

    lines = vector("okx-2023-tree.txt").decode().splitlines()
    alone = "\n".join(
        (f"{'0' * 64},2,{zero()}", f"{'1' * 64},1,{zero()}", f"{'2' * 64},1,{zero()}")
    )
    with pytest.raises(RefusedPublished) as caught:
        okx_2023.read_with_tree(user, "u", alone.encode(), "t")
    assert caught.value.reason == "share_not_in_tree"
    assert len(lines) == 47


def zero() -> str:
    return '{"BTC":"0","ETH":"0","USDT":"0"}'


def test_root_of_a_tree_can_differ_alone() -> None:
    tree = vector("okx-2023-tree.txt").replace(b"9e98ebde", b"9e98ebdf")

    assert "differs" == outcome_of(okx_2023_tree.read(tree, "t"))
    assert "differs" == outcome_of(read(vector("okx-2023-tree.txt")), "ab" * 32)


@pytest.mark.parametrize(
    ("at", "new", "reason"),
    [
        (("Proof", 0), "EerEdgizAIY2QB/1c7e3vogBKXoD3Q3WN+wDO/hx/HZ=", "hash_malformed"),
        (("Proof", 0), "EerE", "hash_malformed"),
        (("Root",), "1A", "hash_malformed"),
        (("TotalEquity",), -1, "amount_malformed"),
        (("Assets", 0, "Debt"), 1.5, "amount_malformed"),
        (("Assets", 1, "Index"), 0, "coins_differ"),
        (("Assets", 0, "Debt"), "1", "unreadable"),
    ],
)
def test_what_cannot_be_a_poseidon_file_is_refused(at: Place, new: object, reason: str) -> None:
    data = dump(put(document("binance.json"), at, new))

    assert verdict(data) == reason


def test_earlier_poseidon_files_have_no_collateral() -> None:
    whole = document("binance.json")
    del whole["TotalCollateral"]
    whole["Assets"] = [
        {key: one[key] for key in ("Index", "Equity", "Debt")} for one in whole["Assets"]
    ]

    assert "not_checked" == outcome_of(binance.read(dump(whole), "x"))


@given(st.binary(max_size=300))
def test_bytes_raise_our_errors_alone(data: bytes) -> None:
    assert verdict(data) not in ("agrees", "not_checked")
    for name in FORMATS:
        with pytest.raises((InputError, RefusedPublished)):
            reader(name)[0](data, "x")


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=70)
    | st.sampled_from(["0", "-1", "1.00000000", "0" * 64, "1" * 16])
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    name=st.sampled_from(JSON_EXAMPLES),
    new=SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=5), SCALARS),
    choice=st.randoms(use_true_random=False),
)
def test_any_value_anywhere_raises_our_errors_alone(name: str, new: object, choice: Any) -> None:  # noqa: ANN401
    whole = document(name)
    at = choice.choice(sorted(places(whole), key=str))
    cut = at[: choice.randint(1, len(at))]
    data = dump(put(whole, cut, new))

    verdict(data)
    for form in FORMATS:
        try:
            reader(form)[0](data, "x")
        except (InputError, RefusedPublished):
            continue


def test_large_files_are_refused() -> None:
    with pytest.raises(InputError, match="too large"):
        detect(b" " * (1024 * 1024 + 1), "x")
    with pytest.raises(InputError, match="unknown format"):
        reader("okx")
