"""No changed byte, no file more or less, and no link in a bundle ever verifies as valid."""

from __future__ import annotations

import json
import os
import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from attest import bundle, names
from attest.errors import InvalidEnvelope
from attest.keys import load_signing, new_key
from attest.listing import build_manifest, build_sums
from tests.cli.command import Ran, attest, files_below
from tests.conftest import in_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from attest.keys import SigningKey

ENVELOPE, SIGSTORE = names.envelope_name("0001"), names.sigstore_name("0001", "signer")
OF_THE_SIGNER = {ENVELOPE, SIGSTORE, names.KEY_NAME, names.MANIFEST, names.SUMS}
Change = bytes | None
"""What a file holds instead; None: it is not there."""


@pytest.fixture(scope="module")
def copied(
    signed_folder: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A copy of the example's bundle that tests change and put back, and the key."""
    folder = tmp_path_factory.mktemp("corruption") / "bundle"
    shutil.copytree(signed_folder[0], folder)
    return folder, signed_folder[1]


@pytest.fixture
def judge(copied: tuple[Path, Path]) -> Callable[[dict[str, Change]], Ran]:
    """Change files, verify, and put everything back."""
    folder, key = copied
    whole = files_below(folder)

    def verdict(changes: dict[str, Change]) -> Ran:
        for name, data in changes.items():
            put(folder, name, data)
        try:
            return attest("verify", folder, "--key", key, "--allow-test", "--json")
        finally:
            for name in changes:
                put(folder, name, whole.get(name))

    return verdict


def put(folder: Path, name: str, data: Change) -> None:
    path = folder / name
    path.unlink(missing_ok=True)
    if data is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def believed(ran: Ran) -> bool:
    """Tell whether a verdict is anything but a plain refusal."""
    if ran.code == 3:
        return ran.out != ""
    return ran.code != 1 or ran.document["authenticity"] != "invalid"


def flipped(data: bytes) -> Iterator[bytes]:
    """Change the first, the middle and the last byte, each in its lowest and its highest bit."""
    for at in sorted({0, len(data) // 2, len(data) - 1}):
        for bit in (0x01, 0x80):
            yield data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


def test_the_copy_is_valid(judge: Callable[[dict[str, Change]], Ran]) -> None:
    assert ("valid", 0) == (judge({}).document["authenticity"], judge({}).code)


def test_every_file_counts(
    copied: tuple[Path, Path], judge: Callable[[dict[str, Change]], Ran]
) -> None:
    whole = files_below(copied[0])
    passed = [
        name
        for name, data in whole.items()
        for one in flipped(data)
        if believed(judge({name: one}))
    ]

    assert len(whole) > 15
    assert [] == passed


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\n",
        lambda data: data + b" ",
        lambda data: data[:-1],
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n") if b"\n" in data else b"\n" + data,
        lambda _data: b"",
        lambda _data: None,
    ],
    ids=["line end", "space", "cut", "byte order mark", "CRLF", "emptied", "removed"],
)
def test_every_file_is_as_it_was_written(
    copied: tuple[Path, Path],
    judge: Callable[[dict[str, Change]], Ran],
    change: Callable[[bytes], Change],
) -> None:
    whole = files_below(copied[0])
    passed = [name for name, data in whole.items() if believed(judge({name: change(data)}))]

    assert [] == passed


@pytest.mark.parametrize(
    "name",
    [
        "more",
        ".hidden",
        "att/0002.payload.json",
        "att/0001.other.dsse.json",
        "evidence/more",
        "evidence/chains/eip155-31337/node-2.jsonl",
        "evidence/inputs/accounts.csv~",
        "criteria/policies/other.toml",
        "keys/other.pub.pem",
        "report/accounts.CSV",
    ],
)
def test_no_file_is_added(
    copied: tuple[Path, Path], judge: Callable[[dict[str, Change]], Ran], name: str
) -> None:
    assert not believed(judge({name: b"{}"}))
    assert not believed(judge(relisted({**bound(copied[0]), name: b"{}"})))


def test_no_file_has_another_name_or_place(
    copied: tuple[Path, Path], judge: Callable[[dict[str, Change]], Ran]
) -> None:
    whole = files_below(copied[0])
    renamed = [{name: None, f"{name}2": data} for name, data in whole.items()]
    swapped = [{one: whole[two], two: whole[one]} for one, two in pairwise(sorted(whole))]

    assert [] == [list(changes) for changes in renamed if believed(judge(changes))]
    assert [] == [list(changes) for changes in swapped if believed(judge({**changes}))]


def test_lists_made_anew_do_not_help(
    copied: tuple[Path, Path], judge: Callable[[dict[str, Change]], Ran]
) -> None:
    files = bound(copied[0])
    passed = []
    for name, data in files.items():
        longer = {**files, name: data + b"\n"}
        fewer = {one: kept for one, kept in files.items() if one != name}
        passed += [name] if believed(judge(relisted(longer))) else []
        passed += [name] if believed(judge({**relisted(fewer), name: None})) else []

    assert [] == passed


def bound(folder: Path) -> dict[str, bytes]:
    """Read everything but the two lists, which anyone can make."""
    lists = (names.MANIFEST, names.SUMS, SIGSTORE)
    return {name: data for name, data in files_below(folder).items() if name not in lists}


def relisted(files: dict[str, bytes]) -> dict[str, Change]:
    """Give files with the manifest, the sums and the Sigstore bundles that fit them."""
    try:
        return dict(in_memory(bundle.listed(files)))
    except InvalidEnvelope:
        # No Sigstore bundle is made of what is no envelope.
        listed = {**files, names.MANIFEST: build_manifest(files)}
        return {**listed, names.SUMS: build_sums(listed)}


@pytest.fixture
def stranger() -> SigningKey:
    return load_signing(new_key("p256", None)[0], "stranger", lambda: b"")


def test_another_hand_is_not_trusted(
    signed: dict[str, bytes], judge: Callable[[dict[str, Change]], Ran], stranger: SigningKey
) -> None:
    draft = {name: data for name, data in signed.items() if name not in OF_THE_SIGNER}
    ran = judge(dict(in_memory(bundle.sign(draft, stranger))))

    assert ["no_trusted_signature"] == [one["code"] for one in ran.document["reasons"]]
    assert not believed(ran)


def test_the_name_of_the_trusted_key_is_not_the_key(
    signed: dict[str, bytes],
    judge: Callable[[dict[str, Change]], Ran],
    signer: SigningKey,
    stranger: SigningKey,
) -> None:
    draft = {name: data for name, data in signed.items() if name not in OF_THE_SIGNER}
    forged = in_memory(bundle.sign(draft, stranger))
    envelope = json.loads(forged[ENVELOPE])
    envelope["signatures"][0]["keyid"] = signer.public.keyid
    written = json.dumps(envelope, separators=(",", ":")).encode()
    ran = judge(relisted({**draft, names.KEY_NAME: signer.public.pem, ENVELOPE: written}))

    assert ["bad_signature"] == [one["code"] for one in ran.document["reasons"]]
    assert not believed(ran)


@pytest.mark.parametrize("place", ["report/report.md", "evidence", "att"])
def test_a_link_is_refused(copied: tuple[Path, Path], tmp_path: Path, place: str) -> None:
    # The link leads to the very bytes that should be there.
    folder = tmp_path / "bundle"
    shutil.copytree(copied[0], folder)
    shutil.move(folder / place, tmp_path / "moved")
    (folder / place).symlink_to(tmp_path / "moved")
    ran = attest("verify", folder, "--key", copied[1], "--allow-test", "--json")

    assert (1, "invalid") == (ran.code, ran.document["authenticity"])
    assert ["file_mismatch"] == [one["code"] for one in ran.document["reasons"]]


def test_a_link_to_the_bundle_is_refused(copied: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(copied[0])
    ran = attest("verify", tmp_path / "link", "--key", copied[1], "--allow-test")

    assert (3, "") == (ran.code, ran.out)


def test_a_pipe_is_refused_and_not_waited_for(copied: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(copied[0], folder)
    (folder / "VERIFY.md").unlink()
    os.mkfifo(folder / "VERIFY.md")
    ran = attest("verify", folder, "--key", copied[1], "--allow-test")

    assert 1 == ran.code
    assert "authenticity: invalid" in ran.out
