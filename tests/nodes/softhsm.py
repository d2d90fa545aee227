"""A real PKCS#11 token for tests: SoftHSM 2, its objects in a folder of the test.

    with softhsm(tmp_path) as hsm:
        hsm.init("att")
        hsm.make_curve("att", "p256")
        open_key(hsm.uri("att", "p256"), None, PIN.encode)

The module is looked for in the environment variable SOFTHSM2_MODULE, where tests/run.sh unpacks it,
and where Debian's package softhsm2 installs it; its tool softhsm2-util on PATH. Where one is
missing the test is skipped by name; in continuous integration (CI=true) that is a failure.

SoftHSM reads SOFTHSM2_CONF when its module is initialised, which the adapter does for each use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, Mechanism
from pkcs11.util.ec import encode_named_curve_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PLACES = (
    ROOT / ".nodes/softhsm/usr/lib/softhsm/libsofthsm2.so",
    Path("/usr/lib/softhsm/libsofthsm2.so"),
)
PIN = "5678"
OFFICER_PIN = "1234"
ED25519_BY_NAME = b"\x13\x0cedwards25519"
ED25519_BY_OID = bytes.fromhex("06032b6570")


@dataclass(frozen=True, slots=True)
class SoftHsm:
    """A module with tokens of its own."""

    module: Path
    tool: str

    def init(self, label: str) -> None:
        """Make a token with the test's PIN."""
        pins = ("--pin", PIN, "--so-pin", OFFICER_PIN)
        named = ("--module", str(self.module), "--label", label)
        subprocess.run(  # noqa: S603 - a fixed binary with arguments of ours
            [self.tool, "--init-token", "--free", *named, *pins], check=True, capture_output=True
        )

    def uri(self, token: str, label: str) -> str:
        """Name a key as the command line takes it."""
        return f"pkcs11:token={token};object={label}?module-path={self.module}"

    @contextmanager
    def session(self, token: str) -> Iterator[pkcs11.Session]:
        """Log in to a token, to put something on it."""
        module = pkcs11.lib(str(self.module))
        try:
            with module.get_token(token_label=token).open(rw=True, user_pin=PIN) as session:
                yield session
        finally:
            module.finalize()

    def make_curve(
        self, token: str, label: str, curve: str = "secp256r1", identifier: bytes = b"\x01"
    ) -> None:
        """Make a key pair of a curve for ECDSA."""
        named = {Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
        with self.session(token) as session:
            domain = session.create_domain_parameters(KeyType.EC, named, local=True)
            domain.generate_keypair(store=True, label=label, id=identifier)

    def make_ed25519(
        self, token: str, label: str, params: bytes = ED25519_BY_NAME, identifier: bytes = b"\x02"
    ) -> None:
        """Make an Ed25519 key pair, its curve named in one of the two ways."""
        named = {Attribute.EC_PARAMS: params}
        with self.session(token) as session:
            domain = session.create_domain_parameters(KeyType.EC_EDWARDS, named, local=True)
            domain.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                label=label,
                id=identifier,
            )


@contextmanager
def softhsm(folder: Path) -> Iterator[SoftHsm]:
    """Give a module without tokens, whose objects lie in a folder."""
    found = find_softhsm()
    (folder / "tokens").mkdir()
    conf = folder / "softhsm2.conf"
    conf.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n"
        "log.level = ERROR\nslots.removable = false\n"
    )
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(conf)
    try:
        yield found
    finally:
        os.environ.pop("SOFTHSM2_CONF")
        if before is not None:
            os.environ["SOFTHSM2_CONF"] = before


def find_softhsm() -> SoftHsm:
    """Find module and tool, or skip the test; fail it in continuous integration."""
    named = os.environ.get("SOFTHSM2_MODULE")
    places = PLACES if named is None else (Path(named), *PLACES)
    module = next((place for place in places if place.is_file()), None)
    tool = shutil.which("softhsm2-util")
    if module is None or tool is None:
        _missing("softhsm2-util" if module is not None else "libsofthsm2.so")
    return SoftHsm(module, tool)


def _missing(name: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not installed: apt-get install softhsm2")
    pytest.skip(f"{name} is not installed")
