"""A timestamp authority that a verifier trusts: one certificate, and the chain above it.

The certificate itself is pinned, by all its bytes. A name or a root alone would not do: whoever has
another certificate below the same root could stand for this authority. An authority that renews its
certificate is named once more, with the new one.

Refused, as RFC 3161 (2.3) has it: a certificate whose extended key usage is not timeStamping and
nothing else, or is not critical, or that is a certificate authority's own; and a chain without a
root, that is a certificate that signs itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from warnings import catch_warnings, simplefilter

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID

from config.errors import InputError

MAX_CERTIFICATES = 64 * 1024
"""Bytes of a file of certificates: a chain of four is 8 KiB."""
_PEM = b"-----BEGIN"
_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    CryptographyDeprecationWarning,
)


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority; only `read_authority` makes one."""

    name: str
    certificate: x509.Certificate
    """Its own, which signs tokens."""
    intermediates: tuple[x509.Certificate, ...]
    roots: tuple[x509.Certificate, ...]
    """Those of the chain that sign themselves; at least one."""
    policy: str | None
    """Identifier of the policy its tokens must be given under, dotted; None: any."""

    @property
    def der(self) -> bytes:
        """The certificate's bytes."""
        return self.certificate.public_bytes(Encoding.DER)


def read_authority(name: str, certificate: bytes, chain: bytes, policy: str | None) -> Authority:
    """Read an authority's certificates.

    Args:
        name: what the verifier calls it.
        certificate: its own, PEM or DER.
        chain: those above it up to a root, PEM, or DER of one.
        policy: dotted identifier, or None.

    Raises:
        InputError: what is refused above, or no certificate.
    """
    own = _certificates(certificate, f"{name}: certificate")
    if len(own) != 1:
        raise InputError.at(name, "certificate", f"{len(own)} certificates, expected one")
    _check_usage(own[0], name)
    above = _certificates(chain, f"{name}: chain")
    roots = tuple(one for one in above if _signs_itself(one))
    if not roots:
        hint = "add the root: the certificate whose subject is its issuer"
        raise InputError.at(name, "chain", f"no root among {len(above)} certificates", hint)
    if policy is not None:
        _check_policy(policy, name)
    return Authority(name, own[0], tuple(one for one in above if one not in roots), roots, policy)


def _certificates(data: bytes, name: str) -> tuple[x509.Certificate, ...]:
    if len(data) > MAX_CERTIFICATES:
        what = f"too large: {len(data)} bytes, the limit is {MAX_CERTIFICATES}"
        raise InputError.at(name, "", what)
    try:
        with catch_warnings():
            # What a later release of the library will refuse is refused now.
            simplefilter("error", CryptographyDeprecationWarning)
            if _PEM in data:
                return tuple(x509.load_pem_x509_certificates(data))
            return (x509.load_der_x509_certificate(data),)
    except _UNREADABLE as error:
        raise InputError.at(name, "", "not a certificate in PEM or DER") from error


def _check_usage(certificate: x509.Certificate, name: str) -> None:
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        basic = [
            one for one in certificate.extensions if isinstance(one.value, x509.BasicConstraints)
        ]
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        what = "has no readable extended key usage, expected critical timeStamping"
        raise InputError.at(name, "certificate", what) from error
    if list(usages.value) != [ExtendedKeyUsageOID.TIME_STAMPING] or not usages.critical:
        listed = ", ".join(one.dotted_string for one in usages.value)
        how = "critical" if usages.critical else "not critical"
        what = f"extended key usage is {listed} ({how}), expected timeStamping alone, critical"
        raise InputError.at(name, "certificate", what)
    if any(one.value.ca for one in basic):
        raise InputError.at(name, "certificate", "is a certificate authority's own")


def _signs_itself(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _check_policy(policy: str, name: str) -> None:
    try:
        x509.ObjectIdentifier(policy)
    except ValueError as error:
        hint = "write it dotted, such as 1.3.6.1.4.1.13762.3"
        raise InputError.at(name, "policy", f"not an identifier: {policy!r}", hint) from error
