"""The books through the commands: custodians, borrowings, own assets, scope, over the recording."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.command import Ran, attest
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = "2026-11-22T19:27:54Z"
ENTITY = "Example Exchange"
POOL = "anvil:0x4b21Feac2185d3062c4757e6D03c363206041718"
STATEMENT = """\
[[custodian]]
name = "Acme Trust"
key = "books/acme.pub"

[[statement]]
custodian = "Acme Trust"
account = "client-7731"
as_of = "{as_of}"
owner = "customer"
method = "cold"
asset = "anvil:eth"
amount = "{amount}"
{more}
"""
LETTER = 'document = { file = "books/letter.pdf", sha256 = "DIGEST" }'
SIGNED = 'document = { signature = "books/acme.dsse.json" }'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "declared"
    shutil.copytree(EXAMPLES / "exchange", made)
    (made / "books").mkdir()
    return made


@pytest.fixture
def acme(folder: Path) -> Path:
    """The custodian's key; its public part lies among the books."""
    key = folder.parent / "acme"
    assert attest("keys", "new", key, "--unencrypted").code == 0
    shutil.copy(f"{key}.pub", folder / "books" / "acme.pub")
    return key


def declare(folder: Path, kind: str, text: str) -> None:
    path = f"books/{kind}.toml" if kind != "allocations" else "books/allocations.csv"
    (folder / path).write_text(text)
    replace(folder, "declaration.toml", "[inputs]\n", f'[inputs]\n{kind} = "{path}"\n')


