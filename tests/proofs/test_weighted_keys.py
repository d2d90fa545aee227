from __future__ import annotations

import pytest

from config.errors import InputError
from proofs.authority.weighted_keys import WeightedKeys

KEYS = WeightedKeys((("a", 1), ("b", 2), ("c", 3)), 3)


def test_distinct_signers_are_weighed() -> None:
    for signers, enough in (("", False), ("b", False), ("c", True), ("ab", True), ("aaa", False)):
        assert KEYS.reached(signers) == enough
    assert not KEYS.reached(["x", "y", "z", "b"])
    assert KEYS.names == {"a", "b", "c"}


def test_a_key_is_named_once() -> None:
    with pytest.raises(InputError, match="named twice"):
        WeightedKeys((("a", 1), ("b", 1), ("a", 1)), 2)
