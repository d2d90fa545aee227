from __future__ import annotations

import contextlib

import pytest
from hypothesis import given

from config.books import custody
from config.books.cells import find_asset
from config.books.custody import Custody, CustodyStatement, parse_custody
from config.books.document import Document
from config.books.parties import Party
from config.caip import AccountId, AssetId
from config.errors import InputError
from tests.config.books.splices import spliced
from tests.config.known import BITCOIN, DEAD_BEEF, DONE, GENESIS, READING, example, refusal

USDT = AssetId("eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7")
WHOLE = example(custody)
TIME = 1796050800


def read(text: str) -> Custody:
    return parse_custody(text.encode(), "c.toml", READING)


def changed(line: str, to: str = "") -> str:
    assert line in WHOLE
    return WHOLE.replace(line, to, 1)


def test_reads_the_example() -> None:
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    document = Document(
        "books/documents/acme-2026-11.pdf", digest, "books/documents/acme-2026-11.dsse.json"
    )
    found = read(WHOLE)
    assert (
        CustodyStatement(
            where="statement.0",
            custodian="Acme Trust",
            account="client-7731",
            as_of=TIME,
            owner="customer",
            method="cold",
            asset=USDT,
            units=1_200_500_000,
            decimals=6,
            pool=AccountId(f"eip155:1:{DEAD_BEEF}"),
            document=document,
        ),
    ) == found.statements
    assert (Party("Acme Trust", "books/keys/acme.pub"),) == found.custodians
    assert (
        "books/documents/acme-2026-11.dsse.json",
        "books/documents/acme-2026-11.pdf",
        "books/keys/acme.pub",
    ) == found.paths()


def test_reads_the_least() -> None:
    least = WHOLE[: WHOLE.index("pool")].replace('key = "books/keys/acme.pub"', "")
    (found,) = read(least).statements
    assert (None, None) == (found.pool, found.document)
    assert () == read(least).paths()


@pytest.mark.parametrize(
    ("line", "to", "what"),
    [
        ('name = "Acme Trust"', 'name = "Self"', "custodian.0.name: 'Self' is the entity itself"),
        (
            'key = "books/keys/acme.pub"',
            'key = "/acme.pub"',
            "custodian.0.key: not a path beside the declaration: '/acme.pub'",
        ),
        (
            'key = "books/keys/acme.pub"',
            "",
            "statement.0.document.signature: no key is named for 'Acme Trust'",
        ),
        (
            'key = "books/keys/acme.pub"',
            'key = "books/documents/acme-2026-11.pdf"',
            "one path for two files: 'books/documents/acme-2026-11.pdf'",
        ),
        (
            "[[statement]]",
            '[[custodian]]\nname = "ACME Trust"\n[[statement]]',
            "custodian.1.name: stated twice, first in custodian.0",
        ),
        (
            "[[statement]]",
            '[[custodian]]\nname = "B"\nkey = "books/KEYS/acme.pub"\n[[statement]]',
            "custodian.1.key: stated twice, first in custodian.0",
        ),
        (
            'custodian = "Acme Trust"',
            'custodian = "Acme"',
            "statement.0.custodian: unknown custodian: 'Acme'",
        ),
        ('amount = "1200.5"', 'amount = "0.0"', "statement.0.amount: amount is zero"),
        ('amount = "1200.5"', "amount = 1200", "statement.0.amount: input should be a valid str"),
        (
            'amount = "1200.5"',
            'amount = "0.1234567"',
            "statement.0.amount: too many decimals: '0.1234567' has 7, at most 6 allowed",
        ),
        ('amount = "1200.5"', "amount = 1200.5", "statement.0.amount: float not allowed: 1200.5"),
        (
            'owner = "customer"',
            'owner = "mixed"',
            "statement.0.owner: input should be 'customer', 'house', 'guarantee' or 'reserve', met",
        ),
        (
            'method = "cold"',
            'method = "ice"',
            "statement.0.method: input should be 'hot', 'warm', 'cold' or 'unknown', met 'ice'",
        ),
        (
            'as_of = "2026-11-30T15:00:00Z"',
            'as_of = "2026-11-30"',
            "statement.0.as_of: time not understood: '2026-11-30'",
        ),
        (
            'asset = "ethereum:usdt"',
            'asset = "usdt"',
            "statement.0.asset: asset not understood: 'usdt'",
        ),
        (
            'asset = "ethereum:usdt"',
            'asset = "ethereum:usd"',
            "statement.0.asset: unknown asset on ethereum: 'ethereum:usd'",
        ),
        (
            'asset = "ethereum:usdt"',
            'asset = "anvil:eth"',
            "statement.0.asset: anvil is a test network, the declaration says main",
        ),
        (
            'asset = "ethereum:usdt"',
            'asset = "bitcoin:btc"',
            "statement.0.pool: pool on ethereum, the asset lies on bitcoin",
        ),
        (
            f"ethereum:{DEAD_BEEF}",
            "ethereum:0x12",
            "statement.0.pool: address of ethereum not understood",
        ),
        (f"ethereum:{DEAD_BEEF}", "ethereum", "statement.0.pool: account not understood"),
        ('account = "client-7731"', 'account = ""', "statement.0.account: string should match"),
        ('account = "client-7731"', "", "statement.0.account: missing"),
        ('account = "client-7731"', 'grade = "signed"', "statement.0.account: missing"),
        ("sha256 = ", "# ", "statement.0.document: sha256 is missing: file and sha256 go together"),
        ('file = "', 'grade = "', "statement.0.document.grade: unknown key"),
    ],
)
def test_what_is_not_as_documented_is_refused(line: str, to: str, what: str) -> None:
    assert str(refusal(read, changed(line, to))).startswith(f"c.toml: {what}")


