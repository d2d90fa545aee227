"""A real timestamp authority, `openssl ts`, with a certificate authority of its own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from attest.timestamps.authority import Authority, read_authority

if TYPE_CHECKING:
    from pathlib import Path

Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
POLICY = "1.2.3.4.1"
STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
CONFIG = """
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/own.pem
signer_key = {folder}/own.key
signer_digest = {digest}
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
digests = sha1, sha256, sha384, sha512
accuracy = secs:1, millisecs:500
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
{more}
"""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def new_key(kind: str = "p256") -> Key:
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def issue(  # noqa: PLR0913 - whatever a test wants otherwise
    name: str,
    issuer: Issued | None = None,
    *,
    ca: bool = False,
    both: bool = False,
    usages: tuple[x509.ObjectIdentifier, ...] = STAMPING,
    critical: bool = True,
    valid: tuple[datetime, datetime] = (NOW - DAY, NOW + 365 * DAY),
    key: Key | None = None,
    serial: int | None = None,
) -> Issued:
    """Make a certificate: a root without an issuer, an authority's own otherwise; or both."""
    own = key or new_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    above = subject if issuer is None else issuer.certificate.subject
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above)
        .public_key(own.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_key_usage(ca=ca), critical=True)
    )
    if (both or not ca) and usages:
        made = made.add_extension(x509.ExtendedKeyUsage(usages), critical=critical)
    signing = own if issuer is None else issuer.key
    assert not isinstance(signing, ed25519.Ed25519PrivateKey)
    again = True if isinstance(signing, ec.EllipticCurvePrivateKey) else None
    return Issued(made.sign(signing, hashes.SHA256(), ecdsa_deterministic=again), own)


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = ["openssl", *(str(one) for one in arguments)]
    return subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own words


@dataclass(frozen=True, slots=True)
class Tsa:
    """An authority that answers with `openssl ts -reply`, in a folder of its own."""

    folder: Path
    root: Issued
    own: Issued

    @property
    def authority(self) -> Authority:
        return read_authority(self.folder.name, self.own.pem, self.root.pem, None)

    def reply(self, request: bytes, *options: str) -> bytes:
        """Answer a request; a refusal is an answer too."""
        asked, answer = self.folder / "asked.tsq", self.folder / "answer.tsr"
        asked.write_bytes(request)
        config = ("-config", self.folder / "tsa.cnf", "-section", "tsa")
        done = openssl("ts", "-reply", *config, "-queryfile", asked, "-out", answer, *options)
        assert done.returncode == 0, done.stderr.decode()
        return answer.read_bytes()

    def agrees(self, token: bytes, signature: bytes, at: int | None = None) -> bool:
        """Ask `openssl ts -verify` about a token, at a time or today."""
        place = self.folder / "judged"
        place.mkdir(exist_ok=True)
        files = {"sig": signature, "x.tsr": token, "root.pem": self.root.pem}
        for name, data in files.items():
            (place / name).write_bytes(data)
        when = () if at is None else ("-attime", str(at))
        trust = ("-CAfile", place / "root.pem", *when)
        done = openssl("ts", "-verify", "-data", place / "sig", "-in", place / "x.tsr", *trust)
        return done.returncode == 0


def start(
    folder: Path,
    root: Issued | None = None,
    own: Issued | None = None,
    *,
    digest: str = "sha256",
    more: str = "",
) -> Tsa:
    """Set an authority up."""
    folder.mkdir()
    above = root or issue(f"{folder.name} root", ca=True)
    leaf = own or issue(f"{folder.name} own", above)
    key = leaf.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "own.pem").write_bytes(leaf.pem)
    (folder / "root.pem").write_bytes(above.pem)
    (folder / "own.key").write_bytes(key)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder, digest=digest, more=more))
    return Tsa(folder, above, leaf)
