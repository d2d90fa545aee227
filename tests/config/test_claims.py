from __future__ import annotations

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import claims
from config.claims import Claim, Subject, parse_claims
from config.errors import InputError
from proofs.schemes import SCHEMES
from tests.config.known import (
    ADDRESSES,
    BITCOIN,
    DEAD_BEEF,
    DONE,
    GENESIS,
    RECEIVE_0,
    REGISTRY,
    SEGWIT,
    ZPUB,
    refusal,
)

HEADER = (
    "account",
    "scheme",
    "message",
    "signature",
    "public_key",
    "script",
    "encoding",
    "signer",
    "received_at",
)


def read(**cells: str) -> Claim:
    """Parse one row, quoted as a spreadsheet would quote it."""
    given_cells = {"account": f"bitcoin:{GENESIS}", "scheme": "bip137"} | cells
    written = io.StringIO()
    table = csv.DictWriter(written, HEADER, restval="", lineterminator="\n")
    table.writeheader()
    table.writerow(given_cells)
    data = written.getvalue().encode("utf-8", "surrogatepass")
    (claim,) = parse_claims(data, "c.csv", REGISTRY, ADDRESSES, SCHEMES)
    return claim


def refused(**cells: str) -> InputError:
    return refusal(lambda: read(**cells))


def test_reads_a_whole_row() -> None:
    expected = Claim(
        line=2,
        subjects=(Subject("account", f"eip155:1:{DONE}", REGISTRY.chain("ethereum").id, DONE),),
        scheme="eip191",
        message="0x68656c6c6f",
        signature="0x00;0x01",
        public_key="02ab",
        script="51ae",
        encoding="hex",
        signer="0/5",
        received_at=1796050800,
    )
    assert expected == read(
        account=f"ethereum:{DONE.lower()}",
        scheme="eip191",
        message="0x68656c6c6f",
        signature="0x00;0x01",
        public_key="02ab",
        script="51ae",
        encoding="hex",
        signer="0/5",
        received_at="2026-12-01T00:00:00+09:00",
    )


@pytest.mark.parametrize(
    "message",
    [
        "",
        " ",
        "  two before, two after  ",
        '"',
        'she said ""yes"", twice',
        "a,b",
        "line one\nline two\n\nline four",
        "\n",
        "\t",
        "'=SUM(A1)",
        "株式会社 取引所 🔑",
        "e\u0301 is not \u00e9",
        "\u202e\u200b\ufeff",
        "@challenge",
        " @challenge",
        "0x",
        "#",
    ],
)
def test_a_message_is_literal(message: str) -> None:
    assert message == read(message=message).message


def test_line_ends_in_a_message_are_line_feeds() -> None:
    header = "account,scheme,message,signature\r\n"
    data = f'{header}bitcoin:{GENESIS},bip137,"a\r\nb",AAAA\r\n'.encode()
    (claim,) = parse_claims(data, "c.csv", REGISTRY, ADDRESSES, SCHEMES)
    assert "a\nb" == claim.message


def test_what_a_scheme_decodes_is_left_to_it() -> None:
    claim = read(signature="not base64 ", public_key="zz", script="?", signer="../0", message="é")
    met = (claim.signature, claim.public_key, claim.script, claim.signer)
    assert ("not base64 ", "zz", "?", "../0") == met
    assert "" == read().signature


def test_one_claim_may_name_several_accounts() -> None:
    claim = read(account=f"bitcoin:{GENESIS} {BITCOIN}:{SEGWIT.upper()} bitcoin:{RECEIVE_0}")
    ids = [f"{BITCOIN}:{one}" for one in (GENESIS, SEGWIT, RECEIVE_0)]
    assert ids == [subject.id for subject in claim.subjects]
    assert " ".join(ids) == claim.account
    assert {"account"} == {subject.kind for subject in claim.subjects}


@pytest.mark.parametrize("last", ["", "?last=999"])
def test_an_extended_key_is_named_by_its_descriptor(last: str) -> None:
    (subject,) = read(account=f"bitcoin:{ZPUB}{last}").subjects
    assert "extended" == subject.kind
    assert subject.text.startswith("wpkh(xpub")
    assert f"{BITCOIN}:{subject.text}" == subject.id


def test_one_key_on_every_evm_network() -> None:
    (subject,) = read(account=f"eip155:*:{DONE.lower()}", scheme="eip191").subjects
    ethereum = REGISTRY.chain("ethereum").id
    assert Subject("every_evm", f"eip155:*:{DONE}", ethereum, DONE) == subject


