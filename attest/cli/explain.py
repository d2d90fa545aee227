"""What `attest control --explain` prints: numbered steps, values in full, the verdict in words."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from attest.cli.console import give, give_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.explaining import Explanation, Step
    from proofs.control import Control, Reason

WIDTH = 64
"""Characters of a line of a value: 32 bytes in hex."""
GRADES = {
    "A": "our text, its nonce issued and signed by a party that the verifier trusts",
    "B": "our text, issued for this account",
    "C": "a static text that names the address",
    "D": "a static text that does not name the address",
}
REASONS: Mapping[Reason, str] = {
    "scheme_not_for_chain": "the scheme has no meaning for this chain or address",
    "malformed_message": "the message is not in the encoding that the claim states",
    "malformed_signature": "the signature cannot be decoded",
    "malformed_script": "the script cannot be decoded, or is not one that could be spent",
    "malformed_public_key": "the public key cannot be decoded",
    "key_mismatch": "the signature is of another key than the address's, or of another text",
    "script_mismatch": "the hash of the script is not the address's",
    "signature_invalid": "the signature does not verify",
    "high_s": "the signature is the high form, which this chain refuses",
    "threshold_not_met": "fewer different keys signed than the script asks for",
    "header_mismatch": "the signature's header byte does not fit the kind of address",
    "format_not_for_address": "this form of signature is not for this kind of address",
    "rule_violated": "the signature verifies, and breaks a rule of its standard",
    "time_locked": "the proof holds only later, or it is not known whether it holds yet",
    "upgradeable_rule": "the proof uses rules that this version does not know",
    "account_not_covered": "the proof does not hold an account that the claim names",
    "no_challenge": "no text was issued for this account",
    "challenge_expired": "the issued text's time was over, or had not begun",
    "account_has_code": "the account is a contract, which this key does not control",
    "code_unknown": "it is not known whether the account is a contract",
    "unknown_profile": "the scheme has no form of the name that the column profile gives",
    "malformed_profile": "the column profile does not hold the fields that its form needs",
    "no_claim": "no claim names the account",
    "not_a_key": "no private key stands behind the address",
    "account_not_derived": "the signature is right, and no known wallet leads from key to address",
    "transaction_like": "the message is as transactions are signed, whose signatures are public",
    "address_not_signed": "what was signed names another address",
    "message_not_signed": "what was signed is another text",
    "authority_not_held": "the signatures are right, and the chain lets other keys use the account",
    "authority_unknown": "what the chain said of who may use the account could not be read",
    "message_not_committed": "the transaction does not carry, or commit to, the message",
    "account_not_named": "the proof is also of an account that the claim does not name, or not so",
    "wrong_chain": "the transaction is for another chain, or for any",
    "coins_unknown": "it is not known what the transaction spends, so nothing was checked",
    "transfer_not_checked": "it is not known whether the transfer is in a block",
    "transfer_not_included": "the transfer is in no block up to the pin",
    "transfer_failed": "the transfer is in a block, and was reverted there",
    "text_names_no_account": "the text of a public transfer must name its account, and does not",
    "challenge_of_another": "the text was issued for another account",
    "text_not_ours": "typed data proves by an issued text alone, and this is none",
    "text_of_another_account": "the issued text names another account",
    "chain_not_asked": "what the proof rests on was not asked of the chain, or not answered",
    "no_contract": "the account has no code at the pin, so no contract can speak for it",
    "contract_accepts_anything": "the contract also accepts what nobody signed",
    "unknown_contract": "the contract agrees, and whose keys that takes is not known",
    "no_key_link": "too few of the keys that stand behind the contract signed themselves",
    "superseded": "the claim is carried forward, and a later one is about the same accounts",
    "malformed_ceremony": "the document that the witness signed is not in its one form",
    "not_deployed_signature": "the signature is for a contract not deployed yet (ERC-6492)",
}


def show(found: tuple[Explanation, ...], *, as_json: bool) -> None:
    """Print explanations to stdout, as text or JSON."""
    if as_json:
        give_json({"explanations": [_document(one) for one in found]})
        return
    for one in found:
        control = one.control
        give(f"line {control.line}: {control.scheme} for {control.account}")
        for number, step in enumerate(one.steps, 1):
            give(f"{number:3}. {step.what}")
            _lines(_written(step), "     ")
            text = _text(step)
            if text is not None:
                _lines(f"text {text}", "     ")
            if step.command:
                give(f"     $ {step.command}")
        for line in _verdict(control):
            give(f"  {line}")
        give("")


def _lines(text: str, indent: str) -> None:
    for line in textwrap.wrap(text, WIDTH, drop_whitespace=False) or [text]:
        give(f"{indent}{line}")


def _written(step: Step) -> str:
    """Give a value in full, with nothing in it that a terminal would act on."""
    if isinstance(step.value, bytes):
        return step.value.hex() or "(empty)"
    return step.value.encode("unicode_escape").decode() or "(empty)"


def _text(step: Step) -> str | None:
    """Give what bytes say, escaped, where they are text; None where they are not."""
    if not isinstance(step.value, bytes):
        return None
    try:
        text = step.value.decode()
    except UnicodeDecodeError:
        return None
    # The line feed and the first byte of signed messages (ERC-191 and its kin) are part of texts.
    seen = text.replace("\n", "").replace("\x18", "").replace("\x19", "")
    return json.dumps(text) if seen and seen.isprintable() else None


def _verdict(control: Control) -> list[str]:
    lines = [f"outcome: {control.outcome}"]
    if control.grade is not None:
        lines.append(f"grade: {control.grade}, {GRADES[control.grade]}")
    if control.reason is not None:
        lines.append(f"reason: {control.reason}, {REASONS[control.reason]}")
    if control.warnings:
        lines.append(f"warnings: {' '.join(control.warnings)}")
    return lines


def _document(one: Explanation) -> dict[str, object]:
    control = one.control
    return {
        "account": control.account,
        "scheme": control.scheme,
        "outcome": control.outcome,
        "grade": control.grade,
        "reason": control.reason,
        "warnings": list(control.warnings),
        "line": control.line,
        "steps": [_step(step) for step in one.steps],
    }


def _step(step: Step) -> dict[str, str]:
    command = {"command": step.command} if step.command else {}
    if isinstance(step.value, bytes):
        return {"step": step.what, "hex": step.value.hex(), **command}
    return {"step": step.what, "text": step.value, **command}
