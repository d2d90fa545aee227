"""An answer that is small on the wire and large in memory is refused before it is parsed."""

from __future__ import annotations

import pytest

from chains import wire
from chains.wire import decode_json


@pytest.mark.parametrize("one", ["[]", "{}"])
def test_the_number_of_arrays_and_objects_is_bounded(
    one: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MAX_CONTAINERS", 100)

    def many(count: int) -> bytes:
        return f"[{','.join([one] * (count - 1))}]".encode()

    assert decode_json(many(100)) is not None
    with pytest.raises(ValueError, match="json with 101 brackets, the limit is 100"):
        decode_json(many(101))


def test_an_answer_of_two_million_balances_is_not_too_many() -> None:
    assert wire.MAX_CONTAINERS > 2_000_000
    assert len(b'[{"jsonrpc":"2.0","id":1,"result":"0x0"}]') * wire.MAX_CONTAINERS > 1 << 26