KNOWN = ", ".join(SCHEMES)


@pytest.mark.parametrize(
    ("cells", "column", "what", "hint"),
    [
        ({"scheme": "bip999"}, "scheme", "'bip999' is not known", f"one of: {KNOWN}"),
        ({"scheme": "BIP137"}, "scheme", "'BIP137' is not known", f"one of: {KNOWN}"),
        ({"scheme": ""}, "scheme", "'' is not known", f"one of: {KNOWN}"),
        ({"encoding": "base64"}, "encoding", "'base64' is not known", "one of: utf8, hex"),
        ({"encoding": "UTF8"}, "encoding", "'UTF8' is not known", "one of: utf8, hex"),
        (
            {"received_at": "2026-12-01T00:00:00"},
            "received_at",
            "time without an offset: 2026-12-01T00:00:00",
            "write RFC 3339 with an offset, such as 2026-12-01T00:00:00+09:00",
        ),
        (
            {"account": f"bitcoin:{GENESIS} ethereum:{DONE}"},
            "account",
            f"accounts of two chains in one claim: {BITCOIN} and eip155:1",
            "write one claim a chain",
        ),
        (
            {"account": f"bitcoin:{SEGWIT} {BITCOIN}:{SEGWIT.upper()}"},
            "account",
            f"account named twice in one claim: '{BITCOIN}:{SEGWIT}'",
            "",
        ),
        (
            {"account": f"eip155:*:{DONE} eip155:*:{DONE.lower()}"},
            "account",
            f"account named twice in one claim: 'eip155:*:{DONE}'",
            "",
        ),
        (
            {"account": "avalon:11111111111111111111111111111111"},
            "account",
            "unknown chain: 'avalon'",
            None,
        ),
    ],
)
def test_what_breaks_the_table_is_refused(
    cells: dict[str, str], column: str, what: str, hint: str | None
) -> None:
    error = refused(**cells)
    assert f"c.csv: line 2, column '{column}': {what}" == str(error)
    assert hint is None or hint == error.hint


@pytest.mark.parametrize(
    "account",
    [
        "",
        " ",
        f"bitcoin:{GENESIS} ",
        f" bitcoin:{GENESIS}",
        f"bitcoin:{GENESIS}  bitcoin:{SEGWIT}",
        f"bitcoin:{GENESIS}\tbitcoin:{SEGWIT}",
        f"bitcoin:{GENESIS},bitcoin:{SEGWIT}",
        f"bitcoin:{GENESIS};bitcoin:{SEGWIT}",
        f"bitcoin:{GENESIS}\nbitcoin:{SEGWIT}",
        "eip155:*:",
        f"eip155:*:{DEAD_BEEF[:-1]}",
        f"eip155:*:{DEAD_BEEF.swapcase()}",
        f"eip155:**:{DEAD_BEEF}",
        f"bip122:*:{GENESIS}",
        f"*:{GENESIS}",
        "bitcoin:wpkh(",
    ],
)
def test_an_account_that_is_not_understood_is_refused(account: str) -> None:
    assert str(refused(account=account)).startswith("c.csv: line 2, column 'account': ")


def test_the_accounts_of_one_claim_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MAX_SUBJECTS", 2)
    account = " ".join(f"bitcoin:{one}" for one in (GENESIS, SEGWIT, RECEIVE_0))
    expected = "c.csv: line 2, column 'account': 3 accounts in one claim, the limit is 2"
    assert expected == str(refused(account=account))


def test_an_account_may_have_several_claims() -> None:
    header = "account,scheme,message,signature\n"
    data = (header + f"bitcoin:{GENESIS},bip137,hello,AAAA\n" * 2).encode()
    found = parse_claims(data, "c.csv", REGISTRY, ADDRESSES, SCHEMES)
    assert [2, 3] == [claim.line for claim in found]


TEXT = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=40)


@given(TEXT)
def test_any_message_comes_back_as_it_was(message: str) -> None:
    assert message == read(message=message).message


@given(st.dictionaries(st.sampled_from(HEADER), st.text(max_size=20), max_size=4))
def test_any_cell_is_read_or_refused(cells: dict[str, str]) -> None:
    with contextlib.suppress(InputError):
        assert cells.get("signature", "") == read(**cells).signature