def test_a_grade_is_not_the_entitys_to_write() -> None:
    text = changed('amount = "1200.5"', 'amount = "1200.5"\ngrade = "signed"')
    assert "c.toml: statement.0.grade: unknown key" == str(refusal(read, text))


def test_one_sub_account_and_asset_is_stated_once() -> None:
    statement = WHOLE[WHOLE.index("[[statement]]") : WHOLE.index("pool")]
    asset = statement.replace("ethereum:usdt", "bitcoin:btc")
    account = statement.replace("client-7731", "client-7732")
    assert 3 == len(read(WHOLE + asset + account).statements)
    error = refusal(read, WHOLE + asset + statement.replace('"ethereum:usdt"', f'"{USDT}"'))
    assert "c.toml: statement.2.account: stated twice, first in statement.0" == str(error)


def test_a_file_without_statements_is_refused() -> None:
    head = WHOLE[: WHOLE.index("[[statement]]")]
    assert "c.toml: statement: missing" == str(refusal(read, head))
    assert "c.toml: statement: empty" == str(refusal(read, f"statement = []\n{head}"))


@pytest.mark.parametrize(
    ("text", "asset"),
    [
        ("ethereum:usdt", USDT),
        ("eip155:1:usdt", USDT),
        (USDT, USDT),
        (USDT.lower(), USDT),
        ("ethereum/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7", USDT),
        ("bitcoin:btc", f"{BITCOIN}/slip44:0"),
        (f"{BITCOIN}/slip44:0", f"{BITCOIN}/slip44:0"),
    ],
)
def test_an_asset_is_found_by_id_or_symbol(text: str, asset: str) -> None:
    assert asset == find_asset(text, READING).id


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "asset not understood: ''"),
        ("usdt", "asset not understood: 'usdt'"),
        ("mars:usdt", "unknown chain: 'mars'"),
        ("/slip44:60", "unknown chain: ''"),
        ("eip155:1/slip44:61", "unknown asset on ethereum: 'eip155:1/slip44:61'"),
        ("eip155:1/", "unknown asset on ethereum: 'eip155:1/'"),
        ("ethereum:", "unknown asset on ethereum: 'ethereum:'"),
        ("ethereum:USDT", "unknown asset on ethereum: 'ethereum:USDT'"),
        (f"eip155:1/erc20:{DONE}", f"unknown asset on ethereum: 'eip155:1/erc20:{DONE}'"),
        (USDT.replace("dAC", "Dac"), "address checksum wrong (EIP-55): "),
        ("sepolia:eth", "sepolia is a test network, the declaration says main"),
    ],
)
def test_what_names_no_asset_is_refused(text: str, what: str) -> None:
    assert refusal(find_asset, text, READING).what.startswith(what)


def test_a_pool_is_one_address() -> None:
    text = changed("ethereum:usdt", "bitcoin:btc").replace(
        f"ethereum:{DEAD_BEEF}", f"bitcoin:{GENESIS}"
    )
    assert AccountId(f"{BITCOIN}:{GENESIS}") == read(text).statements[0].pool


@given(spliced(WHOLE))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        parse_custody(data, "c.toml", READING)
