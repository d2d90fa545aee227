"""Keys with a service: the adapter over signers of securesystemslib that stand in for a cloud's."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from securesystemslib.signer import SIGNER_FOR_URI_SCHEME, CryptoSigner, Signature, SSlibKey

from attest.errors import InvalidEnvelope, SigningError
from attest.keys import SigningKey, load_public, load_signing, new_key
from attest.signers.schemes import PLACES, open_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attest.keys import Algorithm, PublicKey

MESSAGE = b"DSSEv1 message"
URIS: dict[str, tuple[str, Algorithm, str]] = {
    "awskms": ("awskms:arn:aws:kms:eu-west-1:1:key/2", "p256", "aws"),
    "gcpkms": ("gcpkms:projects/p/cryptoKeyVersions/1", "p256", "gcp"),
    "azurekms": ("azurekms://vault.example/keys/k/1", "p256", "azure"),
    "hv": ("hv:name/1", "ed25519", "vault"),
}
SECRET = "AKIA-SECRET"  # noqa: S105 - what must not be repeated


class ClientError(Exception):
    """What a service's client raises."""


@dataclass(frozen=True, slots=True)
class Service:
    """A signer of the library, in memory. It answers with the signature that `answer` makes."""

    answer: Callable[[bytes], str]
    seen: list[tuple[str, SSlibKey]]

    def from_priv_key_uri(self, uri: str, public: SSlibKey, _secrets: object = None) -> Service:
        self.seen.append((uri, public))
        return self

    def sign(self, payload: bytes) -> Signature:
        return Signature("any", self.answer(payload))


def standing_in(
    monkeypatch: pytest.MonkeyPatch, scheme: str, answer: Callable[[bytes], str]
) -> Service:
    service = Service(answer, [])
    monkeypatch.setitem(SIGNER_FOR_URI_SCHEME, scheme, service)
    return service


def make(algorithm: Algorithm) -> tuple[SigningKey, PublicKey]:
    private, public = new_key(algorithm, None)
    return load_signing(private, "key", lambda: b""), load_public(public, "key.pub")


def never() -> bytes:
    raise AssertionError


def complaint(uri: str, enrolled: PublicKey | None) -> SigningError:
    with pytest.raises(SigningError) as caught:
        open_key(uri, enrolled, never).sign(MESSAGE)
    assert SECRET not in caught.value.what + caught.value.hint
    return caught.value


