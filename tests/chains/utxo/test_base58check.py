from __future__ import annotations

import base58
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chains.utxo.address import address_of_script, parse_address, script_of
from chains.utxo.base58check import ALPHABET, read
from config.errors import InputError
from config.registry_files import load_registry

CHAINS = [chain for chain in load_registry().chains if chain.utxo is not None]
SCRIPTS = [
    b"\x76\xa9\x14" + bytes(range(20)) + b"\x88\xac",
    b"\x76\xa9\x14" + bytes(20) + b"\x88\xac",
    b"\xa9\x14" + bytes(range(20)) + b"\x87",
    b"\x00\x14" + bytes(range(20)),
    b"\x00\x20" + bytes(range(32)),
    b"\x51\x20" + bytes(range(32)),
    b"\xaa\x20" + bytes(range(32)) + b"\x87",
]


@given(st.binary(max_size=40))
@example(b"")
@example(bytes(25))
def test_what_the_package_writes_is_read(data: bytes) -> None:
    assert data == read(base58.b58encode_check(data).decode())


@given(st.text(alphabet=ALPHABET.decode(), max_size=40))
@example("")
@example("1")
@example("11111")
def test_it_agrees_with_the_package_on_any_text(text: str) -> None:
    try:
        expected = base58.b58decode_check(text)
    except ValueError:
        assert read(text) is None
    else:
        assert expected == read(text)


@pytest.mark.parametrize("letter", ["0", "O", "I", "l", " ", "é", "\n"])
def test_other_letters_are_refused(letter: str) -> None:
    assert read(f"1{letter}11") is None
    assert read(base58.b58encode_check(b"data").decode() + letter) is None


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.name)
@pytest.mark.parametrize("script", SCRIPTS, ids=bytes.hex)
def test_an_accepted_text_is_the_one_that_is_written_from_the_script(
    chain: object, script: bytes
) -> None:
    written = address_of_script(chain, script)  # type: ignore[arg-type]
    if written is None:
        return
    for text in {written, written.upper(), written.lower()}:
        try:
            found = script_of(chain, text)  # type: ignore[arg-type]
        except InputError:
            continue
        assert script == found
        assert written == parse_address(chain, text)  # type: ignore[arg-type]


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.name)
def test_every_version_byte_leads_to_the_written_form(chain: object) -> None:
    form = chain.utxo  # type: ignore[attr-defined]
    for number in (*form.p2pkh, *form.p2sh):
        version = number.to_bytes(1 if number < 256 else 2, "big")
        text = base58.b58encode_check(version + bytes(range(20))).decode()
        script = script_of(chain, text)  # type: ignore[arg-type]

        assert address_of_script(chain, script) == parse_address(chain, text)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [32, 61])
def test_longer_text_than_any_address_is_refused(size: int) -> None:
    data = b"\xff" * size
    text = base58.b58encode_check(data).decode()
    assert (None if len(text) > 64 else data) == read(text)


def test_text_that_no_encoding_can_write_is_refused() -> None:
    assert read("\ud800") is None
