"""A countersignature of a sealed statement: public beside it, and so without its accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attest.apart import take_apart
from attest.cli.load import pack_or_none, shipped_registry, tool
from attest.countersigning import countersign, template_of
from attest.trust import trust_key
from attest.verdict import Note
from attest.verifier import Verifier
from attest.verify import verify
from config.procedures import parse_procedures
from tests.attest.sealed import bundle_of, sealed_work, some_key

if TYPE_CHECKING:
    from attest.inputs import Criteria
    from attest.keys import SigningKey

ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"
SAID = "signer's criteria pass, verifier's unknown"


def made_of(files: dict[str, bytes], signer: SigningKey) -> bytes:
    """Countersign over what a verifier's own registry made of an account."""
    parts = take_apart(files)
    own = Verifier(trust_key(signer.public), shipped_registry(), pack_or_none, 0, allow_test=True)
    notes = (
        Note("judged_differently", f"{SAID}: accounts.csv:3:1: vault-17 {ADDRESS}"),
        Note("liabilities_differ", "root: ab, rebuilt cd"),
    )
    verdict = replace(verify(files, own), differences=notes)
    stated = template_of(parts).replace(b'name = ""', b'name = "Example Reviewer"')
    procedures = parse_procedures(stated, "procedures.toml")
    made = countersign(parts, verdict, procedures, tool(), some_key())
    results = {one.id: (one.result, one.detail) for one in made.predicate.procedures}
    assert "exception" == results["T5"][0] == results["T7"][0]
    return "\n".join(detail for _, detail in results.values()).encode()


def test_what_rows_made_the_judge_say_is_not_in_it(
    example: tuple[dict[str, bytes], Criteria], signer: SigningKey, signed: dict[str, bytes]
) -> None:
    sealed = made_of(bundle_of(sealed_work(example), signer), signer)
    plain = made_of(signed, signer)

    assert SAID.encode() in sealed
    assert b"vault-17" not in sealed
    assert ADDRESS.encode() not in sealed
    assert b"rebuilt" not in sealed
    # A statement that shows its accounts loses nothing by it.
    assert f"{SAID}: accounts.csv:3:1: vault-17 {ADDRESS}".encode() in plain
