from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from attest.keys import load_public
from attest.third_party import check_row
from config.books import custody, facts, reserves
from config.books.custody import Custody, parse_custody
from config.books.facts import parse_facts
from config.books.reserves import parse_reserves
from tests.cli.command import Ran, attest, files_below
from tests.config.known import READING, REGISTRY, example

if TYPE_CHECKING:
    from pathlib import Path

PDF = b"%PDF twelve hundred"
DIGEST = hashlib.sha256(PDF).hexdigest()
STATED = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SIGNATURE = "books/documents/acme-2026-11.dsse.json"
CUSTODY = example(custody).replace(STATED, DIGEST)
ENTITY = "Example Exchange"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What an exchange hands to its custodian, and the custodian's key."""
    (tmp_path / "books/documents").mkdir(parents=True)
    (tmp_path / "books/keys").mkdir()
    (tmp_path / "custody.toml").write_text(CUSTODY)
    (tmp_path / "books/documents/acme-2026-11.pdf").write_bytes(PDF)
    assert 0 == attest("keys", "new", tmp_path / "acme", "--unencrypted").code
    (tmp_path / "acme.pub").rename(tmp_path / "books/keys/acme.pub")
    return tmp_path


def state(folder: Path, *more: str | Path, file: str = "custody.toml") -> Ran:
    return attest("state", folder / file, "--party", "Acme Trust", "--entity", ENTITY, *more)


def sign(folder: Path, *more: str | Path, file: str = "custody.toml") -> Ran:
    return state(folder, "--key", folder / "acme", "-o", folder / "out", *more, file=file)


def parsed(folder: Path) -> Custody:
    return parse_custody((folder / "custody.toml").read_bytes(), "custody.toml", READING)


def test_rows_are_shown_before_anything_is_signed(folder: Path) -> None:
    before = files_below(folder)
    ran = state(folder)

    assert (0, "") == (ran.code, ran.err)
    assert before == files_below(folder)
    header, row, last = ran.out.splitlines()
    assert "row\twhat is stated\tsignature" == header
    assert row.startswith("statement.0\tAcme Trust holds 1200.5 of eip155:1/erc20:0xdAC1")
    assert row.endswith(f"document with sha256 {DIGEST}\t{SIGNATURE}")
    assert f"rows for {ENTITY}: 1, not signed, nothing is written" == last


def test_a_custodian_signs_its_rows(folder: Path) -> None:
    ran = sign(folder)

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.endswith(f"rows for {ENTITY}: 1, signed\n")
    written = files_below(folder / "out")
    assert [SIGNATURE] == list(written)
    key = load_public((folder / "books/keys/acme.pub").read_bytes(), "acme.pub")
    (row,) = parsed(folder).statements
    files = {"books/documents/acme-2026-11.pdf": PDF}
    assert key.keyid == check_row(row, ENTITY, written[SIGNATURE], files, key)


def test_rows_of_others_are_left_alone(folder: Path) -> None:
    text = CUSTODY + (
        '[[custodian]]\nname = "Beta"\nkey = "books/keys/beta.pub"\n[[statement]]\n'
        'custodian = "Beta"\naccount = "1"\nas_of = "2026-11-30T15:00:00Z"\nowner = "house"\n'
        'method = "hot"\nasset = "bitcoin:btc"\namount = "1"\ndocument = { signature = "b.json" }\n'
        '[[statement]]\ncustodian = "Acme Trust"\naccount = "2"\nas_of = "2026-11-30T15:00:00Z"\n'
        'owner = "house"\nmethod = "hot"\nasset = "bitcoin:btc"\namount = "1"\n'
    )
    (folder / "custody.toml").write_text(text)

    assert 0 == sign(folder).code
    assert [SIGNATURE] == list(files_below(folder / "out"))


@pytest.mark.parametrize(
    ("name", "text", "old", "signature"),
    [
        (
            "reserves.toml",
            example(reserves),
            ("Example Trust Bank", "books/keys/bank.pub"),
            "books/documents/bank-2026-11.dsse.json",
        ),
        (
            "facts.toml",
            example(facts),
            ("Example Audit LLC", "books/keys/auditor.pub"),
            "books/documents/audit-2026.dsse.json",
        ),
    ],
)
def test_reserves_and_facts_are_signed_too(
    folder: Path, name: str, text: str, old: tuple[str, str], signature: str
) -> None:
    own = text.replace(old[0], "Acme Trust").replace(old[1], "books/keys/acme.pub")
    (folder / name).write_text(own)

    assert 0 == sign(folder, file=name).code
    envelope = files_below(folder / "out")[signature]
    key = load_public((folder / "books/keys/acme.pub").read_bytes(), "acme.pub")
    if name == "facts.toml":
        (fact,) = parse_facts(own.encode(), name, REGISTRY).of("last_audit", "customer_crypto")
        assert key.keyid == check_row(fact, ENTITY, envelope, {}, key)
    else:
        (reserve,) = parse_reserves(own.encode(), name, REGISTRY).reserves
        assert key.keyid == check_row(reserve, ENTITY, envelope, {}, key)


