"""Every byte of a kept token is bound: changed in any bit, it is no token of the authority."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attest.errors import InvalidTimestamp
from attest.timestamps.rfc3161 import check_token
from tests.attest.timestamps.stamped import SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.attest.timestamps.stamped import Stamped


def survivors(stamped: Stamped, changes: Sequence[int]) -> list[tuple[int, int]]:
    """Give places and changes of a token that is taken all the same."""
    found, authority = [], stamped.authority
    token = bytearray(stamped.token)
    for at, before in enumerate(stamped.token):
        for change in changes:
            token[at] = before ^ change
            try:
                check_token(bytes(token), SIGNATURE, authority)
            except InvalidTimestamp:
                continue
            found.append((at, change))
        token[at] = before
    return found


def test_every_bit_of_a_token_under_an_elliptic_curve(first: Stamped) -> None:
    assert [] == survivors(first, [1 << bit for bit in range(8)])


@pytest.mark.parametrize("change", [0x01, 0x80, 0xFF])
def test_every_byte_of_a_token_under_rsa(second: Stamped, change: int) -> None:
    assert [] == survivors(second, [change])
