from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.statement import check_name
from config.errors import InputError
from config.paths import MAX_PATH, check_path, refuse_shared
from tests.config.known import refusal


@pytest.mark.parametrize("path", ["a.csv", "books/keys/acme.pub", "a b/c-d_e@f+.g", "a" * MAX_PATH])
def test_a_plain_path_is_taken(path: str) -> None:
    check_path(path)


@pytest.mark.parametrize("path", ["", "/a", "a/", "..", "a/../b", "a//b", "a\\b", "ä", " a", "a:b"])
def test_what_no_bundle_carries_is_refused(path: str) -> None:
    error = refusal(check_path, path)
    assert f"not a path beside the declaration: {path!r}" == error.what


def test_a_long_path_is_refused() -> None:
    refusal(check_path, "a" * (MAX_PATH + 1))


@pytest.mark.parametrize("second", ["books/A.pdf", "books/a.pdf", "Declaration.TOML"])
def test_two_files_do_not_share_a_path(second: str) -> None:
    error = refusal(refuse_shared, ["books/a.pdf", second])
    assert f"one path for two files: {second!r}" == error.what


@given(st.text(max_size=30))
def test_what_is_taken_is_a_name_in_a_bundle(path: str) -> None:
    try:
        check_path(path)
    except InputError:
        return
    check_name(path)
