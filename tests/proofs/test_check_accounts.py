"""Claims about accounts of Tron, the XRP Ledger and Cosmos: from rows of a file to controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import base58
import pytest

from chains.cosmos import address as cosmos_address
from chains.tron import address as tron_address
from chains.xrpl import address as xrpl_address
from config.claims import parse_claims
from config.registry import Registry
from config.registry_files import load_registry
from proofs import check as checking
from proofs.check import check
from proofs.control import Proof, UnprovedClaim
from proofs.schemes import SCHEMES, Scheme
from tests.chains.account_rows import BOSTROM, COSMOS, TRON, XRPL, vectors
from tests.proofs.tron.tron_signer import ADDRESSES, v2

if TYPE_CHECKING:
    from config.registry import Chain
    from proofs.control import Control, Signing

READERS = {
    "tron": tron_address.parse_address,
    "xrpl": xrpl_address.parse_address,
    "cosmos": cosmos_address.parse_address,
}
LOADED = load_registry()
REGISTRY = Registry(
    chains=(LOADED.chain("ethereum"), TRON, XRPL, COSMOS, BOSTROM), assets=(), instruments=()
)


class Addresses:
    """The parsers of these chains behind the interface that claims ask for."""

    def canonical(self, chain: Chain, text: str) -> str:
        return READERS[chain.family](chain, text)

    def is_expression(self, chain: Chain, text: str) -> bool:
        del chain, text
        return False

    def expression(self, chain: Chain, text: str) -> str:
        raise AssertionError(chain, text)

    def derive(self, chain: Chain, text: str) -> tuple[str, ...]:
        raise AssertionError(chain, text)

    def beyond(self, chain: Chain, text: str, margin: int) -> tuple[tuple[str, int], ...]:
        raise AssertionError(chain, text, margin)


def controls(*rows: str) -> tuple[Control, ...]:
    head = "account,scheme,message,signature,public_key,encoding,profile\n"
    text = head + "\n".join(rows) + "\n"
    claims = parse_claims(text.encode(), "claims.csv", REGISTRY, Addresses(), SCHEMES)
    return check(claims, REGISTRY, None, None, None)


def test_published_signatures_of_every_chain_are_proved() -> None:
    okx = vectors("okx-published")["tron"][0]
    tron = vectors("tron-v2")[0]
    xrpl = vectors("xrpl-published")
    hub = vectors("cosmos-adr36-published")[0]
    rows = (
        f"tron:{okx['addr']},tip191-v1,{okx['msg']},{okx['sign']},,,",
        f"tron:{tron['address']},tip191-v2,{tron['message']},{tron['signature']},,,",
        *(
            f"xrpl:{row['address']},xrpl,{row['message']},{row['signature']},{row['public_key']},,"
            for row in xrpl
        ),
        f'cosmos:{hub["address"]},adr36,"{hub["message"]}",{hub["signature"]},{hub["public_key"]},,',
    )
    found = controls(*rows)
    assert [one.outcome for one in found] == [
        "proved",
        "proved",
        *("proved" if row["valid"] else "refuted" for row in xrpl),
        "proved",
    ]
    proved = [one for one in found if one.outcome == "proved"]
    assert [one.grade for one in proved] == ["D"] * len(proved)
    assert proved[0].account == f"tron:0x2b6653dc:{okx['addr']}"
    assert {one.account: one.warnings for one in proved}[f"xrpl:0:{xrpl[0]['address']}"] == (
        "authority_not_read",
        "address_not_in_text",
    )
    assert proved[-1].warnings == ("address_not_in_text",)


def test_another_form_of_the_address_is_the_same_account() -> None:
    text = f"this is {ADDRESSES[0]}"
    in_hex = base58.b58decode_check(ADDRESSES[0]).hex()
    (control,) = controls(f"tron:{in_hex},tip191-v2,{text},{v2(0, text.encode())},,,")
    assert (control.outcome, control.grade) == ("proved", "C")
    assert control.subjects == (f"tron:0x2b6653dc:{ADDRESSES[0]}",)


def test_a_scheme_of_another_chain_is_refuted() -> None:
    text = "text"
    signature = v2(0, text.encode())
    (evm,) = controls(f"tron:{ADDRESSES[0]},eip191,{text},{signature},,,")
    assert (evm.outcome, evm.reason) == ("refuted", "scheme_not_for_chain")


@pytest.mark.parametrize("reason", ["authority_not_held", "authority_unknown"])
def test_a_scheme_can_say_that_a_right_signature_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    def verify(_: Signing) -> Proof:
        raise UnprovedClaim(reason)  # type: ignore[arg-type]

    monkeypatch.setattr(Scheme, "load", lambda _: verify)
    (control,) = controls(f"tron:{ADDRESSES[0]},tip191-v2,text,00,,,")
    assert (control.outcome, control.reason, control.grade) == ("unproved", reason, None)
    assert control.subjects == ()
    assert not hasattr(checking, "_Unproved")
