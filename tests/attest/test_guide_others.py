"""The guide of a bundle to which others added: time stamps and second signatures."""

from __future__ import annotations

import hashlib
import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from attest.envelope import read_envelope, seal
from attest.sigstore import sigstore_copies
from attest.statement import build_statement
from tests.attest.pasted import ENVELOPE, GOOD, PAYLOAD, listed, make
from tests.nodes.authority import new_authority

if TYPE_CHECKING:
    from pathlib import Path

    from tests.attest.pasted import Bundle, Follow
    from tests.nodes.authority import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("guide"), "Anno")


def stamped(signed: Bundle, token: bytes) -> Bundle:
    more = {**signed, "time/0001.signer.anno.tsr": token}
    return listed({**more, **sigstore_copies(more)})


@pytest.mark.parametrize("certificate", [True, False], ids=["certificate", "no certificate"])
def test_a_time_stamp(
    signed: Bundle, received: Bundle, follow: Follow, authority: Authority, *, certificate: bool
) -> None:
    token = authority.stamp(read_envelope(signed[ENVELOPE]).signature, certificate=certificate)
    now = datetime.now(UTC)

    said = follow(stamped(signed, token), {**received, "anno.pem": authority.chain})
    assert said[:-1] == GOOD
    found = re.fullmatch(r"time of signer by anno: (\S+): OK", said[-1])
    assert found is not None
    assert abs(datetime.fromisoformat(found[1]) - now) < timedelta(seconds=10)


def test_time_stamps_that_show_nothing(
    signed: Bundle, received: Bundle, follow: Follow, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = new_authority(tmp_path / "stranger", "Anno")
    token = authority.stamp(read_envelope(signed[ENVELOPE]).signature)
    other = authority.stamp(b"another signature")
    trusted = {**received, "anno.pem": authority.chain}
    no_key = {"anno.pem": authority.chain}
    missing = "there is no verified signature of signer or no ~/received/anno.pem"

    for data, given in ((other, trusted), (b"", trusted), (token[:-1], trusted)):
        assert follow(stamped(signed, data), given)[-1] == "time of signer by anno: NOT OK"
    for given in (received, no_key):
        said = follow(stamped(signed, token), given)
        assert said[-1] == f"time of signer by anno: NOT CHECKED, {missing}"
    said = follow(stamped(signed, token), {**received, "anno.pem": stranger.chain})
    assert said[-1] == "time of signer by anno: NOT OK"


@pytest.mark.parametrize("follow", ["dash"], indirect=True)
def test_a_time_stamp_outlives_its_certificate(
    signed: Bundle, received: Bundle, tmp_path: Path, follow: Follow
) -> None:
    (tmp_path / "brief").mkdir()
    brief = new_authority(tmp_path / "brief", "Anno", seconds=3)
    token = brief.stamp(read_envelope(signed[ENVELOPE]).signature)
    time.sleep(4)

    said = follow(stamped(signed, token), {**received, "anno.pem": brief.chain})
    assert said[-1].startswith("time of signer by anno: 2")
    late = brief.stamp(read_envelope(signed[ENVELOPE]).signature)
    said = follow(stamped(signed, late), {**received, "anno.pem": brief.chain})
    assert said[-1] == "time of signer by anno: NOT OK"


def about(digest: str, **predicate: object) -> bytes:
    return build_statement("urn:custody-attest:test:v0", predicate, {PAYLOAD: digest})


def test_others_sign_the_same_or_about_it(signed: Bundle, received: Bundle, follow: Follow) -> None:
    auditor, board = make("ed25519"), make("p256")
    digest = hashlib.sha256(signed[PAYLOAD]).hexdigest()
    keys = {**received, "auditor.pub.pem": auditor.public.pem, "board.pub.pem": board.public.pem}
    both = listed(
        {
            **signed,
            "att/0001.auditor.dsse.json": seal(about(digest), auditor),
            "att/0001.board.dsse.json": seal(signed[PAYLOAD], board),
        }
    )

    said = follow(both, keys)
    assert said[:2] == GOOD[:2]
    assert said[2:5] == tuple(
        f"signature of {one} by key ID: OK" for one in ("auditor", "board", "signer")
    )
    assert said[5:9] == GOOD[3:7]
    assert re.fullmatch(r"auditor signed a statement about this one, which is in .*: OK", said[9])
    assert said[10:] == ("board signed this statement: OK", GOOD[-1])

    said = follow(both, {**received, "auditor.pub.pem": board.public.pem})
    assert "signature of auditor: NOT OK" in said
    assert "signature of board: NOT CHECKED, there is no ~/received/board.pub.pem" in said

    other = {**both, "att/0001.auditor.dsse.json": seal(about("00" * 32, named=digest), auditor)}
    assert "auditor signed something else: NOT OK" in follow(listed(other), keys)
