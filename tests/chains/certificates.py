"""Certificates made for a test: an authority of our own, and what it signs or does not sign."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def pin(self) -> str:
        """What stands after `#` in an endpoint that accepts this certificate alone."""
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return f"sha256={sha256(der).hexdigest()}"

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write certificate and key; give their paths."""
        paths = folder / "server.pem", folder / "server.key"
        paths[0].write_bytes(self.pem)
        paths[1].write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return paths

    def server(self, folder: Path) -> ssl.SSLContext:
        """Give what a server needs to show this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.write(folder))
        return context


def make(host: str, issuer: Certificate | None = None, *, days: int = 2) -> Certificate:
    """Make a certificate from yesterday on.

    Args:
        host: the name or address it is for; an authority's is never looked at.
        issuer: who signs it; None: itself, and then it may be an authority.
        days: how long it is valid; 0: until a minute after yesterday's beginning.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days, minutes=1))
        .add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    return Certificate(builder.sign(key if issuer is None else issuer.key, hashes.SHA256()), key)


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
