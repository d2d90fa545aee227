from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs import base64text
from proofs.control import InvalidProof

LIMIT = 200


def reason(text: str, limit: int = LIMIT) -> str:
    with pytest.raises(InvalidProof) as refused:
        base64text.decode(text, limit)
    return refused.value.reason


@given(st.binary(min_size=1, max_size=100))
def test_what_is_written_is_read(data: bytes) -> None:
    assert data == base64text.decode(base64.b64encode(data).decode(), LIMIT)


@given(st.text(max_size=40))
def test_any_text_is_canonical_or_refused(text: str) -> None:
    try:
        data = base64text.decode(text, LIMIT)
    except InvalidProof as refused:
        assert refused.reason == "malformed_signature"  # noqa: PT017 - both ends are right
    else:
        assert text == base64.b64encode(data).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        "YQ",
        "YQ=",
        "YQ===",
        "YR==",
        "YWJ=",
        "AAAA===",
        "AAAA====",
        "YQ==YQ==",
        " YQ==",
        "YQ== ",
        "YQ==\n",
        "YQ\n==",
        "Y Q==",
        "\tYQ==",
        "_-8=",
        "é===",
        "\ud800Q==",
        "YQ==\x00",
    ],
)
def test_another_spelling_is_refused(text: str) -> None:
    assert reason(text) == "malformed_signature"


def test_text_over_the_limit_is_refused() -> None:
    assert base64text.decode("A" * 8, 8) == bytes(6)
    assert reason("A" * 12, 8) == "malformed_signature"
