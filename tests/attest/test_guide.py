"""The guide of a bundle: its files, who signed, and what was signed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attest import bundle
from attest.envelope import PAYLOAD_TYPE, seal
from attest.keys import new_key
from attest.report import guide
from attest.statement import canonical
from proofs.dsse import pae
from tests.attest.pasted import (
    ENVELOPE,
    EVIDENCE,
    GOOD,
    KEY,
    PAYLOAD,
    REPORT,
    listed,
    make,
    need,
    run,
    said_by,
)
from tests.conftest import in_memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attest.keys import Algorithm, SigningKey
    from attest.pipeline import Work
    from tests.attest.pasted import Bundle, Follow


@pytest.mark.parametrize("algorithm", ["p256", "ed25519"])
def test_a_good_bundle(work: Work, follow: Follow, algorithm: Algorithm) -> None:
    key = make(algorithm)
    files = in_memory(bundle.sign(bundle.draft(work), key))

    assert follow(files, {KEY: key.public.pem}) == GOOD
    assert files["VERIFY.md"] == guide.render("0001")


def test_a_changed_payload(signed: Bundle, received: Bundle, follow: Follow) -> None:
    changed = {**signed, PAYLOAD: signed[PAYLOAD].replace(b'"pass"', b'"fail"', 1)}
    assert changed != signed

    said = follow(changed, received)
    assert f"{PAYLOAD}: FAILED" in said
    assert "files: NOT OK" in said
    assert follow(listed(changed), received) == (
        *GOOD[:3],
        "payload: NOT OK",
        *GOOD[4:7],
        "signer signed something else: NOT OK",
    )


def broken(envelope: bytes, field: int) -> bytes:
    """Change a character of what stands between two quotation marks."""
    parts = envelope.split(b'"')
    parts[field] = (b"B" if parts[field][:1] == b"A" else b"A") + parts[field][1:]
    return b'"'.join(parts)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: broken(data, 3), id="payload"),
        pytest.param(lambda data: broken(data, 7), id="type"),
        pytest.param(lambda data: broken(data, 11), id="keyid"),
        pytest.param(lambda data: broken(data, 17), id="signature"),
        pytest.param(lambda data: data + b"\n", id="line feed"),
        pytest.param(lambda data: data.replace(b"]}", b'],"x":"y"}'), id="another field"),
        pytest.param(lambda _: b"", id="nothing"),
    ],
)
def test_a_changed_envelope(
    signed: Bundle, received: Bundle, follow: Follow, change: Callable[[bytes], bytes]
) -> None:
    said = follow(listed({**signed, ENVELOPE: change(signed[ENVELOPE])}), received)

    assert said[:2] == GOOD[:2]
    assert said[2:5] == ("signature of signer: NOT OK", "payload: NOT OK", "subjects: NOT OK")
    assert not [line for line in said[2:] if line.endswith(": OK")]


def test_keys_that_did_not_sign(signed: Bundle, follow: Follow) -> None:
    for key in (new_key("p256", None)[1], new_key("ed25519", None)[1], b"no key", b""):
        assert "signature of signer: NOT OK" in follow(signed, {KEY: key})

    said = follow(signed, {"another.pub.pem": b""})
    assert "signature of signer: NOT CHECKED, there is no ~/received/signer.pub.pem" in said
    assert "subjects: NOT OK" in said


def test_a_key_of_another_kind(signed: Bundle, follow: Follow) -> None:
    """A signature that openssl would verify, by a kind of key that no attestation has."""
    raw = ec.generate_private_key(ec.SECP384R1())
    der = raw.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = raw.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signature = raw.sign(pae(PAYLOAD_TYPE, signed[PAYLOAD]), ec.ECDSA(hashes.SHA256()))
    document = {
        **json.loads(signed[ENVELOPE]),
        "signatures": [
            {
                "keyid": hashlib.sha256(der).hexdigest(),
                "sig": base64.b64encode(signature).decode(),
            }
        ],
    }

    said = follow(listed({**signed, ENVELOPE: canonical(document)}), {KEY: pem})
    assert "signature of signer: NOT OK" in said


def test_the_id_of_a_key_is_shown(
    signed: Bundle, signer: SigningKey, received: Bundle, tmp_path: Path, follow: Follow
) -> None:
    assert follow(signed, received) == GOOD

    said = run(need("dash"), tmp_path / "place", tmp_path / "tools")
    assert f"signature of signer by key {signer.public.keyid}: OK" in said.splitlines()


def test_changed_evidence(signed: Bundle, received: Bundle, follow: Follow) -> None:
    changed = {**signed, REPORT: signed[REPORT].replace(b"PASS", b"pass", 1)}
    assert changed != signed

    said = follow(listed(changed), received)
    assert said[:4] == GOOD[:4]
    assert f"{REPORT}: FAILED" in said
    assert "subjects: NOT OK" in said


def test_a_file_that_is_not_here_is_named(signed: Bundle, received: Bundle, follow: Follow) -> None:
    copy = {name: data for name, data in signed.items() if name != EVIDENCE}

    assert follow(copy, received) == (
        "files: OK",
        f"in the list, but not here: {EVIDENCE}",
        "nothing besides; INCOMPLETE",
        "signature of signer by key ID: OK",
        "payload: OK",
        f"signed, but not here: {EVIDENCE}",
        "subjects: INCOMPLETE",
        *GOOD[-3:],
    )


def test_a_file_besides_is_named(signed: Bundle, received: Bundle, follow: Follow) -> None:
    more = {**signed, "evidence/a b.json": b"{}", "evidence/.hidden": b""}

    said = follow(more, received)
    assert "besides the list: evidence/.hidden: NOT OK" in said
    assert "nothing besides: NOT OK" in said
    assert follow(listed(more), received) == (
        *GOOD[:6],
        "signed by nobody: evidence/.hidden",
        "signed by nobody: evidence/a b.json",
        "nothing unsigned: NOT OK",
        GOOD[-1],
    )


def test_a_list_of_strange_names_is_refused(
    signed: Bundle, received: Bundle, follow: Follow
) -> None:
    line = f"{'00' * 32}  evidence/\x1b[1Afiles: OK\n".encode()

    said = follow({**signed, "SHA256SUMS": signed["SHA256SUMS"] + line}, received)
    assert said[0] == "files: NOT OK"


def test_links_and_strange_names_are_no_files(
    signed: Bundle, received: Bundle, follow: Follow, tmp_path: Path
) -> None:
    """What only looks like the bundle's file, or like a line of ours, is named as what it is."""
    assert follow(signed, received) == GOOD
    folder = tmp_path / "place" / "bundle"
    (folder / EVIDENCE).rename(tmp_path / "elsewhere")
    (folder / EVIDENCE).symlink_to(tmp_path / "elsewhere")
    (folder / "att/0001.x\nsubjects: OK\n.dsse.json").touch()
    shell = need("dash")

    said = said_by(shell, tmp_path / "place", tmp_path / "tools")
    assert f"besides the list: {EVIDENCE}, which is no plain file: NOT OK" in said
    assert f"signed, but not here: {EVIDENCE}" in said
    assert "a file in att/ or time/ with a strange name: NOT OK" in said
    assert "subjects: OK" not in said


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda text: text.replace(
                b'"predicate":{', b'"predicate":{"predicateType":"x","subject":[{}],', 1
            ),
            id="a list elsewhere",
        ),
        pytest.param(
            lambda text: text.replace(b'"name":"evidence/', b'"name":"\\u0065vidence/', 1),
            id="a name in other letters",
        ),
        pytest.param(
            lambda text: text.replace(
                b'"name":"VERIFY.md"}', b'"name":"VERIFY.md\\"},{\\"digest\\":"}', 1
            ),
            id="a name that ends early",
        ),
        pytest.param(lambda text: text + b" ", id="something after"),
        pytest.param(lambda text: text.replace(b'"sha256"', b'"sha512"'), id="another digest"),
        pytest.param(lambda _: b'{"subject":[]}', id="no subjects"),
    ],
)
def test_a_signer_cannot_hide_what_he_signed(
    signed: Bundle,
    signer: SigningKey,
    received: Bundle,
    follow: Follow,
    change: Callable[[bytes], bytes],
) -> None:
    payload = change(signed[PAYLOAD])
    assert payload != signed[PAYLOAD]
    files = listed({**signed, PAYLOAD: payload, ENVELOPE: seal(payload, signer)})

    said = follow(files, received)
    assert said[:4] == GOOD[:4]
    assert "subjects: NOT OK" in said
    assert "nothing unsigned: NOT OK" in said


def test_the_guide_speaks_of_its_own_number_alone() -> None:
    assert b"NUMBER" not in guide.render("0001")
    assert guide.render("0001") == guide.render("0023").replace(b"0023", b"0001")
    assert not re.search(rb"\b(jq|sed|awk|grep|python|find|cmp|diff)\b", guide.render("0001"))
