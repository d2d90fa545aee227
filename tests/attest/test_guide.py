"""VERIFY.md is followed as it stands: its blocks are pasted into two shells that have nothing but
coreutils and openssl."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attest import bundle
from attest.disk import write_folder
from attest.envelope import PAYLOAD_TYPE, read_envelope, seal
from attest.keys import load_signing, new_key
from attest.report import guide
from attest.sigstore import sigstore_copies
from attest.statement import build_statement, canonical
from proofs.dsse import pae
from tests.conftest import in_memory
from tests.nodes.authority import new_authority

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from attest.keys import Algorithm, SigningKey
    from attest.pipeline import Work
    from tests.nodes.authority import Authority

    Bundle = dict[str, bytes]
    Follow = Callable[[Bundle, Bundle], Sequence[str]]

COREUTILS = (
    *("base64", "cat", "comm", "cp", "csplit", "cut", "date", "du", "mktemp", "mv", "paste", "rm"),
    *("sha256sum", "sort", "tail", "tr", "wc"),
)
PAYLOAD, ENVELOPE = "att/0001.payload.json", "att/0001.signer.dsse.json"
EVIDENCE, REPORT = "evidence/observation.json", "report/report.md"
KEY = "signer.pub.pem"
GOOD = (
    "files: OK",
    "nothing besides, nothing missing: OK",
    "signature of signer by key ID: OK",
    "payload: OK",
    "subjects: OK",
    "nothing unsigned: OK",
    "signer signed this statement: OK",
)
SAID_BY_OPENSSL = ("OpenSSL ", "Signature Verif", "Verification: ")


def need(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        missing = f"{tool} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest.fixture(params=["bash", "dash"])
def follow(request: pytest.FixtureRequest, tmp_path: Path) -> Follow:
    """Give what a shell says that follows the guide of a bundle with what its reader received."""
    shell = need(request.param)
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in (*COREUTILS, "openssl"):
        (tools / tool).symlink_to(need(tool))

    def paste(files: Bundle, received: Bundle) -> Sequence[str]:
        place = tmp_path / "place"
        shutil.rmtree(place, ignore_errors=True)
        write_folder(place / "bundle", files)
        write_folder(place / "received", received)
        (place / "temporary").mkdir()
        return said_by(shell, place, tools)

    return paste


def said_by(shell: str, place: Path, tools: Path) -> Sequence[str]:
    said = run(shell, place, tools).replace(str(place), "~")
    said = re.sub(r"by key [0-9a-f]{64}:", "by key ID:", said)
    return tuple(line for line in said.splitlines() if not line.startswith(SAID_BY_OPENSSL))


def run(shell: str, place: Path, tools: Path) -> str:
    blocks = re.findall(r"```sh\n(.*?)```", guide.render("0001").decode(), re.DOTALL)
    done = subprocess.run(  # noqa: S603 - commands of our own guide
        [shell],
        cwd=place / "bundle",
        input="".join(blocks).encode(),
        env={"HOME": str(place), "PATH": str(tools), "TMPDIR": str(place / "temporary")},
        capture_output=True,
        check=False,
    )
    return done.stdout.decode()


def listed(files: Bundle) -> Bundle:
    """A list that is right again, as whoever changed a file would write it."""
    others = {name: data for name, data in files.items() if name != "SHA256SUMS"}
    lines = (f"{hashlib.sha256(others[name]).hexdigest()}  {name}\n" for name in sorted(others))
    return {**others, "SHA256SUMS": "".join(lines).encode()}


@pytest.fixture
def received(signer: SigningKey) -> Bundle:
    return {KEY: signer.public.pem}


def make(algorithm: Algorithm) -> SigningKey:
    return load_signing(new_key(algorithm, None)[0], "key", lambda: b"")


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
        *GOOD[4:6],
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
        *GOOD[-2:],
    )


def test_a_file_besides_is_named(signed: Bundle, received: Bundle, follow: Follow) -> None:
    more = {**signed, "evidence/a b.json": b"{}", "evidence/.hidden": b""}

    said = follow(more, received)
    assert "besides the list: evidence/.hidden: NOT OK" in said
    assert "nothing besides: NOT OK" in said
    assert follow(listed(more), received) == (
        *GOOD[:5],
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


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("guide"), "Anno")


def stamped(signed: Bundle, token: bytes) -> Bundle:
    more = {**signed, "time/0001.signer.anno.tsr": token}
    return listed({**more, **sigstore_copies(more)})


@pytest.mark.parametrize("certificate", [True, False], ids=["certificate", "no certificate"])
def test_a_time_stamp(
    signed: Bundle, received: Bundle, follow: Follow, authority: Authority, *, certificate: bool
) -> None:
    token = authority.stamp(read_envelope(signed[ENVELOPE]).signature, certificate=certificate)
    now = datetime.now(UTC)

    said = follow(stamped(signed, token), {**received, "anno.pem": authority.chain})
    assert said[:-1] == GOOD
    found = re.fullmatch(r"time of signer by anno: (\S+): OK", said[-1])
    assert found is not None
    assert abs(datetime.fromisoformat(found[1]) - now) < timedelta(seconds=10)


def test_time_stamps_that_show_nothing(
    signed: Bundle, received: Bundle, follow: Follow, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = new_authority(tmp_path / "stranger", "Anno")
    token = authority.stamp(read_envelope(signed[ENVELOPE]).signature)
    other = authority.stamp(b"another signature")
    trusted = {**received, "anno.pem": authority.chain}
    no_key = {"anno.pem": authority.chain}
    missing = "there is no verified signature of signer or no ~/received/anno.pem"

    for data, given in ((other, trusted), (b"", trusted), (token[:-1], trusted)):
        assert follow(stamped(signed, data), given)[-1] == "time of signer by anno: NOT OK"
    for given in (received, no_key):
        said = follow(stamped(signed, token), given)
        assert said[-1] == f"time of signer by anno: NOT CHECKED, {missing}"
    said = follow(stamped(signed, token), {**received, "anno.pem": stranger.chain})
    assert said[-1] == "time of signer by anno: NOT OK"


@pytest.mark.parametrize("follow", ["dash"], indirect=True)
def test_a_time_stamp_outlives_its_certificate(
    signed: Bundle, received: Bundle, tmp_path: Path, follow: Follow
) -> None:
    (tmp_path / "brief").mkdir()
    brief = new_authority(tmp_path / "brief", "Anno", seconds=3)
    token = brief.stamp(read_envelope(signed[ENVELOPE]).signature)
    time.sleep(4)

    said = follow(stamped(signed, token), {**received, "anno.pem": brief.chain})
    assert said[-1].startswith("time of signer by anno: 2")
    late = brief.stamp(read_envelope(signed[ENVELOPE]).signature)
    said = follow(stamped(signed, late), {**received, "anno.pem": brief.chain})
    assert said[-1] == "time of signer by anno: NOT OK"


def about(digest: str, **predicate: object) -> bytes:
    return build_statement("urn:custody-attest:test:v0", predicate, {PAYLOAD: digest})


def test_others_sign_the_same_or_about_it(signed: Bundle, received: Bundle, follow: Follow) -> None:
    auditor, board = make("ed25519"), make("p256")
    digest = hashlib.sha256(signed[PAYLOAD]).hexdigest()
    keys = {**received, "auditor.pub.pem": auditor.public.pem, "board.pub.pem": board.public.pem}
    both = listed(
        {
            **signed,
            "att/0001.auditor.dsse.json": seal(about(digest), auditor),
            "att/0001.board.dsse.json": seal(signed[PAYLOAD], board),
        }
    )

    said = follow(both, keys)
    assert said[:2] == GOOD[:2]
    assert said[2:5] == tuple(
        f"signature of {one} by key ID: OK" for one in ("auditor", "board", "signer")
    )
    assert said[5:8] == GOOD[3:6]
    assert re.fullmatch(r"auditor signed a statement about this one, which is in .*: OK", said[8])
    assert said[9:] == ("board signed this statement: OK", GOOD[-1])

    said = follow(both, {**received, "auditor.pub.pem": board.public.pem})
    assert "signature of auditor: NOT OK" in said
    assert "signature of board: NOT CHECKED, there is no ~/received/board.pub.pem" in said

    other = {**both, "att/0001.auditor.dsse.json": seal(about("00" * 32, named=digest), auditor)}
    assert "auditor signed something else: NOT OK" in follow(listed(other), keys)


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
