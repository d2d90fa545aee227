from __future__ import annotations

import pytest
from coincurve import PublicKey
from hypothesis import example, given
from hypothesis import strategies as st

from proofs.key_recovery import ORDER, UnrecoverableKeyError, recover_key

SCALARS = st.one_of(
    st.integers(0, 2**256 - 1), st.sampled_from([0, 1, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1])
)


@pytest.mark.parametrize("compressed", [True, False])
@given(SCALARS, SCALARS, st.integers(0, 3), st.binary(min_size=32, max_size=32))
@example(1, 1, 0, bytes(32))
def test_it_gives_what_coincurves_own_class_gives(
    compressed: bool,  # noqa: FBT001 - a parameter of the test
    r: int,
    s: int,
    recovery_id: int,
    digest: bytes,
) -> None:
    compact = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    try:
        key = PublicKey.from_signature_and_message(
            compact + bytes((recovery_id,)), digest, hasher=None
        )
    except ValueError:
        with pytest.raises(UnrecoverableKeyError):
            recover_key(compact, recovery_id, digest, compressed=compressed)
        return

    expected = key.format(compressed=compressed)
    assert expected == recover_key(compact, recovery_id, digest, compressed=compressed)


@pytest.mark.parametrize(
    ("size", "recovery_id", "digest_size"),
    [(63, 0, 32), (65, 0, 32), (64, -1, 32), (64, 4, 32), (64, 0, 31), (64, 0, 33)],
)
def test_other_lengths_never_reach_the_library(
    size: int, recovery_id: int, digest_size: int
) -> None:
    with pytest.raises(ValueError, match="are needed"):
        recover_key(bytes(size), recovery_id, bytes(digest_size), compressed=True)
