"""Sealed statements of the shipped examples, and what must stand in no public copy of one.

files, criteria = sealing(example)      inputs and evidence, with a secret of salts
bundle_of(files, criteria, key)         the signed bundle
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from attest import bundle
from attest.cli.load import tool
from attest.inputs import DECLARATION, INPUTS
from attest.keys import load_signing, new_key
from attest.pipeline import work_through
from tests.conftest import in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from attest.inputs import Criteria
    from attest.keys import SigningKey
    from attest.pipeline import Work

SECRET = bytes(range(32)).hex()
OTHER = bytes(range(100, 132)).hex()
SALTS = f"{INPUTS}salts.hex"
LONG = re.compile(rb"[A-Za-z0-9]{20,}")
"""Addresses, keys, transactions, signatures and digests are such words, or made of them."""


def sealing(
    example: tuple[dict[str, bytes], Criteria], secret: str = SECRET
) -> tuple[dict[str, bytes], Criteria]:
    """Give an example's files with salts that its declaration names."""
    files, criteria = example
    named = files[DECLARATION].replace(b"[inputs]\n", b'[inputs]\nsalts = "salts.hex"\n')
    return {**files, DECLARATION: named, SALTS: secret.encode()}, criteria


def sealed_work(example: tuple[dict[str, bytes], Criteria], secret: str = SECRET) -> Work:
    return work_through(*sealing(example, secret), tool())


def bundle_of(work: Work, key: SigningKey) -> dict[str, bytes]:
    return in_memory(bundle.sign(bundle.draft(work), key))


def some_key() -> SigningKey:
    return load_signing(new_key("p256", None)[0], "some", lambda: b"")


def strings_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Give every text of a document with its path, lists without their places."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from strings_in(one, f"{path}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from strings_in(one, path)
    elif isinstance(value, str):
        yield path, value


def words_of(files: Mapping[str, bytes]) -> set[bytes]:
    """Give every long word of some files, hex in lower case and without its prefix."""
    found = {word for data in files.values() for word in LONG.findall(data)}
    return {plain(word) for word in found if not word.isdigit()}


def plain(word: bytes) -> bytes:
    bare = word.removeprefix(b"0x")
    return bare.lower() if re.fullmatch(rb"[0-9a-fA-F]+", bare) else word


def predicate_of(files: Mapping[str, bytes]) -> Any:  # noqa: ANN401 - any JSON
    name = next(one for one in files if one.endswith(".payload.json"))
    return json.loads(files[name])["predicate"]
