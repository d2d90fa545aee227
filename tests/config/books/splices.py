"""Hostile versions of a file that is well formed: bytes put in, written over, lines exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

VALUES = (
    b'""',
    b"0",
    b"-1",
    b"true",
    b"[]",
    b"{}",
    b'"1e9"',
    b"2026-11-30",
    b"2026-11-30T00:00:00Z",
    b'"FY2026"',
    b'"self"',
    b'"0.5"',
    b'"ethereum:usdt"',
    b'"/"',
    b'":"',
    b'"eip155:1/erc20:0x"',
    b"{ from = '2026-01-01', to = '2026-01-01' }",
    b"{ signature = 'a' }",
    b"9223372036854775807",
)


@st.composite
def spliced(draw: DrawFn, whole: str) -> bytes:
    """Give a file with one value replaced, or with bytes put in or written over."""
    data = whole.encode()
    if draw(st.booleans()):
        lines = data.split(b"\n")
        at = draw(st.sampled_from([i for i, line in enumerate(lines) if b" = " in line]))
        key = lines[at].partition(b" = ")[0]
        lines[at] = key + b" = " + draw(st.sampled_from(VALUES))
        return b"\n".join(lines)
    place = draw(st.integers(min_value=0, max_value=len(data)))
    put = draw(st.binary(max_size=30))
    rest = place + (len(put) if draw(st.booleans()) else 0)
    return data[:place] + put + data[rest:]