def replace(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def run(folder: Path, key: Path, bundle: Path) -> Ran:
    return attest("run", folder / "declaration.toml", "--key", key, "-o", bundle, "--json")


def sign(folder: Path, acme: Path) -> None:
    """Let the custodian sign what the file says."""
    ran = attest(
        *("state", folder / "books" / "custody.toml", "--party", "Acme Trust"),
        *("--entity", ENTITY, "--key", acme, "-o", folder.parent / "signed", "--allow-test"),
        *("--root", folder),
    )
    assert (0, ()) == (ran.code, ran.complaint)
    shutil.copytree(folder.parent / "signed", folder, dirs_exist_ok=True)


def of(ran: Ran, rule: str, subject: str = "") -> Any:  # noqa: ANN401 - JSON
    found = [one for one in ran.document["findings"]["inForce"] if one["code"] == rule]
    return next(one for one in found if not subject or one["subject"] == subject)


def verify(folder: Path, bundle: Path, key: Path, *custodians: Path) -> Any:  # noqa: ANN401 - JSON
    parties = [("Example Exchange", f"{key}.pub", "attester")]
    parties += [(f"Custodian {one.name}", f"{one}.pub", "custodian") for one in custodians]
    rows = [
        f'[[party]]\nname = "{name}"\nkey = "{path}"\nroles = ["{role}"]\n'
        for name, path, role in parties
    ]
    trust = folder.parent / "trust.toml"
    trust.write_text("\n".join(rows))
    return attest("verify", bundle, "--trust", trust, "--allow-test", "--json")


def test_a_signed_statement_counts_for_whoever_trusts_the_custodian(
    folder: Path, acme: Path, key: Path
) -> None:
    replace(folder, "liabilities.csv", "eth,300,", "eth,400,")
    declare(folder, "custody", STATEMENT.format(as_of=AS_OF, amount="50", more=SIGNED))
    sign(folder, acme)
    bundle = folder.parent / "bundle"
    ran = run(folder, key, bundle)

    assert (0, ()) == (ran.code, ran.complaint)
    facts = of(ran, "coverage", "eth")["facts"]
    assert ("50", "7") == (facts["attested"][:-18], facts["difference"][:-18])
    (record,) = ran.document["books"]["custody"]
    assert ("signed", "Acme Trust") == (record["grade"], record["custodian"])
    trusted = verify(folder, bundle, key, acme)
    assert (0, "pass", "L3") == (
        trusted.code,
        trusted.document["outcome"],
        trusted.document["level"],
    )
    stranger = verify(folder, bundle, key).document
    assert ("valid", "unknown") == (stranger["authenticity"], stranger["outcome"])
    assert "custodian_untrusted" in {one["code"] for one in stranger["differences"]}


def test_a_custodian_that_attests_too_vouches_for_nothing(folder: Path, acme: Path) -> None:
    replace(folder, "liabilities.csv", "eth,300,", "eth,400,")
    declare(folder, "custody", STATEMENT.format(as_of=AS_OF, amount="50", more=SIGNED))
    sign(folder, acme)
    bundle = folder.parent / "bundle"
    assert run(folder, acme, bundle).code == 0
    trust = folder.parent / "own.toml"
    trust.write_text(
        f'[[party]]\nname = "Acme"\nkey = "{acme}.pub"\nroles = ["attester", "custodian"]\n'
    )
    met = attest("verify", bundle, "--trust", trust, "--allow-test", "--json")

    assert ("valid", "unknown", 2) == (
        met.document["authenticity"],
        met.document["outcome"],
        met.code,
    )


@pytest.mark.parametrize(
    ("more", "grade"),
    [("", "declared"), (LETTER, "document")],
)
def test_an_unsigned_statement_is_shown_and_covers_nothing(
    folder: Path, acme: Path, key: Path, more: str, grade: str
) -> None:
    del acme
    replace(folder, "liabilities.csv", "eth,300,", "eth,400,")
    (folder / "books" / "letter.pdf").write_bytes(b"%PDF-1.4 a letter")
    digest = hashlib.sha256(b"%PDF-1.4 a letter").hexdigest()
    more = more.replace("DIGEST", digest)
    declare(folder, "custody", STATEMENT.format(as_of=AS_OF, amount="50", more=more))
    ran = run(folder, key, folder.parent / "bundle")

    assert (1, "fail") == (ran.code, of(ran, "coverage", "eth")["status"])
    assert grade == ran.document["books"]["custody"][0]["grade"]
    eth = next(one for one in ran.document["comparison"] if one["instrument"] == "eth")
    assert ("0", "50000000000000000000") == (eth["attested"], eth["held"]["attested"])


def test_a_statement_that_was_signed_otherwise_does_not_count(
    folder: Path, acme: Path, key: Path
) -> None:
    declare(folder, "custody", STATEMENT.format(as_of=AS_OF, amount="50", more=SIGNED))
    sign(folder, acme)
    replace(folder, "books/custody.toml", 'amount = "50"', 'amount = "51"')
    ran = run(folder, key, folder.parent / "bundle")

    assert (1, "fail") == (ran.code, of(ran, "statements")["status"])
    assert "other_amount" in of(ran, "statements", "custody statement.0")["text"]
    assert "declared" == ran.document["books"]["custody"][0]["grade"]


def test_an_old_statement_is_stale(folder: Path, acme: Path, key: Path) -> None:
    del acme
    old = STATEMENT.format(as_of="2026-11-20T00:00:00Z", amount="50", more="")
    declare(folder, "custody", old)
    ran = run(folder, key, folder.parent / "bundle")

    assert (1, "fail") == (ran.code, of(ran, "stale_custody")["status"])


@pytest.mark.parametrize(("amount", "fault"), [("50", "pool_declared"), ("5000", "more_than_pool")])
def test_a_pool_counts_once_and_up_to_what_is_there(
    folder: Path, acme: Path, key: Path, amount: str, fault: str
) -> None:
    text = STATEMENT.format(as_of=AS_OF, amount=amount, more=f'pool = "{POOL}"\n{SIGNED}')
    declare(folder, "custody", text)
    sign(folder, acme)
    ran = run(folder, key, folder.parent / "bundle")

    faults = {
        one["facts"]["fault"]
        for one in ran.document["findings"]["inForce"]
        if one["code"] == "pools"
    }
    eth = next(one for one in ran.document["comparison"] if one["instrument"] == "eth")
    assert fault in faults
    assert 1 == ran.code
    # What the pool holds is in no band of its own any more.
    assert int(eth["held"]["none"]) > 0


def test_what_is_borrowed_is_taken_off(folder: Path, key: Path) -> None:
    row = '[[borrowing]]\nlender = "L"\ninstrument = "eth"\namount = "60"\nas_of = "{}"\n'
    declare(folder, "reserves", row.format(AS_OF))
    ran = run(folder, key, folder.parent / "bundle")

    coverage = of(ran, "coverage", "eth")
    assert ("fail", "-3") == (coverage["status"], coverage["facts"]["difference"][:-18])
    assert "60" == ran.document["books"]["borrowings"][0]["amount"][:-18]
    report = (folder.parent / "bundle" / "report" / "report.md").read_text()
    assert "| Less: borrowed by the responsible party | -60 |" in report


def test_an_instrument_left_out_is_in_the_headline(folder: Path, key: Path) -> None:
    declare(folder, "assets", '[[out]]\ninstrument = "ltc"\nreason = "its nodes are rebuilt"\n')
    replace(folder, "liabilities.csv", "ltc,120,", "ltc,12000,")
    ran = run(folder, key, folder.parent / "bundle")

    assert (0, ["eth", "usdc", "usdt"]) == (ran.code, ran.document["scope"]["compared"])
    assert "warn" == of(ran, "instrument_scope", "ltc")["status"]
    report = (folder.parent / "bundle" / "report" / "report.md").read_text()
    assert "Compared: 3 of 4 instruments that are owed, " in report
    assert "Left out: ltc, owed 12000: its nodes are rebuilt." in report


def test_leaving_everything_out_is_no_pass(folder: Path, key: Path) -> None:
    rows = [f'[[out]]\ninstrument = "{one}"\nreason = "r"\n' for one in ("eth", "usdt", "usdc")]
    declare(folder, "assets", "\n".join([*rows, '[[out]]\ninstrument = "ltc"\nreason = "r"\n']))
    ran = run(folder, key, folder.parent / "bundle")

    assert (2, "unknown") == (ran.code, ran.document["outcome"])


def test_an_own_token_that_no_contract_bears_out_counts_for_nothing(
    folder: Path, key: Path
) -> None:
    declared = """\
[[instrument]]
id = "point"
title = "Point"
decimals = 2
[[asset]]
chain = "anvil"
contract = "0x00000000000000000000000000000000000000aa"
symbol = "pt"
decimals = 2
instrument = "point"
code_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""
    declare(folder, "assets", declared)
    ran = run(folder, key, folder.parent / "bundle")

    # The recording holds no answer about it.
    assert (2, "unknown") == (ran.code, of(ran, "own_assets")["status"])


def test_a_missing_document_refuses_the_inputs(folder: Path, acme: Path, key: Path) -> None:
    del acme
    more = f'document = {{ file = "books/none.pdf", sha256 = "{"0" * 64}" }}'
    declare(folder, "custody", STATEMENT.format(as_of=AS_OF, amount="50", more=more))
    ran = run(folder, key, folder.parent / "bundle")

    assert (3, True) == (ran.code, "none.pdf" in ran.err)


def test_documents_travel_in_the_bundle(folder: Path, acme: Path, key: Path) -> None:
    declare(folder, "custody", STATEMENT.format(as_of=AS_OF, amount="50", more=SIGNED))
    sign(folder, acme)
    bundle = folder.parent / "bundle"
    ran = run(folder, key, bundle)

    names = {one["name"] for one in ran.document["inputs"]}
    assert {"books/custody.toml", "books/acme.pub", "books/acme.dsse.json"} <= names
    envelope = bundle / "evidence" / "inputs" / "books" / "acme.dsse.json"
    changed = json.loads(envelope.read_text())
    changed["signatures"][0]["sig"] = "AAAA"
    envelope.write_text(json.dumps(changed))
    assert 1 == verify(folder, bundle, key, acme).code
