from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.families import ChainAddresses
from config.claims import parse_claims
from config.registry_files import load_registry
from proofs.check import check
from proofs.control import InconclusiveProof, InvalidProof, Proof, Signing
from proofs.schemes import SCHEMES, Scheme
from proofs.verified import MAX_LENGTH, Verified
from tests.examples import wallet

if TYPE_CHECKING:
    from proofs.control import Reason

REGISTRY = load_registry()
ETHEREUM, BASE = REGISTRY.chain("ethereum"), REGISTRY.chain("base")
SIGNING = Signing(ETHEREUM, ("0x00",), b"text", "signature", "key", "script", "profile")
KEYS = [wallet.key(number) for number in range(3)]
ADDRESSES = [wallet.evm_address(ETHEREUM, key) for key in KEYS]


class Counted:
    """A scheme that counts how often it is asked, and always says the same."""

    def __init__(self, verdict: Exception | None = None) -> None:
        self.asked = 0
        self._verdict = verdict

    def __call__(self, signing: Signing) -> Proof:
        self.asked += 1
        if self._verdict is not None:
            raise self._verdict
        return Proof((signing.signature,))


def put(monkeypatch: pytest.MonkeyPatch, scheme: Counted, *, asks: bool = False) -> None:
    module = ModuleType("counted")
    vars(module)["verify"] = scheme
    monkeypatch.setitem(sys.modules, "counted", module)
    monkeypatch.setitem(SCHEMES, "counted", Scheme("counted", asks=asks))


def test_an_equal_claim_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scheme, verified = Counted(), Verified()
    put(monkeypatch, scheme)
    proofs = [verified.verify("counted", SIGNING) for _ in range(3)]

    assert [Proof(("signature",))] * 3 == proofs
    assert scheme.asked == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"chain": BASE},
        {"addresses": ("0x01",)},
        {"message": b"other"},
        {"signature": "other"},
        {"public_key": "other"},
        {"script": "other"},
        {"profile": "other"},
    ],
    ids=str,
)
def test_a_claim_that_differs_in_anything_is_verified(
    changed: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    scheme, verified = Counted(), Verified()
    put(monkeypatch, scheme)
    fields = ("chain", "addresses", "message", "signature", "public_key", "script", "profile")
    same = {name: getattr(SIGNING, name) for name in fields}
    verified.verify("counted", SIGNING)
    verified.verify("counted", Signing(**(same | changed)))

    assert scheme.asked == 2


def test_another_scheme_is_asked_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    scheme, verified = Counted(), Verified()
    put(monkeypatch, scheme)
    monkeypatch.setitem(SCHEMES, "twin", SCHEMES["counted"])
    verified.verify("counted", SIGNING)
    verified.verify("twin", SIGNING)

    assert scheme.asked == 2


@pytest.mark.parametrize("kind", [InvalidProof, InconclusiveProof])
def test_a_refusal_is_remembered_with_its_reason(
    kind: type[InvalidProof | InconclusiveProof], monkeypatch: pytest.MonkeyPatch
) -> None:
    reason: Reason = "rule_violated"
    scheme, verified = Counted(kind(reason)), Verified()
    put(monkeypatch, scheme)
    raised = []
    for _ in range(3):
        with pytest.raises(kind, match=reason) as met:
            verified.verify("counted", SIGNING)
        raised.append(met.value)

    assert scheme.asked == 1
    assert len({id(one) for one in raised}) == 3


def test_what_a_chain_answers_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    scheme, verified = Counted(), Verified()
    put(monkeypatch, scheme, asks=True)
    for _ in range(2):
        verified.verify("counted", SIGNING)

    assert scheme.asked == 2


def test_what_is_explained_is_verified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scheme, verified = Counted(), Verified()
    put(monkeypatch, scheme)
    shown = Signing(ETHEREUM, ("0x00",), b"text", "signature", show=lambda _step, _value: None)
    for _ in range(2):
        verified.verify("counted", shown)

    assert scheme.asked == 2


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    scheme, verified = Counted(), Verified(limit=10)
    put(monkeypatch, scheme)
    for number in range(100):
        verified.verify("counted", Signing(ETHEREUM, ("0x00",), b"", str(number)))
    long = Signing(ETHEREUM, ("0x00",), bytes(MAX_LENGTH), "s")
    for _ in range(2):
        verified.verify("counted", long)

    verified.verify("counted", Signing(ETHEREUM, ("0x00",), b"", "99"))
    assert scheme.asked == 102
    verified.verify("counted", Signing(ETHEREUM, ("0x00",), b"", "89"))
    assert scheme.asked == 103


def row(account: int, signer: int, text: int) -> str:
    signature = wallet.sign_eip191(KEYS[signer], f"text {text}")
    return f"ethereum:{ADDRESSES[account]},eip191,text 0,{signature}"


POOL = [row(a, s, t) for a in range(2) for s in range(2) for t in range(2)]


@settings(deadline=None)
@given(st.lists(st.sampled_from(POOL), min_size=1, max_size=30), st.integers(0, 5))
def test_no_verdict_depends_on_what_is_remembered(rows: list[str], limit: int) -> None:
    text = "account,scheme,message,signature\n" + "\n".join(rows)
    claims = parse_claims(text.encode(), "c", REGISTRY, ChainAddresses(), SCHEMES)
    alone = tuple(check((one,), REGISTRY, None, None, None)[0] for one in claims)

    assert alone == check(claims, REGISTRY, None, None, None, Verified(limit))
