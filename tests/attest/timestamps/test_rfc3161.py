"""Tokens of real authorities, good and bad, with openssl as the second opinion."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from attest.errors import InvalidTimestamp
from attest.timestamps.authority import read_authority
from attest.timestamps.reasons import REASONS
from attest.timestamps.rfc3161 import (
    Stamp,
    check_over,
    check_reply,
    check_token,
    make_request,
    nonce_of,
)
from attest.timestamps.tokens import MAX_REPLY, kept, read_reply
from tests.attest.timestamps import tsa
from tests.attest.timestamps.forge import SHA1, Forged
from tests.attest.timestamps.stamped import SIGNATURE, stamp
from tests.attest.timestamps.tsa import DAY, NOW, POLICY, Issued, issue, openssl

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.timestamps.authority import Authority
    from tests.attest.timestamps.stamped import Stamped

REQUEST = make_request(SIGNATURE, nonce_of(SIGNATURE))
VECTORS = json.loads((Path(__file__).parents[2] / "vectors/timestamps.json").read_text())["vectors"]
LONG_AGO = (datetime(1998, 1, 1, tzinfo=UTC), datetime(2003, 1, 1, tzinfo=UTC))


def reason(check: Callable[[], object]) -> str:
    with pytest.raises(InvalidTimestamp) as met:
        check()
    assert met.value.reason in REASONS
    return met.value.reason


def verdict(token: bytes, authority: Authority, signature: bytes = SIGNATURE) -> str:
    return reason(lambda: check_token(token, signature, authority))


def of(own: Issued, root: Issued) -> Authority:
    return read_authority("example", own.pem, root.pem, None)


@pytest.fixture(scope="module")
def old() -> tuple[Issued, Issued]:
    """An authority's own certificate and its root, both long expired."""
    root = issue("old root", ca=True, valid=LONG_AGO)
    return issue("old own", root, valid=LONG_AGO), root


def test_a_request_is_read_by_openssl_as_it_is_meant(tmp_path: Path) -> None:
    (tmp_path / "q").write_bytes(REQUEST)
    text = openssl("ts", "-query", "-in", tmp_path / "q", "-text").stdout.decode()

    assert "Version: 1\nHash Algorithm: sha256\n" in text
    assert f"Nonce: 0x{nonce_of(SIGNATURE):016X}" in text
    assert "Certificate required: yes" in text
    assert hashlib.sha256(SIGNATURE).digest() in REQUEST


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 255, 256, 2**63, 2**64 - 1])
def test_a_request_is_what_openssl_writes(nonce: int, tmp_path: Path) -> None:
    (tmp_path / "q").write_bytes(make_request(SIGNATURE, nonce))
    openssl("ts", "-query", "-in", tmp_path / "q", "-out", tmp_path / "again")

    assert make_request(SIGNATURE, nonce) == (tmp_path / "again").read_bytes()


def test_two_authorities_stamp_one_signature(first: Stamped, second: Stamped) -> None:
    for one in (first, second):
        found = check_token(one.token, SIGNATURE, one.authority)

        assert abs(found.time - time.time()) < 600
        assert Stamp(one.authority.name, found.time, found.serial, POLICY) == found
        assert one.tsa.agrees(one.token, SIGNATURE)


def test_a_token_of_one_authority_is_none_of_another(first: Stamped, second: Stamped) -> None:
    assert "timestamp_untrusted" == verdict(first.token, second.authority)
    assert "timestamp_untrusted" == verdict(second.token, first.authority)
    assert not first.tsa.agrees(second.token, SIGNATURE)
    assert not second.tsa.agrees(first.token, SIGNATURE)


def test_an_authority_below_the_same_root_and_of_the_same_name_is_another(first: Stamped) -> None:
    twin = issue("first own", first.tsa.root)

    assert "timestamp_untrusted" == verdict(first.token, of(twin, first.tsa.root))


def test_a_token_over_other_bytes(first: Stamped) -> None:
    assert "timestamp_of_other_bytes" == verdict(first.token, first.authority, SIGNATURE[:-1])
    assert "timestamp_of_other_bytes" == reason(lambda: check_over(first.token, b""))
    assert not first.tsa.agrees(first.token, SIGNATURE[:-1])


def test_a_token_of_an_unknown_authority_is_over_these_bytes(first: Stamped) -> None:
    expected = hashlib.sha256(first.authority.der).hexdigest()

    assert expected == check_over(first.token, SIGNATURE).signer


