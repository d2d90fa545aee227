"""The page says of every document what the package says: good ones, cut ones, changed ones."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofs.liabilities.commitment import Reason, commit, header_hash, tree_of
from proofs.liabilities.inclusion import Inclusion, inclusion_document
from tests.attest.liabilities.customer import (
    Entries,
    brief,
    entries,
    opened_page,
    proof_text,
    said_by_package,
    said_by_page,
)
from tests.proofs.liabilities.pol import ALICE, BOB, VECTOR, Slot, grow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver.chrome.webdriver import WebDriver

Case = tuple[str | bytes, Entries]

pytestmark = pytest.mark.nodes

HEADER: dict[str, object] = {
    "asOf": "2026-03-31T15:00:00Z",
    "assets": [
        {"decimals": 8, "index": 0, "instrument": "coin0"},
        {"decimals": 8, "index": 1, "instrument": "coin1"},
    ],
}
GROWN = grow(
    (ALICE, BOB, Slot("1003", "carol@example.com", 0), replace(ALICE, amount=5, split=1)),
    (replace(ALICE, asset=1, amount=9), replace(BOB, asset=1, amount=1)),
    header=HEADER,
)
TEXT = proof_text(GROWN, ALICE)
DOCUMENT: dict[str, Any] = json.loads(TEXT)
WHO = entries(GROWN, ALICE)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    with opened_page(tmp_path_factory.mktemp("page")) as driver:
        yield driver


def agreed(browser: WebDriver, cases: list[Case]) -> list[str]:
    """Hold the page against the package, case by case; give what both say."""
    page = [brief(one) for one in said_by_page(browser, cases)]
    package = [said_by_package(*case) for case in cases]
    differing = [
        (here, there, case)
        for here, there, case in zip(page, package, cases, strict=True)
        if here != there
    ]

    assert [] == differing[:3]
    return package


def test_the_published_vector_is_accepted(browser: WebDriver) -> None:
    grown = grow((ALICE, BOB))
    alice, bob = VECTOR["customers"]
    who = Entries(alice["account"], alice["identifier"], alice["key"], VECTOR["set"])
    found = said_by_page(
        browser,
        [(proof_text(grown, ALICE), who), (proof_text(grown, BOB), entries(grown, BOB))],
    )

    assert VECTOR["set"] == json.loads(proof_text(grown, ALICE))["set"]
    assert {"reason": "shown", "what": "", "shown": {"0": "70"}, "named": False} == found[0]
    assert {"0": bob["amount"]} == found[1]["shown"]


def test_good_proofs_are_accepted(browser: WebDriver) -> None:
    slots = tuple(
        Slot(f"{number:04}", f"{number}@example.com", 10**30 + number) for number in range(32)
    )
    large = grow((*slots[:31], replace(slots[0], split=7, amount=2**127)))
    alone = grow((ALICE,))
    who = Slot("Zürich ﬁ", "e\u0301@example.com", 3)
    composed = grow((who, BOB))
    cases: list[Case] = [
        (TEXT, WHO),
        (TEXT, replace(WHO, key=WHO.key.upper(), published=WHO.published.upper())),
        (TEXT.encode(), WHO),
        (proof_text(GROWN, BOB), entries(GROWN, BOB)),
        (proof_text(large, slots[0]), entries(large, slots[0])),
        (proof_text(large, slots[17]), entries(large, slots[17])),
        (proof_text(alone, ALICE), entries(alone, ALICE)),
        (proof_text(composed, who), entries(composed, who)),
        (proof_text(composed, who), replace(entries(composed, who), identifier="é@example.com")),
        (TEXT, replace(WHO, records="coin0 0.00000075\ncoin1 0.00000009")),
        (json.dumps(DOCUMENT, indent=4), WHO),
        (json.dumps(DOCUMENT, sort_keys=True).replace(", ", "\r\n\t,"), WHO),
        (TEXT.replace('"coin0"', '"\\u0063oin\\u0030"'), WHO),
        (TEXT.replace('"index": 0', '"index": -0'), WHO),
    ]
    found = agreed(browser, cases)

    assert all(one.startswith("{") for one in found)
    assert repr({0: 2**127 + 10**30}) == found[4]


def leaves_of(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs: list[tuple[Any, object]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    yield path, value
    for key, inner in pairs:
        yield from leaves_of(inner, (*path, key))


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    inner: Any = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return document


def others_of(value: object) -> list[object]:
    """Give what a value may be changed to."""
    others: list[object] = [None, "", [], {}, True, False, 0, -1, "0", ["0", "0"], "00" * 32]
    if isinstance(value, str):
        others += [value + "0", value[:-1], "f" + value[1:], f"{value} ", f"{value}\n"]
        others += [value.upper(), "0" + value, "-" + value, "٣" + value, str(2**128 - 1)]
        others += [str(2**128), str(2**64), "9" * 40]
    elif isinstance(value, int):
        others += [value + 1, 40, 41, 65_534, 65_535, 65_536, 2**40, 2**53 - 1, str(value)]
    elif isinstance(value, list):
        others += [value[:-1], value * 2, [*value, None], [value], value[::-1], value * 41]
    elif isinstance(value, dict):
        others += [
            {**value, "more": 1},
            *({k: v for k, v in value.items() if k != key} for key in value),
        ]
    return others


def test_a_proof_changed_in_any_place_has_the_package_s_reason(browser: WebDriver) -> None:
    cases: list[Case] = [
        (json.dumps(changed(path, other)), WHO)
        for path, value in leaves_of(DOCUMENT)
        if path
        for other in others_of(value)
        if other != value or isinstance(other, bool)
    ]
    found = agreed(browser, cases)

    assert len(cases) > 900
    # The order of shares may change, and a share that is left out shows less; nothing shows more.
    shown = {one for one in found if one.startswith("{")}
    assert {"{0: 75}", "{0: 75, 1: 9}"} == shown


RAW = [
    *("", " ", "null", "[]", "{}", '"', "\x00", "{'version': 1}", "[" * 100_000),
    *(f"{mark}{TEXT}" for mark in ("\ufeff", "\u00a0", "\f", "x", "//\n")),
    *(f"{TEXT}{mark}" for mark in ("\x00", "\u00a0", "}", ",", "x", TEXT)),
    *(
        TEXT.replace('"index": 0', f'"index": {number}')
        for number in (
            "0.0",
            "0e0",
            "00",
            "+0",
            "0x0",
            "-",
            "-1",
            ".0",
            "0.",
            "NaN",
            "Infinity",
            "-Infinity",
            "1e400",
            "9007199254740991",
            "9007199254740992",
            "123456789012345678",
            "true",
            "True",
            "'0'",
            "undefined",
            "0,",
            "0 0",
            "/**/0",
            "0n",
            "0_0",
            "\u0660",
        )
    ),
    *(
        TEXT.replace('"coin0"', f'"{text}"')
        for text in (
            "a\tb",
            "a\nb",
            "\x7f",
            "\\x41",
            "\\u12",
            "\\ud800",
            "\\udc00\\ud800",
            "\\ud83d\\ude00",
            "\\ud83d\\\\ude00",
            "\\u0000",
            "\u2028",
            "\\",
            "\\u{41}",
            "\\/",
            "\\'",
            "\\U0041",
        )
    ),
    TEXT.replace('"version"', '"version": "polv1", "version"'),
    TEXT.replace('"version"', '"\\u0076ersion": "polv1", "version"'),
    TEXT.replace('"asOf"', '"\\ud800": 1, "asOf"'),
    TEXT.replace('"asOf"', '"__proto__": {"assets": []}, "asOf"'),
    TEXT.replace('"asOf"', '"constructor": 1, "hasOwnProperty": 2, "size": 3, "asOf"'),
    TEXT.replace('"version":', '"__proto__": {}, "version":'),
    *(TEXT[:-1] + mark + "}" for mark in (",", ', "__proto__": null', ', "more": 1', ", 1", ", :")),
    TEXT.replace(", ", ",, ", 1),
    TEXT.replace("]]", "],]", 1),
    TEXT.replace("[[", "[,[", 1),
    TEXT.replace("[[", "[]", 1),
    TEXT.replace(":", "", 1),
    TEXT.replace("{", "[", 1),
]


def test_text_that_is_not_strict_json_is_read_by_neither(browser: WebDriver) -> None:
    cases: list[Case] = [(text, WHO) for text in RAW]
    data = TEXT.encode()
    for broken in (
        b"\xff",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
        b"\xef\xbb\xbf",
    ):
        cases += [(data.replace(b"coin0", b"co" + broken, 1), WHO), (broken + data, WHO)]
    found = agreed(browser, cases)

    # A key that needs no refusal changes the header, and so what the header's hash is.
    assert {"unreadable", "out_of_range", "root_differs", "names_differ"} >= set(found)


def test_cut_and_flipped_proofs_have_the_package_s_reason(browser: WebDriver) -> None:
    data = TEXT.encode()
    cut: list[Case] = [(data[:size], WHO) for size in range(0, len(data), 11)]
    flipped: list[Case] = [
        (data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :], WHO)
        for place in range(0, len(data), 3)
        for bit in (1 << place % 7,)
    ]

    assert {"unreadable"} == set(agreed(browser, cut))
    assert not any(one.startswith("{") for one in agreed(browser, flipped))


def test_depth_is_bounded_at_the_same_place(browser: WebDriver) -> None:
    cases: list[Case] = []
    for depth in (29, 30, 31, 32, 33, 40):
        nested: dict[str, object] = {"a": json.loads("[" * depth + "]" * depth)}
        if depth <= 30:
            grown = grow((ALICE, BOB), header=nested)
            cases.append((proof_text(grown, ALICE), entries(grown, ALICE)))
        else:
            cases.append((json.dumps({**DOCUMENT, "header": nested}), WHO))
    found = agreed(browser, cases)

    assert ["{0: 70}", "{0: 70}", "unreadable", "unreadable", "unreadable", "unreadable"] == found


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"account": "1002"}, "path_differs"),
        ({"account": "1001 "}, "path_differs"),
        ({"account": ""}, "unreadable"),
        ({"account": "x" * 1001}, "unreadable"),
        ({"account": "\U0001d7ce" * 1000}, "path_differs"),
        ({"account": "\U0001d7ce" * 1001}, "unreadable"),
        ({"identifier": "Alice@example.com"}, "path_differs"),
        ({"identifier": ""}, "unreadable"),
        ({"key": "00" * 32}, "path_differs"),
        ({"published": "00" * 32}, "not_published"),
        ({"records": "coin0 0.00000075"}, "{0: 75, 1: 9}"),
        ({"records": "coin1 0.000000090"}, "unreadable"),
        ({"records": "coin0 0.00000074"}, "balance_differs"),
        ({"records": "coin1 0"}, "balance_differs"),
    ],
)
def test_what_the_customer_brings_decides(
    browser: WebDriver, changes: dict[str, str], said: str
) -> None:
    assert [said] == agreed(browser, [(TEXT, replace(WHO, **changes))])


def test_entries_that_no_text_of_the_package_could_be_are_unreadable(browser: WebDriver) -> None:
    wrong = [
        *({"key": key} for key in ("", "00", "0x" + "00" * 32, "g" * 64, "00" * 33, "٣" * 64)),
        *({"published": digest} for digest in ("", "00" * 31, WHO.published[:-1] + "_")),
        *(
            {"records": text}
            for text in (
                "coin0",
                "0.5",
                "coin2 0.5",
                "coin0 -1",
                "coin0 1e3",
                "coin0 0,5",
                "coin0 .5",
                "coin0 01",
                "coin0 1.",
                "coin0 0.000000001",
                "coin0 1\ncoin0 1",
                "coin0 ٣",
                "Coin0 0.00000075",
            )
        ),
    ]
    found = said_by_page(browser, [(TEXT, replace(WHO, **one)) for one in wrong])

    assert ["unreadable"] * len(wrong) == [one["reason"] for one in found]
    assert [None] * len(wrong) == [one["shown"] for one in found]


def test_one_name_for_two_instruments_takes_no_records(browser: WebDriver) -> None:
    grown = grow((ALICE,), (replace(ALICE, asset=1),))
    trees = tuple(
        tree_of(grown.commitment.snapshot, replace(tree, instrument="btc"))
        for tree in grown.commitment.trees
    )
    same = Inclusion(commit({}, trees), grown.proof(ALICE).shares)
    text, who = json.dumps(inclusion_document(same)), entries(grown, ALICE)
    (alone, named) = said_by_page(
        browser, [(text, who), (text, replace(who, records="btc 0.0000007"))]
    )

    assert {"0": "70", "1": "70"} == alone["shown"]
    assert "unreadable" == named["reason"]


def test_a_total_that_is_not_the_sum_of_its_leaves_is_refused(browser: WebDriver) -> None:
    """Top and root agree with each other, and only the path shows that its sums are others."""
    grown = grow((ALICE, BOB))
    (tree,) = grown.commitment.trees
    cases: list[Case] = []
    for total in (0, 119, 121):
        lying = commit({}, (tree_of(grown.commitment.snapshot, replace(tree, total=total)),))
        made = inclusion_document(Inclusion(lying, grown.proof(ALICE).shares))
        who = replace(entries(grown, ALICE), published=lying.digest.hex())
        cases.append((json.dumps(made), who))

    assert ["path_differs"] * 3 == agreed(browser, cases)


NAMES = [
    *([{"index": 0}], [{"instrument": "coin1"}, {}], [{}, {"decimals": 18}], [{}, {}, {}]),
    *([], [{}, 1], ["coin0", "coin1"], [1, {"index": 0}], [1, {"index": 1}], {}, "coin0", None),
    *([{"instrument": None}, {}], [{"decimals": "8"}, {}], [{"instrument": ["coin0"]}, {}]),
    *([{"index": False}, {}], [{}, {"index": True}]),
    HEADER["assets"],
]


def test_names_in_the_header_are_held_against_the_trees(browser: WebDriver) -> None:
    cases: list[Case] = []
    for listed in NAMES:
        grown = grow((ALICE,), (replace(ALICE, asset=1),), header={"assets": listed})
        cases.append((proof_text(grown, ALICE), entries(grown, ALICE)))
    found = agreed(browser, cases)

    assert {"names_differ", "{0: 70, 1: 70}"} == set(found)
    assert [False] * 17 + [True] == [one["named"] or False for one in said_by_page(browser, cases)]


def reason_cases() -> Iterator[Case]:
    shares, assets = DOCUMENT["shares"], DOCUMENT["assets"]
    steps = shares[0]["siblings"]
    changes: list[tuple[tuple[str | int, ...], object]] = [
        (("shares",), []),
        (("shares",), [shares[0], shares[0]]),
        (("shares",), [shares[0], {**shares[0], "split": 9}]),
        (("shares", 0, "index"), 2),
        (("shares", 0, "siblings"), []),
        (("shares", 0, "siblings"), steps * 21),
        (("shares", 0, "siblings", 0, 1), str(2**128 - 1)),
        (("shares", 0, "siblings", 0, 0), "00" * 32),
        (("shares", 0, "position"), "4"),
        (("shares", 0, "split"), 65_536),
        (("assets", 0, "total"), "74"),
        (("assets",), assets[::-1]),
        (("assets", 0, "decimals"), 18),
        (("set",), "00" * 32),
        (("version",), "polv2"),
    ]
    for path, value in changes:
        yield json.dumps(changed(path, value)), WHO
    yield TEXT, replace(WHO, published="00" * 32)
    yield TEXT, replace(WHO, records="coin0 1")


def test_every_reason_is_reached_and_said_alike(browser: WebDriver) -> None:
    # Roots of two assets differ by their index; a proof carries no snapshot hash.
    unreachable = {"root_twice", "snapshot_differs"}

    assert set(get_args(Reason)) - unreachable | {"unreadable"} == set(
        agreed(browser, list(reason_cases()))
    )


def test_the_earliest_of_two_bad_shares_gives_the_reason(browser: WebDriver) -> None:
    document = changed(("shares", 2, "siblings"), [])
    document["shares"][0]["siblings"][0][1] = str(2**128 - 1)

    assert ["overflow"] == agreed(browser, [(json.dumps(document), WHO)])


HEADERS = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=4,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(HEADERS, min_size=5, max_size=5))
def test_any_header_has_one_canonical_form(
    browser: WebDriver, headers: list[dict[str, object]]
) -> None:
    cases: list[Case] = []
    for header in headers:
        grown = grow((ALICE,), header=header)
        cases.append((proof_text(grown, ALICE), entries(grown, ALICE)))

    agreed(browser, cases)


def test_headers_are_sorted_by_utf_16_and_escaped_as_the_rfc_says(browser: WebDriver) -> None:
    header: dict[str, object] = {
        "\u20ac": '\x7f\x1f\b\f/\\"',
        "\U0001f600": "\u2028\ud7ff",
        "\ufb33": -(2**53) + 1,
        "\x80": True,
        "\r": 1,
        "": [],
        "__proto__": {"b": 1, "a": None},
        "é": 1,
        "e\u0301": 2,
    }
    grown = grow((ALICE, BOB), header=header)
    case = (proof_text(grown, ALICE), entries(grown, ALICE))
    raw = (json.dumps(json.loads(case[0]), ensure_ascii=False), case[1])

    assert header_hash(header) == grown.commitment.snapshot
    assert ["{0: 70}"] * 2 == agreed(browser, [case, raw])
