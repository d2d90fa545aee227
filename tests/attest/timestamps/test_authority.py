"""Which certificates can stand for an authority."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from attest.timestamps.authority import MAX_CERTIFICATES, Authority, read_authority
from config.errors import InputError
from tests.attest.timestamps.tsa import Issued, issue

ROOT = issue("root", ca=True)
MIDDLE = issue("middle", ROOT, ca=True)
OWN = issue("own", MIDDLE)
STAMPING, SIGNING = ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING


def read(own: bytes, chain: bytes = ROOT.pem, policy: str | None = None) -> Authority:
    return read_authority("example", own, chain, policy)


def refusal(own: bytes, chain: bytes = ROOT.pem, policy: str | None = None) -> str:
    with pytest.raises(InputError) as met:
        read(own, chain, policy)
    return met.value.what


def test_pem_and_der() -> None:
    der = Encoding.DER
    made = read(OWN.pem, MIDDLE.pem + ROOT.pem, "1.2.3")
    same = read(OWN.certificate.public_bytes(der), ROOT.certificate.public_bytes(der), "1.2.3")

    assert (OWN.certificate, (MIDDLE.certificate,), (ROOT.certificate,)) == (
        made.certificate,
        made.intermediates,
        made.roots,
    )
    assert (made.certificate, made.roots, "1.2.3") == (same.certificate, same.roots, same.policy)
    assert OWN.certificate.public_bytes(der) == made.der


@pytest.mark.parametrize(
    "own",
    [
        issue("own", ROOT, usages=()),
        issue("own", ROOT, usages=(SIGNING,)),
        issue("own", ROOT, usages=(STAMPING, SIGNING)),
        issue("own", ROOT, critical=False),
        issue("own", ROOT, ca=True),
    ],
    ids=["none", "another", "two", "not critical", "an authority of certificates"],
)
def test_a_certificate_that_is_not_for_timestamps_alone(own: Issued) -> None:
    assert "extended key usage" in refusal(own.pem)


def test_an_authority_of_certificates_with_the_right_usage() -> None:
    assert "is a certificate authority's own" in refusal(issue("own", ROOT, ca=True, both=True).pem)


def test_a_chain_without_a_root() -> None:
    assert "no root among 1 certificates" in refusal(OWN.pem, MIDDLE.pem)
    assert "no root among 1 certificates" in refusal(OWN.pem, OWN.pem)


@pytest.mark.parametrize("bad", [b"", b"x", OWN.pem[:-60], b"-----BEGIN CERTIFICATE-----\n"])
def test_no_certificate(bad: bytes) -> None:
    assert "not a certificate" in refusal(bad)
    assert "not a certificate" in refusal(OWN.pem, bad)


def test_two_certificates_of_its_own() -> None:
    assert "2 certificates, expected one" in refusal(OWN.pem + MIDDLE.pem)


def test_too_much() -> None:
    assert "too large" in refusal(bytes(MAX_CERTIFICATES + 1))


@pytest.mark.parametrize("policy", ["", "1", "a.b", "1.2.", "1.2.3 "])
def test_no_policy(policy: str) -> None:
    assert "not an identifier" in refusal(OWN.pem, policy=policy)
