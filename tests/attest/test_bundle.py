from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from attest import bundle
from attest.apart import take_apart
from attest.envelope import seal
from attest.errors import InvalidEnvelope
from attest.keys import load_signing, new_key
from attest.names import KEY_NAME, MANIFEST, SUMS
from attest.predicate import ATTESTATION_TYPE, to_document
from attest.statement import build_statement
from config.errors import InputError
from tests.attest.second import emptied
from tests.conftest import in_memory

if TYPE_CHECKING:
    from attest.keys import SigningKey
    from attest.pipeline import Work

PAYLOAD = "att/0001.payload.json"
ENVELOPE = "att/0001.signer.dsse.json"
SIGSTORE = "att/0001.signer.sigstore.json"


@pytest.fixture(scope="module")
def small(work: Work, signer: SigningKey) -> dict[str, bytes]:
    """A bundle of the least size, for what is tried on every byte."""
    nothing = emptied(work.predicate)
    files = {"evidence/a.jsonl": b"one\n", "report/report.md": b"# two\n"}
    return in_memory(bundle.sign(draft_of(files, to_document(nothing)), signer))


def draft_of(files: dict[str, bytes], predicate: dict[str, object]) -> dict[str, bytes]:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return {**files, PAYLOAD: build_statement(ATTESTATION_TYPE, predicate, digests)}


def rebuilt(files: dict[str, bytes]) -> dict[str, bytes]:
    """Make manifest and sums again, as someone would who changed a file on purpose."""
    return in_memory(bundle.listed(files))


def refusal(files: dict[str, bytes]) -> str:
    with pytest.raises(InvalidEnvelope) as refused:
        take_apart(files)
    return refused.value.reason


def test_a_signed_draft_hangs_together(signed: dict[str, bytes], work: Work) -> None:
    parts = take_apart(signed)

    assert parts.payload == work.payload
    assert parts.predicate == work.predicate
    assert set(signed) - set(work.subjects) == {
        PAYLOAD,
        ENVELOPE,
        SIGSTORE,
        KEY_NAME,
        MANIFEST,
        SUMS,
    }


def test_every_changed_byte_of_every_file_is_found(small: dict[str, bytes]) -> None:
    take_apart(small)

    for name, data in small.items():
        # What is derived is compared as a whole: every seventh byte of it will do.
        for place in range(0, len(data), 7 if name in {SIGSTORE, MANIFEST, SUMS} else 1):
            forged = bytearray(data)
            forged[place] ^= 1
            refusal({**small, name: bytes(forged)})


def test_every_file_removed_cut_or_grown_is_found(signed: dict[str, bytes]) -> None:
    for name, whole in signed.items():
        refusal({one: data for one, data in signed.items() if one != name})
        refusal({**signed, name: whole[:-1]})
        refusal({**signed, name: whole + b"\n"})
        refusal({**signed, name: b""})


@pytest.mark.parametrize("extra", ["evidence/more.json", "att/0002.payload.json", "x", "att/x"])
def test_an_extra_file_is_found_even_if_it_is_listed(signed: dict[str, bytes], extra: str) -> None:
    assert refusal(rebuilt({**signed, extra: b"{}"})) in {"file_mismatch", "malformed_payload"}


def test_the_payload_file_is_the_one_in_the_envelope(
    signed: dict[str, bytes], small: dict[str, bytes]
) -> None:
    mixed = rebuilt({**signed, ENVELOPE: small[ENVELOPE]})

    assert refusal(mixed) == "payload_mismatch"


def test_the_key_file_is_that_of_the_envelope(signed: dict[str, bytes]) -> None:
    other = load_signing(new_key("p256", None)[0], "other", lambda: b"")

    assert refusal(rebuilt({**signed, KEY_NAME: other.public.pem})) == "key_mismatch"
    assert refusal(rebuilt({**signed, KEY_NAME: b"no key"})) == "key_mismatch"
    spaced = signed[KEY_NAME].replace(b"\n-----END", b"\n\n-----END")
    assert refusal(rebuilt({**signed, KEY_NAME: spaced})) == "key_mismatch"


def test_the_number_of_the_files_is_the_sequence(signed: dict[str, bytes]) -> None:
    moved = dict(signed)
    moved["att/0002.payload.json"] = moved.pop(PAYLOAD)

    assert refusal(rebuilt(moved)) == "missing_file"


def test_another_predicate_type_is_refused(
    signed: dict[str, bytes], work: Work, signer: SigningKey
) -> None:
    payload = build_statement("urn:other", to_document(work.predicate), {"a": "0" * 64})
    forged = {**signed, PAYLOAD: payload, ENVELOPE: seal(payload, signer)}

    assert refusal(rebuilt(forged)) == "malformed_payload"


def test_a_predicate_with_an_unknown_field_is_refused(
    signed: dict[str, bytes], work: Work, signer: SigningKey
) -> None:
    document = {**to_document(work.predicate), "opinion": "fine"}
    payload = build_statement(ATTESTATION_TYPE, document, {"a": "0" * 64})
    forged = {**signed, PAYLOAD: payload, ENVELOPE: seal(payload, signer)}

    assert refusal(rebuilt(forged)) == "malformed_payload"


def test_a_changed_draft_is_not_signed(work: Work, signer: SigningKey) -> None:
    draft = bundle.draft(work)

    with pytest.raises(InputError, match=r"digest mismatch: report/report\.md"):
        bundle.sign({**draft, "report/report.md": b"better\n"}, signer)
    with pytest.raises(InputError, match="files differ"):
        bundle.sign({**draft, "extra": b""}, signer)
    with pytest.raises(InputError, match="one payload expected"):
        bundle.sign({"a": b""}, signer)
    renamed = {
        ("att/9.payload.json" if one == PAYLOAD else one): data for one, data in draft.items()
    }
    with pytest.raises(InputError, match="another name"):
        bundle.sign(renamed, signer)


def test_the_sums_are_those_of_sha256sum(signed: dict[str, bytes]) -> None:
    lines = signed[SUMS].decode().splitlines()

    assert [
        f"{hashlib.sha256(signed[name]).hexdigest()}  {name}"
        for name in sorted(signed)
        if name != SUMS
    ] == lines
