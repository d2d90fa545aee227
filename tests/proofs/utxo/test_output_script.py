from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.keyhash import hash160
from proofs.control import InvalidProof
from proofs.utxo.output_script import classify, formats_of, resolve
from tests.chains.utxo import rows

H20, H32 = bytes(range(20)), bytes(range(32))
SCRIPTS = [
    ("p2pkh", b"\x76\xa9\x14" + H20 + b"\x88\xac", H20),
    ("p2sh", b"\xa9\x14" + H20 + b"\x87", H20),
    ("p2wpkh", b"\x00\x14" + H20, H20),
    ("p2wsh", b"\x00\x20" + H32, H32),
    ("p2tr", b"\x51\x20" + H32, H32),
]


@pytest.mark.parametrize(("kind", "script", "program"), SCRIPTS)
def test_templates_are_told_apart(kind: str, script: bytes, program: bytes) -> None:
    assert (kind, program) == (classify(script).kind, classify(script).program)


@pytest.mark.parametrize(("kind", "script", "program"), SCRIPTS)
def test_a_byte_more_or_less_is_no_template(kind: str, script: bytes, program: bytes) -> None:
    del kind, program
    for changed in (script[:-1], script + b"\x00", b"\x00" + script, script[1:]):
        assert classify(changed).kind == "other"


@given(st.binary(max_size=40))
def test_any_bytes_are_classified(script: bytes) -> None:
    found = classify(script)
    assert script == found.script
    assert found.program in script


def test_hash160_of_nothing() -> None:
    # The hash in the burn address 1HT7xU2Ngenf7D4yocz2SAcnNLW7rK8d4E, which is of no bytes.
    assert hash160(b"").hex() == "b472a266d0bd89c13706a4132ccfb16f7c3b9fcb"


def test_addresses_become_scripts() -> None:
    found = resolve(rows.BITCOIN, "1HT7xU2Ngenf7D4yocz2SAcnNLW7rK8d4E")
    assert ("p2pkh", hash160(b"")) == (found.kind, found.program)


@pytest.mark.parametrize("address", ["", "x", "1HT7xU2Ngenf7D4yocz2SAcnNLW7rK8d4F", "ltc1q"])
def test_what_is_no_address_of_the_chain_is_refused(address: str) -> None:
    with pytest.raises(InvalidProof, match="scheme_not_for_chain"):
        resolve(rows.BITCOIN, address)


def test_another_family_is_refused() -> None:
    chain = dataclasses.replace(rows.BITCOIN, family="evm", utxo=None)
    with pytest.raises(InvalidProof, match="scheme_not_for_chain"):
        formats_of(chain)
    with pytest.raises(InvalidProof, match="scheme_not_for_chain"):
        resolve(chain, "1HT7xU2Ngenf7D4yocz2SAcnNLW7rK8d4E")
