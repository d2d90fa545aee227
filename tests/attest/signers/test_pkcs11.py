"""Keys on a real token: SoftHSM signs; our verifier and openssl verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from attest.envelope import open_envelope, seal
from attest.errors import InvalidEnvelope, SigningError
from attest.keys import load_public, new_key
from attest.signers.pkcs11 import unwrapped
from attest.signers.schemes import open_key
from config.errors import AttestError, InputError
from tests.nodes.openssl_verify import openssl_verifies
from tests.nodes.softhsm import ED25519_BY_OID, PIN, softhsm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from attest.keys import PublicKey, SigningKey
    from tests.nodes.softhsm import SoftHsm

MESSAGE = b"DSSEv1 message"


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    with softhsm(tmp_path_factory.mktemp("softhsm")) as found:
        for token in ("att", "twin", "twin", "spare token"):
            found.init(token)
        found.make_curve("att", "p256")
        found.make_ed25519("att", "ed25519")
        found.make_ed25519("att", "by-oid", ED25519_BY_OID, b"\x03")
        found.make_curve("att", "double", identifier=b"\x04")
        found.make_curve("att", "double", identifier=b"\x05")
        found.make_curve("att", "wide", "secp384r1", b"\x06")
        found.make_curve("att", "alone", identifier=b"\x07")
        found.make_curve("att", "shared", identifier=b"\x08")
        found.make_curve("att", "sharing", identifier=b"\x08")
        found.make_curve("spare token", "key with spaces; and more", identifier=b"\x01")
        with found.session("att") as session:
            session.generate_keypair(KeyType.RSA, 2048, store=True, label="rsa", id=b"\x09")
            curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
            domain = session.create_domain_parameters(KeyType.EC, curve, local=True)
            domain.generate_keypair(
                store=True, label="deriving", id=b"\x0a", capabilities=MechanismFlag.DERIVE
            )
            domain.generate_keypair(
                store=True,
                label="asking",
                id=b"\x0b",
                private_template={Attribute.ALWAYS_AUTHENTICATE: True},
            )
            lonely = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.LABEL: "alone"}
            for key in list(session.get_objects(lonely)):
                key.destroy()
        yield found


def opened(hsm: SoftHsm, label: str, on: str = "att") -> SigningKey:
    return open_key(hsm.uri(on, label), None, PIN.encode)


def complaint(uri: str, pin: str = PIN, enrolled: PublicKey | None = None) -> AttestError:
    with pytest.raises(AttestError) as caught:
        open_key(uri, enrolled, pin.encode)
    assert PIN not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("label", "algorithm"), [("p256", "p256"), ("ed25519", "ed25519"), ("by-oid", "ed25519")]
)
def test_a_token_signs_and_others_verify(
    hsm: SoftHsm, tmp_path: Path, label: str, algorithm: str
) -> None:
    key = opened(hsm, label)
    signature = key.sign(MESSAGE)
    known = load_public(key.public.pem, "key.pub")

    assert algorithm == key.public.algorithm
    assert key.public.keyid == known.keyid
    known.verify(signature, MESSAGE)
    with pytest.raises(InvalidEnvelope):
        known.verify(signature, MESSAGE + b"x")
    assert openssl_verifies(tmp_path, known, signature, MESSAGE)
    assert not openssl_verifies(tmp_path, known, signature, MESSAGE + b"x")


def test_an_envelope_of_a_token_opens(hsm: SoftHsm) -> None:
    key = opened(hsm, "p256")

    assert (b"{}", key.public) == open_envelope(seal(b"{}", key), (key.public,))


def test_a_key_signs_more_than_once_and_is_the_same_when_opened_again(hsm: SoftHsm) -> None:
    key = opened(hsm, "p256")

    for message in (b"", b"one", b"x" * 1_000_000):
        key.public.verify(key.sign(message), message)
    assert key.public.keyid == opened(hsm, "p256").public.keyid


def test_the_id_names_a_key_as_well_as_its_label(hsm: SoftHsm) -> None:
    module = f"?module-path={hsm.module}"
    by_id = open_key(f"pkcs11:token=att;id=%04{module}", None, PIN.encode)
    by_both = open_key(f"pkcs11:token=att;object=double;id=%05{module}", None, PIN.encode)

    assert by_id.public.keyid != by_both.public.keyid
    by_both.public.verify(by_both.sign(MESSAGE), MESSAGE)


def test_labels_with_other_characters_are_escaped(hsm: SoftHsm) -> None:
    key = opened(hsm, "key%20with%20spaces%3B%20and%20more", "spare%20token")

    key.public.verify(key.sign(MESSAGE), MESSAGE)


def test_a_wrong_pin_is_said_and_the_right_one_opens_after_it(hsm: SoftHsm) -> None:
    uri = hsm.uri("att", "p256")

    assert "pkcs11: token 'att': the PIN is wrong" == str(complaint(uri, "0000"))
    assert "the PIN is wrong" in str(complaint(uri, "1"))
    assert "the PIN is wrong" in str(complaint(uri, ""))
    opened(hsm, "p256").sign(MESSAGE)


def test_a_pin_that_is_no_text_is_refused(hsm: SoftHsm) -> None:
    with pytest.raises(SigningError, match="not UTF-8"):
        open_key(hsm.uri("att", "p256"), None, lambda: b"\xff")


def test_an_unknown_object_token_or_module_says_what_to_do(hsm: SoftHsm, tmp_path: Path) -> None:
    no_key = complaint(hsm.uri("att", "p257"))
    no_token = complaint(hsm.uri("at", "p256"))
    no_module = complaint("pkcs11:token=att;object=p256?module-path=/absent.so")
    (tmp_path / "text.so").write_text("no module")
    no_code = complaint(f"pkcs11:token=att;object=p256?module-path={tmp_path}/text.so")

    assert "pkcs11: no such key: private key 'p257' on token 'att'" == no_key.what
    assert "--list-objects" in no_key.hint
    assert "pkcs11: no such token: token 'at'" == no_token.what
    assert "'att'" in no_token.hint
    assert "pkcs11: module cannot be loaded: /absent.so" == no_module.what
    assert "install the token's PKCS#11 module" in no_module.hint
    assert "module cannot be loaded" in no_code.what


def test_two_that_fit_are_an_error(hsm: SoftHsm) -> None:
    keys = complaint(hsm.uri("att", "double"))
    tokens = complaint(hsm.uri("twin", "p256"))
    publics = complaint(hsm.uri("att", "shared"))

    assert "pkcs11: 2 keys fit: private key 'double' on token 'att'" == keys.what
    assert "id=" in keys.hint
    assert "pkcs11: 2 tokens fit: token 'twin'" == tokens.what
    serials = [part.strip(" '") for part in tokens.hint.partition("…:")[2].split(",")]
    assert 2 == len(set(serials))
    one = f"pkcs11:serial={serials[0]};object=p256?module-path={hsm.module}"
    assert f"private key 'p256' on token serial '{serials[0]}'" in complaint(one).what
    assert "pkcs11: 2 keys fit: public key 'shared' on token 'att'" == publics.what


def test_a_key_without_a_public_one_is_refused(hsm: SoftHsm) -> None:
    assert "pkcs11: no such key: public key 'alone' on token 'att'" == str(
        complaint(hsm.uri("att", "alone"))
    )


def test_a_key_that_wants_the_pin_for_each_signature_is_given_it(hsm: SoftHsm) -> None:
    key = opened(hsm, "asking")

    for message in (b"one", b"two"):
        key.public.verify(key.sign(message), message)


def test_a_key_that_may_not_sign_is_refused(hsm: SoftHsm) -> None:
    assert "pkcs11: the key is not for signing: key 'deriving' on token 'att'" == str(
        complaint(hsm.uri("att", "deriving"))
    )


@pytest.mark.parametrize("point", [b"\x04" + b"\x41" * 64, b"\x04\x20" + b"\x01" * 30])
def test_a_point_without_an_octet_string_is_taken_as_it_is(point: bytes) -> None:
    assert point == unwrapped(point)
    assert point == unwrapped(b"\x04" + bytes([len(point)]) + point)


@pytest.mark.parametrize("label", ["wide", "rsa"])
def test_other_kinds_of_keys_are_refused(hsm: SoftHsm, label: str) -> None:
    assert "neither ECDSA P-256 nor Ed25519" in str(complaint(hsm.uri("att", label)))


def test_another_key_than_the_enrolled_one_is_refused(hsm: SoftHsm) -> None:
    enrolled = load_public(new_key("p256", None)[1], "enrolled")
    key = opened(hsm, "p256")

    assert f"key is {key.public.keyid}, enrolled is {enrolled.keyid}" == str(
        complaint(hsm.uri("att", "p256"), enrolled=enrolled)
    )
    again = open_key(hsm.uri("att", "p256"), key.public, PIN.encode)
    again.sign(MESSAGE)


def test_a_token_whose_public_key_is_another_s_gives_no_signature(hsm: SoftHsm) -> None:
    hsm.make_curve("att", "swapped", identifier=b"\x10")
    hsm.make_curve("att", "stranger", identifier=b"\x11")
    with hsm.session("att") as session:
        for label, identifier in (("swapped", b"\x12"), ("stranger", b"\x10")):
            public = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.LABEL: label}
            for one in list(session.get_objects(public)):
                one[Attribute.ID] = identifier
    key = opened(hsm, "swapped")

    with pytest.raises(SigningError, match="does not verify"):
        key.sign(MESSAGE)


def test_a_key_that_is_gone_when_it_is_to_sign_is_an_error(hsm: SoftHsm) -> None:
    hsm.make_curve("att", "short-lived", identifier=b"\x20")
    key = opened(hsm, "short-lived")
    with hsm.session("att") as session:
        for one in list(session.get_objects({Attribute.LABEL: "short-lived"})):
            one.destroy()

    with pytest.raises(SigningError, match="no such key: private key 'short-lived'"):
        key.sign(MESSAGE)


def test_a_refused_uri_asks_for_no_pin(hsm: SoftHsm) -> None:
    def never() -> bytes:
        raise AssertionError

    with pytest.raises(InputError, match="pin-value is refused"):
        open_key(hsm.uri("att", "p256") + f"&pin-value={PIN}", None, never)
