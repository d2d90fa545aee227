from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import challenges
from config.caip import ChainId
from config.challenges import Anchor, parse_challenges
from config.errors import InputError
from tests.config.known import BITCOIN, DONE, GENESIS, ZPUB, refusal

HASH = "00000000000000000001a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7"
ACCOUNT = f"{BITCOIN}:{GENESIS}"
WHOLE: dict[str, object] = {
    "version": "v1",
    "entity": "5493001KJTIIGC8Y1R12",
    "issuer": "Example Audit",
    "nonce": "9f" * 32,
    "anchors": [{"chain": BITCOIN, "height": "925000", "hash": HASH}],
    "issuedAt": "2026-11-22T00:00:00Z",
    "expiresAt": "2026-12-06T00:00:00Z",
    "accountsSha256": "00" * 32,
    "texts": {ACCOUNT: "a text"},
}
KEYS = sorted(WHOLE)


def written(**changes: object) -> bytes:
    return json.dumps(WHOLE | changes).encode()


def refused(data: bytes) -> str:
    return str(refusal(parse_challenges, data, "c.json"))


def anchor(**changes: object) -> bytes:
    return written(anchors=[{"chain": BITCOIN, "height": "1", "hash": HASH} | changes])


def test_reads_a_file_and_gives_back_what_is_signed() -> None:
    found = parse_challenges(written(), "c.json")
    assert found.unsigned() == WHOLE
    assert () == found.signatures
    assert (Anchor(ChainId(BITCOIN), "925000", HASH),) == found.anchors
    assert found == parse_challenges(b"\xef\xbb\xbf" + written() + b"\r\n", "c.json")


@pytest.mark.parametrize(
    "account",
    [ACCOUNT, f"eip155:1:{DONE}", f"eip155:*:{DONE}", f"{BITCOIN}:wpkh([d34db33f/84h]{ZPUB}/0/*)"],
)
def test_texts_are_named_by_what_can_be_claimed(account: str) -> None:
    found = parse_challenges(written(texts={account: "x"}), "c.json")
    assert [account] == list(found.texts)


@pytest.mark.parametrize(
    "account",
    [
        "",
        GENESIS,
        f"bitcoin:{GENESIS}",
        f"{BITCOIN}:",
        f"{BITCOIN}:{GENESIS} ",
        f"{BITCOIN}:{GENESIS}\nnonce: 00",
        f"{BITCOIN}\n:{GENESIS}",
        f"{BITCOIN}: {GENESIS}",
        f"*:*:{DONE}",
        f"{BITCOIN}:口座",
        f"{BITCOIN}:{'x' * 4097}",
    ],
)
def test_a_name_that_would_add_a_line_or_a_strange_letter_is_refused(account: str) -> None:
    assert refused(written(texts={account: "x"})).startswith("c.json: texts")


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_field_is_refused(key: str) -> None:
    document = {name: value for name, value in WHOLE.items() if name != key}
    assert f"c.json: {key}: missing" == refused(json.dumps(document).encode())


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [None, 1, True, [], [[]], "", "x\ny", "é", " x", "x ", {"a": 1}])
def test_a_field_of_another_form_is_refused(key: str, value: object) -> None:
    if key == "anchors" and value == []:
        assert () == parse_challenges(written(anchors=[]), "c.json").anchors
    else:
        assert refused(written(**{key: value})).startswith(f"c.json: {key}")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "file is empty"),
        (b"{}", "version: missing"),
        (b"[]", "an object is expected"),
        (b'"x"', "an object is expected"),
        (b"\xff", "byte 0: not UTF-8"),
        (b"{}\0", "line 1: text expected, met a NUL character"),
        (b"{} {}", "not JSON in UTF-8"),
        (b'{"version": "v1", "version": "v1"}', "key given twice: 'version'"),
        (b'{"version": "\\ud800"}', "half a character: '\\ud800'"),
        (b'{"version": 1.0}', "number not allowed: 1.0"),
        (written(version="v2"), "version: input should be 'v1', met 'v2'"),
        (written(note="x"), "note: unknown key"),
        (written(texts={}), "texts: empty"),
        (
            written(entity="x" * 201),
            f"entity: string should have at most 200 characters, met '{'x' * 80}'…",
        ),
        (
            written(entity="株式会社"),
            "entity: string should match pattern '^[!-~]([ -~]*[!-~])?$', met '株式会社'",
        ),
        (
            written(nonce="9F" * 32),
            f"nonce: string should match pattern '^[0-9a-f]{{64}}$', met '{'9F' * 32}'",
        ),
        (anchor(note="x"), "anchors.0.note: unknown key"),
    ],
)
def test_what_is_not_as_documented_is_refused(data: bytes, message: str) -> None:
    assert f"c.json: {message}" == refused(data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuedAt", "2026-11-22T00:00:00+00:00"),
        ("issuedAt", "2026-11-22T00:00:00Z\n"),
        ("expiresAt", "２０２６-11-22T00:00:00Z"),
        ("expiresAt", "2026-11-22 00:00:00Z"),
        ("accountsSha256", "0x" + "00" * 31),
    ],
)
def test_a_time_or_digest_has_one_form(field: str, value: str) -> None:
    assert refused(written(**{field: value})).startswith(f"c.json: {field}: string should match")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("chain", "bitcoin"),
        ("chain", f"{BITCOIN}\nnonce: 00"),
        ("chain", "eip155:１"),
        ("height", 1),
        ("height", "01"),
        ("height", "-1"),
        ("height", "1e5"),
        ("height", "1" * 20),
        ("hash", HASH.upper()),
        ("hash", HASH[:-1]),
        ("hash", f"0x0x{HASH}"),
        ("hash", f"{HASH}\n"),
    ],
)
def test_an_anchor_that_is_no_block_is_refused(field: str, value: object) -> None:
    assert refused(anchor(**{field: value})).startswith(f"c.json: anchors.0.{field}: ")


def test_a_file_over_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(challenges, "MAX_BYTES", 10)
    assert f"c.json: file too large: {len(written())} bytes, the limit is 10" == refused(written())


@given(st.binary(max_size=60), st.integers(min_value=0, max_value=len(written())))
def test_any_bytes_are_read_or_refused(data: bytes, place: int) -> None:
    whole = written()
    for text in (data, whole[:place] + data, whole[:place] + data + whole[place + len(data) :]):
        with contextlib.suppress(InputError):
            assert parse_challenges(text, "c.json").texts