def test_a_certificate_that_expired_since(tmp_path: Path) -> None:
    root = issue("short root", ca=True)
    own = issue("short own", root, valid=(NOW - DAY, datetime.now(UTC) + timedelta(seconds=3)))
    one = tsa.start(tmp_path / "short", root, own)
    token = stamp(one)
    found = check_token(token, SIGNATURE, one.authority)
    while time.time() <= own.certificate.not_valid_after_utc.timestamp() + 1:
        time.sleep(0.1)

    assert found == check_token(token, SIGNATURE, one.authority)
    assert not one.agrees(token, SIGNATURE)
    assert one.agrees(token, SIGNATURE, at=found.time)


def test_decades_after_root_and_certificate_expired(
    old: tuple[Issued, Issued], tmp_path: Path
) -> None:
    own, root = old
    token = kept(read_reply(Forged(own).reply()))
    found = check_token(token, SIGNATURE, of(own, root))

    assert int(datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC).timestamp()) == found.time
    assert (7, "1.2.3.4.1") == (found.serial, "1." + found.policy.partition(".")[2])
    assert tsa.start(tmp_path / "old", root, own).agrees(token, SIGNATURE, at=found.time)


@pytest.mark.parametrize("moment", [b"19971231235959Z", b"20030101000001Z", b"20261101000000Z"])
def test_a_certificate_that_was_not_valid_then(moment: bytes, old: tuple[Issued, Issued]) -> None:
    own, root = old
    token = kept(read_reply(Forged(own, time=moment).reply()))

    assert "timestamp_invalid" == verdict(token, of(own, root))


def test_a_root_that_was_not_valid_then() -> None:
    root = issue("late root", ca=True)
    own = issue("early own", root, valid=LONG_AGO)
    token = kept(read_reply(Forged(own).reply()))

    assert "timestamp_invalid" == verdict(token, of(own, root))


@pytest.mark.parametrize(
    "moment", [b"20010203040506.50Z", b"20010203040506+0100", b"20011303040506Z", b"200102030405Z"]
)
def test_times_in_other_forms(moment: bytes, old: tuple[Issued, Issued]) -> None:
    own, root = old
    token = kept(read_reply(Forged(own, time=moment).reply()))

    assert "timestamp_invalid" == verdict(token, of(own, root))


def test_parts_of_a_second_are_cut_off(old: tuple[Issued, Issued]) -> None:
    own, root = old
    whole, parts = (
        check_token(kept(read_reply(Forged(own, time=moment).reply())), SIGNATURE, of(own, root))
        for moment in (b"20010203040506Z", b"20010203040506.999Z")
    )

    assert whole.time == parts.time


def test_a_root_of_ones_own_making(first: Stamped) -> None:
    false = issue("first root", ca=True)

    assert "timestamp_invalid" == verdict(first.token, of(first.tsa.own, false))
    own = issue("first own", false)
    token = kept(read_reply(Forged(own, time=_now()).reply()))
    assert "timestamp_untrusted" == verdict(token, first.authority)


def test_a_chain_of_three() -> None:
    root = issue("top", ca=True, valid=LONG_AGO)
    middle = issue("middle", root, ca=True, valid=LONG_AGO)
    own = issue("bottom", middle, valid=LONG_AGO)
    token = kept(read_reply(Forged(own).reply()))
    whole = read_authority("three", own.pem, root.pem + middle.pem, None)
    without = read_authority("three", own.pem, root.pem, None)

    assert 7 == check_token(token, SIGNATURE, whole).serial
    assert "timestamp_invalid" == verdict(token, without)


def test_a_policy(first: Stamped) -> None:
    same, other = (
        read_authority("first", first.tsa.own.pem, first.tsa.root.pem, policy)
        for policy in (POLICY, "1.2.3.4.2")
    )

    assert POLICY == check_token(first.token, SIGNATURE, same).policy
    assert "timestamp_policy" == verdict(first.token, other)


def test_a_rejection(first: Stamped) -> None:
    request = REQUEST.replace(
        b"\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00",
        b"\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x09\x05\x00",
    )

    assert "timestamp_refused" == reason(lambda: check_reply(first.tsa.reply(request), REQUEST))


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5, 255])
def test_a_status_other_than_granted(status: int, old: tuple[Issued, Issued]) -> None:
    reply = Forged(old[0], status=status).reply()

    assert "timestamp_refused" == reason(lambda: check_reply(reply, REQUEST))


