from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.registry_files import load_registry
from proofs import bip322
from proofs.control import InvalidProof, Proof, Signing, quiet
from proofs.utxo import btclib_bip322
from tests.examples import wallet

BITCOIN = load_registry().chain("bitcoin")
KEY = wallet.key(1)
SCRIPT = wallet.single_script(KEY, wallet.P2WPKH)
ADDRESS = wallet.utxo_address(BITCOIN, SCRIPT)


def body_of(text: str) -> bytes:
    signed = wallet.sign_bip322(KEY, BITCOIN, wallet.P2WPKH, text)
    return base64.b64decode(signed.removeprefix("smp"))


def judged(message: bytes, body: bytes, *, long: bool) -> Proof | str:
    """Judge a claim; whoever listens goes the long way."""
    show = (lambda _step, _value: None) if long else quiet
    text = "smp" + base64.b64encode(body).decode()
    signing = Signing(BITCOIN, (ADDRESS,), message, text, show=show)
    try:
        return bip322.verify(signing)
    except InvalidProof as refused:
        return refused.reason


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=300))
def test_both_ways_give_the_same(text: str) -> None:
    message, body = text.encode(), body_of(text)
    short = btclib_bip322.check_key(body, message, SCRIPT, ADDRESS)

    assert short == btclib_bip322.check("smp", body, message, SCRIPT).unsigned_id
    assert judged(message, body, long=False) == judged(message, body, long=True)


def test_every_changed_byte_ends_as_the_long_way_says() -> None:
    body = body_of("text")
    for place in range(len(body)):
        changed = body[:place] + bytes((body[place] ^ 1,)) + body[place + 1 :]
        assert btclib_bip322.check_key(changed, b"text", SCRIPT, ADDRESS) is None
        assert isinstance(judged(b"text", changed, long=False), str)
        assert judged(b"text", changed, long=False) == judged(b"text", changed, long=True)


@pytest.mark.parametrize("after", [b"\0", b"\xff"])
def test_bytes_after_the_stack_are_refused(after: bytes) -> None:
    assert judged(b"text", body_of("text") + after, long=False) == "malformed_signature"
    assert judged(b"other", body_of("text"), long=False) == "signature_invalid"