def test_the_result_as_json(folder: Path) -> None:
    shown, done = state(folder, "--json").document, sign(folder, "--json").document

    assert ("main", False, True) == (shown["network"], shown["signed"], done["signed"])
    assert shown["rows"] == done["rows"]
    (row,) = done["rows"]
    assert ("statement.0", SIGNATURE, "1200500000") == (
        row["row"],
        row["signature"],
        row["fields"]["amount"],
    )


def test_paths_begin_where_the_declaration_lies(folder: Path) -> None:
    (folder / "custody.toml").rename(folder / "books/custody.toml")

    ran = sign(folder, file="books/custody.toml")
    assert 3 == ran.code
    ran = sign(folder, "--root", folder, file="books/custody.toml")
    assert (0, "") == (ran.code, ran.err)


def test_own_assets_of_the_exchange_are_known(folder: Path) -> None:
    (folder / "custody.toml").write_text(CUSTODY.replace("ethereum:usdt", "ethereum:gp"))
    (folder / "assets.toml").write_text(
        '[[instrument]]\nid = "gamepoint"\ntitle = "Game Point"\ndecimals = 8\n'
        '[[asset]]\nchain = "ethereum"\ncontract = "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"\n'
        f'symbol = "gp"\ndecimals = 18\ninstrument = "gamepoint"\ncode_sha256 = "{STATED}"\n'
    )

    assert (
        sign(folder)
        .complaint[0]
        .startswith(
            "error: custody.toml: statement.0.asset: unknown asset on ethereum: 'ethereum:gp'"
        )
    )
    ran = sign(folder, "--assets", folder / "assets.toml", "--json")
    assert "1200500000000000000000" == ran.document["rows"][0]["fields"]["amount"]


def test_a_test_network_says_so(folder: Path) -> None:
    text = CUSTODY.replace("ethereum:usdt", "sepolia:eth").replace("ethereum:0x", "sepolia:0x")
    (folder / "custody.toml").write_text(text)

    what = "statement.0.asset: sepolia is a test network, the declaration says main"
    assert f"error: custody.toml: {what}" == state(folder).complaint[0]
    ran = state(folder, "--allow-test")
    assert ran.out.splitlines()[-1].startswith("TEST NETWORK: rows for ")
    assert "test" == state(folder, "--allow-test", "--json").document["network"]


def refused(folder: Path, ran: Ran, what: str) -> None:
    """Hold that a run was refused with a message, and wrote nothing."""
    assert (3, "", f"error: {what}") == (ran.code, ran.out, ran.complaint[0])
    assert not (folder / "out").exists()


def test_another_key_than_the_one_named_is_refused(folder: Path) -> None:
    assert 0 == attest("keys", "new", folder / "other", "--unencrypted").code
    named = load_public((folder / "books/keys/acme.pub").read_bytes(), "").keyid
    other = load_public((folder / "other.pub").read_bytes(), "").keyid

    ran = state(folder, "--key", folder / "other", "-o", folder / "out")
    refused(folder, ran, f"books/keys/acme.pub: key is {named}, signing is {other}")


def test_another_document_than_the_one_named_is_refused(folder: Path) -> None:
    path = "books/documents/acme-2026-11.pdf"
    (folder / path).write_bytes(b"thirteen hundred")
    met = hashlib.sha256(b"thirteen hundred").hexdigest()

    what = f"document is another one: {path}: sha256 is {met}, the row says {DIGEST}"
    refused(folder, sign(folder), what)
    (folder / path).unlink()
    refused(folder, sign(folder), f"no such file: {folder / path}")


def test_nothing_is_written_over(folder: Path) -> None:
    assert 0 == sign(folder).code
    before = files_below(folder)

    ran = sign(folder)
    assert (3, f"error: already there: {folder / 'out'}") == (ran.code, ran.complaint[0])
    assert before == files_below(folder)


def test_what_is_asked_must_be_whole(folder: Path) -> None:
    refused(folder, state(folder, "--key", folder / "acme"), "--key and -o go together")
    refused(folder, state(folder, "-o", folder / "out"), "--key and -o go together")
    ran = attest("state", folder / "custody.toml", "--party", "Acme", "--entity", ENTITY)
    refused(folder, ran, "unknown party: 'Acme'")
    ran = attest("state", folder / "custody.toml", "--party", "Acme Trust", "--entity", "")
    refused(folder, ran, "entity is not plain text: ''")
    ran = attest("state", folder / "custody.toml")
    assert (3, ("error: missing option '--party'",)) == (ran.code, ran.complaint[:1])