@pytest.mark.parametrize("scheme", URIS)
def test_a_service_signs_and_the_enrolled_key_verifies(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri, algorithm, _ = URIS[scheme]
    own, enrolled = make(algorithm)
    service = standing_in(monkeypatch, scheme, lambda message: own.sign(message).hex())
    key = open_key(uri, enrolled, never)

    enrolled.verify(key.sign(MESSAGE), MESSAGE)
    assert enrolled == key.public
    assert [uri] == [seen for seen, _ in service.seen]
    assert {"p256": "ecdsa-sha2-nistp256", "ed25519": "ed25519"}[algorithm] == (
        service.seen[0][1].scheme
    )


def test_the_library_s_own_signer_works_over_the_same_interface(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signer = CryptoSigner.generate_ecdsa()
    enrolled = load_public(signer.public_key.keyval["public"].encode(), "key.pub")
    standing_in(monkeypatch, "awskms", lambda message: signer.sign(message).signature)

    enrolled.verify(open_key("awskms:alias/key", enrolled, never).sign(MESSAGE), MESSAGE)


def test_a_wrong_signature_is_never_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    own, enrolled = make("p256")
    other, _ = make("p256")
    answers: tuple[Callable[[bytes], str], ...] = (
        lambda message: other.sign(message).hex(),
        lambda message: own.sign(message + b"x").hex(),
        lambda _message: "",
        lambda message: own.sign(message).hex()[:-2],
    )

    for answer in answers:
        standing_in(monkeypatch, "awskms", answer)
        assert "the key made a signature that does not verify" == str(
            complaint("awskms:key", enrolled)
        )
    with pytest.raises(InvalidEnvelope):
        enrolled.verify(other.sign(MESSAGE), MESSAGE)


def test_an_answer_that_is_no_signature_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    _, enrolled = make("p256")
    standing_in(monkeypatch, "awskms", lambda _message: f"not hex {SECRET}")

    assert "awskms: the service did not sign: ValueError" == str(complaint("awskms:key", enrolled))


def test_what_a_client_raises_is_named_and_its_text_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, enrolled = make("p256")

    def refuse(_message: bytes) -> str:
        raise ClientError(SECRET)

    standing_in(monkeypatch, "awskms", refuse)

    assert "awskms: the service did not sign: ClientError" == str(complaint("awskms:key", enrolled))
    assert SECRET not in "".join(capsys.readouterr())


def test_what_the_library_logs_reaches_nobody(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_bytes(make("p256")[1].pem)
    script = (
        "import logging, sys\n"
        "from securesystemslib.signer import SIGNER_FOR_URI_SCHEME, AWSSigner\n"
        "class Talking(AWSSigner):\n"
        "    def __init__(self, *_): pass\n"
        "    def sign(self, payload):\n"
        f"        logging.getLogger('securesystemslib.signer.aws').error({SECRET!r})\n"
        f"        raise OSError({SECRET!r})\n"
        "SIGNER_FOR_URI_SCHEME['awskms'] = Talking\n"
        "from attest.cli.load import signing_key\n"
        "from attest.cli.console import complain\n"
        "from attest.errors import SigningError\n"
        "from pathlib import Path\n"
        "try:\n"
        "    signing_key('awskms:key', None, Path(sys.argv[1])).sign(b'')\n"
        "except SigningError as error:\n"
        "    complain(error)\n"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter, our script
        [sys.executable, "-c", script, str(tmp_path / "key.pub")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "error: awskms: the service did not sign: OSError" == done.stderr.splitlines()[0]
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("scheme", URIS)
def test_a_missing_client_names_the_extra(scheme: str) -> None:
    uri, algorithm, extra = URIS[scheme]

    met = complaint(uri, make(algorithm)[1])

    assert f"{scheme}: keys need the extra {extra!r}, which is not installed" == met.what
    assert f"pip install 'custody-attest[{extra}]'" == met.hint


@pytest.mark.parametrize("scheme", URIS)
def test_a_service_s_key_needs_its_public_key(scheme: str) -> None:
    met = complaint(URIS[scheme][0], None)

    assert f"{scheme}: the key's public key is needed" == met.what
    assert met.hint.startswith("give --public KEY.pub")


@pytest.mark.parametrize("scheme", URIS)
def test_the_other_algorithm_is_refused(scheme: str) -> None:
    uri, algorithm, _ = URIS[scheme]
    other: Algorithm = "ed25519" if algorithm == "p256" else "p256"

    assert f"{scheme}: keys are {algorithm}, the public key is {other}" == str(
        complaint(uri, make(other)[1])
    )


def test_every_service_of_the_table_is_here() -> None:
    services = {name: place for name, place in PLACES.items() if place.module.endswith("cloud")}

    assert URIS.keys() == services.keys()
    assert {name: extra for name, (_, _, extra) in URIS.items()} == {
        name: place.extra for name, place in services.items()
    }


@pytest.mark.parametrize(
    ("library", "uri", "extra"),
    [
        ("pkcs11", "pkcs11:token=a;object=b?module-path=/m.so", "hsm"),
        ("securesystemslib", "awskms:key", "aws"),
    ],
)
def test_a_missing_library_names_the_extra(library: str, uri: str, extra: str) -> None:
    script = (
        "import sys\n"
        f"sys.modules[{library!r}] = None\n"
        "from attest.cli.app import call\n"
        f"sys.exit(call(['keys', 'show', {uri!r}]))\n"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter, our script
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert 3 == done.returncode
    assert [
        f"error: {uri.partition(':')[0]}: keys need the extra {extra!r}, which is not installed",
        f"hint: pip install 'custody-attest[{extra}]'",
    ] == done.stderr.splitlines()
