"""The typed challenge: our text as a wallet signs it, and everything that is not it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.backends.pysha3 import keccak256
from hypothesis import given
from hypothesis import strategies as st

from attest.challenges import typed_files
from config.challenges import Anchor, Challenges
from config.errors import InputError
from proofs.challenge import build_text
from proofs.eip712 import verify
from proofs.evm.typed_challenge import parse_text, typed_data
from proofs.key_recovery import ORDER
from tests.proofs.evm.evm_claims import ETHEREUM, claim, verdict

KEY = Account.from_key(b"\x07" * 32)
ON_ETHEREUM = f"eip155:1:{KEY.address}"
EVERYWHERE = f"eip155:*:{KEY.address}"
CHALLENGES = Challenges(
    version="v1",
    entity="5493001KJTIIGC8Y1R12",
    issuer='Example Audit, 2nd \\ "team"',
    nonce="9f" * 32,
    anchors=(
        Anchor(ETHEREUM.id, "21824260", f"0x{'5f' * 32}"),
        Anchor(ETHEREUM.id, "0", "00" * 32),
    ),
    issuedAt="2026-11-22T00:00:00Z",
    expiresAt="2026-12-06T00:00:00Z",
    accountsSha256="00" * 32,
    texts={},
)
TEXT = build_text(CHALLENGES, ON_ETHEREUM)


def document(text: str) -> dict[str, object]:
    challenge = parse_text(text.encode())
    assert challenge is not None
    return json.loads(json.dumps(typed_data(challenge)))  # type: ignore[no-any-return]


def sign(text: str) -> str:
    """Sign as a wallet does, from the JSON alone."""
    return f"0x{KEY.sign_typed_data(full_message=document(text)).signature.hex()}"


SIGNED = sign(TEXT)


def judged(text: str, signature: str = SIGNED, address: str = KEY.address) -> str:
    return verdict(verify, claim(address, text, signature))


@pytest.mark.parametrize(
    ("challenges", "account"),
    [
        (CHALLENGES, ON_ETHEREUM),
        (CHALLENGES, EVERYWHERE),
        (replace(CHALLENGES, anchors=()), ON_ETHEREUM),
        (replace(CHALLENGES, anchors=CHALLENGES.anchors[:1], entity="X"), ON_ETHEREUM),
        (replace(CHALLENGES, entity="a" * 200, issuer="b c" * 66), EVERYWHERE),
    ],
)
def test_a_signed_challenge_is_proved(challenges: Challenges, account: str) -> None:
    text = build_text(challenges, account)

    assert judged(text, sign(text)) == "proved"
    assert judged(text) == ("proved" if text == TEXT else "key_mismatch")


def test_the_steps_can_be_followed() -> None:
    steps: dict[str, str | bytes] = {}
    verify(replace(claim(KEY.address, TEXT, SIGNED), show=steps.__setitem__))
    oracle = encode_typed_data(full_message=document(TEXT))

    assert steps["account in the text"] == ON_ETHEREUM
    assert steps["digest preimage"] == b"\x19\x01" + oracle.header + oracle.body
    assert steps["digest"] == keccak256(b"\x19\x01" + oracle.header + oracle.body)


def test_the_typed_data_says_what_the_text_says() -> None:
    typed = document(TEXT)

    assert typed["message"] == {
        "entity": CHALLENGES.entity,
        "issuer": CHALLENGES.issuer,
        "purpose": "proof of control, not a transfer",
        "chain": "eip155:1",
        "account": KEY.address,
        "anchors": [
            {"chain": "eip155:1", "height": "21824260", "hash": f"0x{'5f' * 32}"},
            {"chain": "eip155:1", "height": "0", "hash": "00" * 32},
        ],
        "nonce": f"0x{'9f' * 32}",
        "issued": "2026-11-22T00:00:00Z",
        "expires": "2026-12-06T00:00:00Z",
        "textSha256": f"0x{hashlib.sha256(TEXT.encode()).hexdigest()}",
    }
    assert typed["domain"] == {"name": "custody-attest challenge", "version": "1"}
    assert typed["primaryType"] == "Challenge"


def test_the_text_itself_signed_is_not_its_typed_data() -> None:
    from eth_account.messages import encode_defunct  # noqa: PLC0415

    plain = KEY.sign_message(encode_defunct(text=TEXT)).signature.hex()
    assert judged(TEXT, plain) == "key_mismatch"


def test_a_text_of_another_account_is_refuted() -> None:
    other = Account.from_key(b"\x08" * 32).address
    assert judged(TEXT, address=other) == "text_of_another_account"
    on_base = TEXT.replace("chain: eip155:1\n", "chain: eip155:8453\n")
    assert judged(on_base, sign(on_base)) == "text_of_another_account"
    lower = TEXT.replace(KEY.address, KEY.address.lower())
    assert judged(lower, sign(lower)) == "text_of_another_account"


def test_every_change_of_a_byte_is_refuted() -> None:
    text = TEXT.encode()
    for at in range(len(text)):
        for other in (text[at] ^ 1, text[at] ^ 0x20, 0x0A, 0xFF):
            if other != text[at]:
                changed = text[:at] + bytes([other]) + text[at + 1 :]
                reason = verdict(verify, claim(KEY.address, changed, SIGNED))
                assert reason in {"text_not_ours", "key_mismatch", "text_of_another_account"}


def test_every_cut_is_not_our_text() -> None:
    for end in range(len(TEXT)):
        assert parse_text(TEXT[:end].encode()) is None
        assert parse_text(TEXT[end + 1 :].encode()) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{TEXT}\n",
        f"\n{TEXT}",
        f"{TEXT}\nexpires: 2026-12-06T00:00:00Z",
        TEXT.replace("entity: ", "entity:  "),
        TEXT.replace("\nissuer", " \nissuer"),
        TEXT.replace("chain: eip155:1\n", "chain: bip122:1\n", 1),
        TEXT.replace("nonce: 9f", "nonce: 9F"),
        TEXT.replace("proof of control, not a transfer", "transfer"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("Example", "Ex\u00e4mple"),
        TEXT.replace(CHALLENGES.entity, "x" * 201),
    ],
)
def test_what_is_nearly_our_text_is_not(text: str) -> None:
    assert judged(text) == "text_not_ours"


@pytest.mark.parametrize("at", range(0, 65, 3))
def test_every_other_signature_is_refuted(at: int) -> None:
    raw = bytearray.fromhex(SIGNED[2:])
    raw[at] ^= 1
    assert judged(TEXT, raw.hex()) in {"key_mismatch", "signature_invalid", "high_s"}
    assert judged(TEXT, SIGNED[: 2 * at]) == "malformed_signature"


def test_the_other_form_of_a_signature_is_refused() -> None:
    raw = bytes.fromhex(SIGNED[2:])
    s = (ORDER - int.from_bytes(raw[32:64], "big")).to_bytes(32, "big")
    assert judged(TEXT, (raw[:32] + s + bytes([raw[64] ^ 7])).hex()) == "high_s"


def test_other_chains_are_refused() -> None:
    row = replace(ETHEREUM, family="utxo")
    signing = replace(claim(KEY.address, TEXT, SIGNED), chain=row)
    assert verdict(verify, signing) == "scheme_not_for_chain"


@given(st.binary(max_size=300))
def test_nothing_else_comes_out_of_any_message(message: bytes) -> None:
    assert verdict(verify, claim(KEY.address, message, SIGNED)) == "text_not_ours"


def test_a_file_is_made_for_each_text_on_an_evm_chain() -> None:
    bitcoin = "bip122:000000000019d6689c085ae165831e93:1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
    names = (ON_ETHEREUM, EVERYWHERE, bitcoin)
    issued = replace(CHALLENGES, texts={name: build_text(CHALLENGES, name) for name in names})
    files = typed_files(issued)

    assert set(files) == {
        f"eip155-1-{KEY.address}.json",
        f"eip155-every-{KEY.address}.json",
    }
    typed = json.loads(files[f"eip155-1-{KEY.address}.json"])
    signature = KEY.sign_typed_data(full_message=typed).signature.hex()
    assert judged(TEXT, signature) == "proved"
    with pytest.raises(InputError, match="no text is about an EVM account"):
        typed_files(replace(issued, texts={bitcoin: "x"}))