def test_a_weak_imprint(old: tuple[Issued, Issued]) -> None:
    own, root = old
    weak = Forged(own, digest=SHA1, hashed=hashlib.sha1(SIGNATURE, usedforsecurity=False).digest())

    assert "timestamp_weak" == reason(lambda: read_reply(weak.reply()))
    assert "timestamp_weak" == verdict(weak.reply(), of(own, root))
    assert "timestamp_weak" == reason(lambda: read_reply(Forged(own, signer_digest=SHA1).reply()))


def test_other_nonces(first: Stamped) -> None:
    other = make_request(SIGNATURE, 1)
    without = Forged(first.tsa.own).reply()

    met = {
        reason(partial(check_reply, reply, REQUEST)) for reply in (first.tsa.reply(other), without)
    }
    assert {"timestamp_of_other_request"} == met


def test_a_reply_over_other_bytes(first: Stamped) -> None:
    reply = first.tsa.reply(make_request(b"other", nonce_of(SIGNATURE)))

    assert "timestamp_of_other_bytes" == reason(lambda: check_reply(reply, REQUEST))


def test_a_reply_to_no_request(first: Stamped) -> None:
    reply = first.tsa.reply(REQUEST)

    assert "malformed_timestamp" == reason(lambda: check_reply(reply, REQUEST[:-1]))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\0",
        lambda data: data + data,
        lambda _: b"",
        lambda _: bytes(MAX_REPLY + 1),
    ],
)
def test_bytes_that_are_no_token(change: Callable[[bytes], bytes], first: Stamped) -> None:
    assert "malformed_timestamp" == verdict(change(first.token), first.authority)


def test_every_prefix_is_refused(first: Stamped) -> None:
    met = {verdict(first.token[:end], first.authority) for end in range(len(first.token))}

    assert {"malformed_timestamp"} == met


def _now() -> bytes:
    return datetime.now(UTC).strftime("%Y%m%d%H%M%SZ").encode()


def test_a_signature_of_another_key_before_1_0_3(first: Stamped) -> None:
    """The chain stands, the token's own signature does not."""
    thief = replace(first.tsa.own, key=tsa.new_key())
    token = kept(read_reply(Forged(thief, time=_now()).reply()))

    assert "timestamp_invalid" == verdict(token, first.authority)
    assert not first.tsa.agrees(token, SIGNATURE)


def test_a_certificate_beside_the_signers_before_1_0_6(first: Stamped) -> None:
    """A token of another authority below one root, with the trusted certificate laid in."""
    other = issue("other own", first.tsa.root)
    laid_in = Forged(other, time=_now())
    trusted = Forged(first.tsa.own).certificate
    for beside in ((laid_in.certificate, trusted), (trusted, laid_in.certificate)):
        reply = replace(laid_in, beside=beside).reply()
        token = kept(read_reply(reply))

        assert trusted not in token
        assert "timestamp_untrusted" == verdict(token, first.authority)
        assert "malformed_timestamp" == verdict(reply, first.authority)


def test_a_second_certificate_of_the_signers_name(first: Stamped) -> None:
    """Whoever holds a root of that name could otherwise choose which one is looked at."""
    serial = first.tsa.own.certificate.serial_number
    twin = issue("first own", first.tsa.root, serial=serial)
    forged = Forged(twin, time=_now())
    both = (forged.certificate, Forged(first.tsa.own).certificate)

    reply = replace(forged, beside=both).reply()
    with pytest.raises(InvalidTimestamp, match="2 certificates of the signer's name"):
        read_reply(reply)
    named = replace(forged, beside=both[1:]).reply()
    assert "malformed_timestamp" == reason(lambda: read_reply(named))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_tokens_that_were_kept_verify_for_ever(vector: dict[str, Any]) -> None:
    own, root, reply = (b64decode(vector[part]) for part in ("certificate", "root", "reply"))
    authority = read_authority(vector["name"], own, root, None)
    signature, expected = bytes.fromhex(vector["signature"]), vector["expected"]
    found = check_token(kept(read_reply(reply)), signature, authority)

    assert (expected["time"], int(expected["serial"])) == (found.time, found.serial)
    assert expected["policy"] == found.policy
