"""A time stamp authority for tests: `openssl ts` with a root and a signer's certificate of its own.

Where openssl is missing the test is skipped by name; in continuous integration (CI=true) that is a
failure."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_CONFIGURATION = """
[ req ]
distinguished_name = name
[ name ]
[ root ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[ leaf ]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[ ca ]
database = index
rand_serial = yes
new_certs_dir = .
default_md = sha256
certificate = root.pem
private_key = root.key
policy = any
[ any ]
commonName = supplied
[ tsa ]
serial = serial
crypto_device = builtin
signer_cert = leaf.pem
signer_key = leaf.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf")


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority in a folder: `root.pem`, `leaf.pem` and what it needs to answer."""

    folder: Path

    @property
    def chain(self) -> bytes:
        """The signer's certificate and its root, in PEM."""
        return self.pem("leaf") + self.pem("root")

    def pem(self, name: str) -> bytes:
        return (self.folder / f"{name}.pem").read_bytes()

    def der(self, name: str) -> bytes:
        return self.run("x509", "-in", f"{name}.pem", "-outform", "DER")

    def stamp(self, data: bytes, *, certificate: bool = True) -> bytes:
        """Give a TimeStampResp over the data, in DER, with the signer's certificate or without."""
        (self.folder / "data").write_bytes(data)
        asked = ("-cert",) if certificate else ()
        self.run("ts", "-query", "-data", "data", "-sha256", *asked, "-out", "query")
        return self.run(
            *("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query")
        )

    def run(self, *arguments: str) -> bytes:
        return subprocess.run(  # noqa: S603 - our own arguments
            ["openssl", *arguments],  # noqa: S607 - the system's openssl
            cwd=self.folder,
            capture_output=True,
            check=True,
        ).stdout


def new_authority(folder: Path, name: str, *, seconds: int = 30 * 86400) -> Authority:
    """Make an authority in an empty folder, whose signer's certificate ends so soon; or skip."""
    if shutil.which("openssl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("openssl is not installed")
        pytest.skip("openssl is not installed")
    made = Authority(folder)
    (folder / "tsa.cnf").write_text(_CONFIGURATION)
    (folder / "serial").write_text("01\n")
    (folder / "index").write_text("")
    root = ("-x509", "-extensions", "root", "-subj", f"/CN={name} root", "-days", "30")
    made.run("req", *root, *_KEY, "-keyout", "root.key", "-out", "root.pem")
    made.run("req", "-subj", f"/CN={name}", *_KEY, "-keyout", "leaf.key", "-out", "leaf.csr")
    end = datetime.now(UTC) + timedelta(seconds=seconds)
    made.run(
        *("ca", "-batch", "-notext", "-config", "tsa.cnf", "-name", "ca", "-extensions", "leaf"),
        *("-enddate", f"{end:%Y%m%d%H%M%SZ}", "-in", "leaf.csr", "-out", "leaf.pem"),
    )
    return made
