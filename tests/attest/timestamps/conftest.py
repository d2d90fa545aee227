"""Two authorities, and a signature that both stamped."""

from __future__ import annotations

import pytest

from tests.attest.timestamps import tsa
from tests.attest.timestamps.stamped import Stamped, stamp


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Stamped:
    """An authority with a P-256 key."""
    one = tsa.start(tmp_path_factory.mktemp("tsa") / "first")
    return Stamped(one, stamp(one))


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Stamped:
    """An authority with an RSA key, SHA-512, and its whole chain in each reply."""
    place = tmp_path_factory.mktemp("tsa")
    root = tsa.issue("second root", ca=True, key=tsa.new_key("rsa"))
    own = tsa.issue("second own", root, key=tsa.new_key("rsa"))
    one = tsa.start(
        place / "second", root, own, digest="sha512", more=f"certs = {place}/second/root.pem"
    )
    return Stamped(one, stamp(one))
