"""Whatever a claim says, a scheme gives a proof or one of our reasons, and nothing else escapes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs import bip137, bip322, multisig_signmessage
from proofs.control import InconclusiveProof, InvalidProof, Proof, Reason, Signing
from tests.chains.utxo import rows
from tests.proofs.utxo.vectors import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.registry import Chain

SCHEMES = [bip137.verify, bip322.verify, multisig_signmessage.verify]
REASONS = frozenset(get_args(Reason))
GENERATED, BASIC = load("bip322-generated"), load("bip322-basic")
PUBLISHED = [entry for entry in load("okx-published")["utxo"] if entry["script"]]
SIGNATURES = [
    *(
        (entry["address"], entry["message"], text, "")
        for group in (
            BASIC["simple"],
            GENERATED["simple"],
            GENERATED["full"],
            GENERATED["proof_of_funds"],
        )
        for entry in group
        for text in entry["bip322_signatures"]
    ),
    *(
        (entry["address"], entry["message"], entry["signature"], "")
        for entry in load("signmessage-electrum-legacy")
    ),
    *(
        (entry["addr"], entry["msg"], f"{entry['sign1']};{entry['sign2']}", entry["script"])
        for entry in PUBLISHED
    ),
]
ADDRESSES = sorted({address for address, _, _, _ in SIGNATURES})
chains = st.sampled_from(rows.ALL)


def answer(verify: Callable[[Signing], Proof], signing: Signing) -> str:
    """Run a scheme; anything but its three answers is raised on."""
    try:
        proof = verify(signing)
    except InvalidProof as refused:
        assert refused.reason in REASONS  # noqa: PT017 - the reason is what is tested
        return "refuted"
    except InconclusiveProof as undecided:
        assert undecided.reason in REASONS  # noqa: PT017 - the reason is what is tested
        return "inconclusive"
    assert isinstance(proof, Proof)
    return "proved"


@st.composite
def mutated(draw: st.DrawFn) -> Signing:
    """A published claim with some bytes of its signature changed, cut, repeated or added."""
    address, message, text, script = draw(st.sampled_from(SIGNATURES))
    prefix = text[:3] if text[:3] in ("smp", "ful", "pof") else ""
    first, joint, rest = text[len(prefix) :].partition(";")
    data = bytearray(base64.b64decode(first))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 8)))
        data[start:end] = draw(st.binary(max_size=8))
    prefix = draw(st.sampled_from([prefix, prefix, prefix, "smp", "ful", "pof", ""]))
    body = base64.b64encode(bytes(data)).decode()
    return Signing(
        draw(chains),
        (address,),
        message.encode(),
        prefix + body + joint + rest,
        script=script,
    )


@pytest.mark.parametrize("verify", SCHEMES, ids=lambda verify: verify.__module__)
@given(chains, st.lists(st.sampled_from(ADDRESSES) | st.text(max_size=90), max_size=3), st.data())
@settings(deadline=None)
def test_random_text(
    verify: Callable[[Signing], Proof],
    chain: Chain,
    addresses: list[str],
    data: st.DataObject,
) -> None:
    texts = st.text(max_size=120) | st.text("smpfulpofAB+/=; \n", max_size=40)
    signing = Signing(
        chain,
        tuple(addresses),
        data.draw(st.binary(max_size=40)),
        data.draw(texts),
        data.draw(texts),
        data.draw(texts),
    )
    assert answer(verify, signing) == "refuted"


@st.composite
def random_base64(draw: st.DrawFn) -> Signing:
    """A claim of a real address with random bytes under each prefix."""
    prefix = draw(st.sampled_from(["", "smp", "ful", "pof"]))
    body = draw(st.binary(max_size=200) | st.binary(min_size=65, max_size=65))
    text = prefix + base64.b64encode(body).decode()
    script = draw(st.binary(max_size=120)).hex()
    address = draw(st.sampled_from(ADDRESSES))
    return Signing(draw(chains), (address,), b"text", text, script=script)


@pytest.mark.parametrize("verify", SCHEMES, ids=lambda verify: verify.__module__)
@given(random_base64())
@settings(deadline=None)
def test_random_base64(verify: Callable[[Signing], Proof], signing: Signing) -> None:
    assert answer(verify, signing) == "refuted"


@pytest.mark.parametrize("verify", SCHEMES, ids=lambda verify: verify.__module__)
@given(mutated())
@settings(deadline=None, max_examples=300)
def test_changed_vectors(verify: Callable[[Signing], Proof], signing: Signing) -> None:
    """A change may leave the bytes as they were; then only the published claim itself is proved."""
    if answer(verify, signing) == "proved":
        published = {(address, text) for address, _, text, _ in SIGNATURES}
        stated = (signing.addresses[0], signing.signature)
        bare = {(address, text.removeprefix("smp")) for address, text in published}
        assert stated in published | bare
