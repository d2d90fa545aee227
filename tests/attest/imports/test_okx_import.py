from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.imports import entries
from attest.imports.entries import Claimed, Entry, Reading
from attest.imports.okx import LAYOUTS, read
from attest.imports.okx_networks import COINS, NETWORKS, network_of
from attest.imports.tables import tables
from config.caip import AccountId, ChainId
from config.errors import InputError
from tests.attest.imports.published import KNOWN, parse_back, published, refused

TEXT = "I am an OKX address"
ALICE = "0x0cdcdb19a857c2ac24818ca4fdfe38cce071483e"
BOB = "0x16f01cfc16b0b8c3400fb8e5099b0974fcc9fc12"
SIGNED = (
    "0x07f19879aa28d51c97cddfdfecffe7ed96525545d041aee4f4386b0bf4c1a26924b637fb02ccbb97305c13daa51a"
    "0f50b8896fb25ecbaf60020cde920d227a221b"
)
NINE = "coin,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script"
ELEVEN = f"{NINE}, eoa1, eoa2"
ALICE_ID = "eip155:1:0x0CDcDB19a857C2Ac24818CA4Fdfe38CcE071483e"


def rows(*lines: str, header: str = ELEVEN) -> Reading:
    return read("\n".join((header, *lines)).encode(), "okx.csv", KNOWN)


def only(*lines: str, header: str = ELEVEN) -> Entry:
    reading = rows(*lines, header=header)
    assert refused(reading) == []
    return reading.entries[0]


def reason(line: str, header: str = ELEVEN) -> str:
    reading = rows(line, header=header)
    assert reading.entries == ()
    return reading.refusals[0].reason


def signed(chain: str, address: str, key: str = "", second: str = "") -> str:
    return f"X,{chain},1,{address},1,{TEXT},c2ln,{second},{key},,"


@pytest.mark.parametrize(
    ("name", "imported", "refusals", "left_out"),
    [
        ("okx-7.csv", 6, [(7, "unknown_coin")], 4),
        ("okx-11.csv", 3, [(19, "unknown_coin")], 13),
        ("okx-12.csv", 1, [(6, "staking"), (7, "staking")], 2),
        ("okx-auditor.csv", 3, [(one, "unknown_coin") for one in (3, 5, 6, 8, 9)], 0),
    ],
)
def test_published_files_lose_no_row(
    name: str, imported: int, refusals: list[tuple[int, str]], left_out: int
) -> None:
    reading = read(published(name), name, KNOWN)

    assert refusals == refused(reading)
    assert (imported, imported + len(refusals)) == (len(reading.entries), reading.rows)
    assert left_out == reading.left_out
    parse_back(tables(reading))


def test_row_with_one_signature_claims_the_address() -> None:
    entry = only(f"ETH,ETH,1,{ALICE},1,{TEXT},{SIGNED},,,,")

    claim = Claimed("eip191-keccak", TEXT, SIGNED)
    assert Entry(AccountId(ALICE_ID), "unknown", "self", "ETH", claim) == entry


def test_nine_cells_are_read_under_their_own_header_and_a_longer_one() -> None:
    line = f"ETH,ETH,1,{ALICE},1,{TEXT},{SIGNED},,"

    assert only(line) == only(line, header=NINE)


def test_owners_beside_a_contract_prove_nothing_of_it() -> None:
    contract = "0x57e2dcd253527a0f70c6a3de3556f6e6e163f19c"

    assert only(f"ETH,ETH,1,{contract},1,{TEXT},{SIGNED},{SIGNED},,{ALICE},{BOB}").claim is None
    assert only(f"ETH,ETH,1,{contract},1,{TEXT},{SIGNED},,,{ALICE},").claim is None
    assert only(f"ETH,ETH,1,{contract},1,{TEXT},{SIGNED},{SIGNED},,,").claim is None


def test_row_without_a_signature_has_no_claim() -> None:
    assert only(f"ETH,ETH,1,{ALICE},1,{TEXT},null,,,,").claim is None


def test_two_signatures_and_a_script_are_a_multisig() -> None:
    address = "3QVtn5nHRxBXX7C7sKw2qdkoGqMMwFUgwF"
    claim = only(f"BTC,BTC,1,{address},1,{TEXT},QQ==,Qg==,52aa,,").claim

    assert Claimed("multisig-signmessage", TEXT, "QQ==;Qg==", script="52aa") == claim


def test_one_signature_of_a_bitcoin_address_is_a_signed_message() -> None:
    genesis = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    key = "02" + "ab" * 32

    assert Claimed("bip137", TEXT, "c2ln") == only(signed("BTC", genesis)).claim
    assert Claimed("bip137", TEXT, "c2ln", key) == only(signed("BTC", genesis, key)).claim
    assert Claimed("bip137", TEXT, "c2ln", f"0x{key}") == (
        only(signed("BTC", genesis, f"0x{key}")).claim
    )
    script = only(signed("BTC", genesis, "51aa")).claim
    assert script is not None
    assert script.scheme == "multisig-signmessage"


def test_auditor_s_null_is_no_value() -> None:
    header = "digitalAsset,chain,network,address,signedMessage,signedMessage2,message,publicKey"
    header = f"{header},owner1,owner2"
    entry = only(f"USDT,x,ETH,{ALICE},{SIGNED},null,OKC_DTT_AUP2025,NULL,null,", header=header)

    assert Claimed("eip191-keccak", "OKC_DTT_AUP2025", SIGNED) == entry.claim


def test_text_is_literal_to_its_spaces_and_null() -> None:
    for text in (" I am ", "null", "@challenge", "0x41", ""):
        claim = only(f"ETH,ETH,1,{ALICE},1,{text},{SIGNED},,,,").claim
        assert claim is not None
        assert text == claim.message


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"ETC,ETC,1,{ALICE},1,{TEXT},{SIGNED},,,,", "unknown_coin"),
        (f"BSV,BSV,1,{ALICE},1,{TEXT},{SIGNED},,,,", "unknown_coin"),
        ("FIL,FIL-EVM,1,f410fa7sh5u6fvd7vt625dx2akhbu3jt7yvkhgdp55ki,1,x,0x00,,,,", "unknown_coin"),
        (f"coin,network,snapshot height,{ALICE},1,{TEXT},{SIGNED},,,,", "unknown_coin"),
        (f"ETH,ETH,1,{ALICE}00,1,{TEXT},{SIGNED},,,,", "malformed_address"),
        (f"ETH,ETH,1,{ALICE.replace('cdcdb', 'CdCdb')},1,{TEXT},{SIGNED},,,,", "malformed_address"),
        ("BTC,BTC,1,1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb,1,x,c2ln,,,,", "malformed_address"),
        (f"ETH,ETH,1,,1,{TEXT},{SIGNED},,,,", "malformed_row"),
        (f",ETH,1,{ALICE},1,{TEXT},{SIGNED},,,,", "malformed_row"),
        (f"ETH,ETH,1,{ALICE},1,{TEXT}", "malformed_row"),
        (f"ETH,ETH,1,{ALICE},1,{TEXT},{SIGNED},,,,,", "malformed_row"),
        (f'ETH,ETH,1,{ALICE},1,"{TEXT},{SIGNED},,,,', "malformed_row"),
        (f"E\x1bTH,ETH,1,{ALICE},1,{TEXT},{SIGNED},,,,", "malformed_row"),
        (f"ETH,ETH,1,{ALICE},1,{'a' * 65_537},{SIGNED},,,,", "malformed_row"),
    ],
)
def test_row_is_refused_with_its_reason(line: str, expected: str) -> None:
    assert expected == reason(line)


def test_open_quote_swallows_no_row() -> None:
    good = f"ETH,ETH,1,{ALICE},1,{TEXT},{SIGNED},,,,"
    reading = rows(f'"{good}', good, f'{good}"')

    assert (1, 3) == (len(reading.entries), reading.rows)


def test_quoted_cells_are_read() -> None:
    claim = only(f'"ETH",ETH,1,{ALICE},1,"a ""b"", c",{SIGNED},,,,').claim

    assert claim is not None
    assert claim.message == 'a "b", c'


def test_form_without_a_scheme_is_refused() -> None:
    whole = KNOWN.registry.chains
    names = ("xrpl", "solana", "tron")
    chains = tuple(replace(whole[0], id=ChainId(f"{one}:x"), name=one) for one in names)
    known = replace(KNOWN, registry=replace(KNOWN.registry, chains=chains))
    genesis = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    text = "\n".join((ELEVEN, *(signed(one, genesis, "00") for one in ("XRP", "SOL", "TRX"))))

    bare = read(text.encode(), "x", replace(known, schemes=("bip137",)))
    assert [(one, "scheme_unknown") for one in (2, 3, 4)] == refused(bare)
    able = read(text.encode(), "x", replace(known, schemes=("ed25519-prefixed", "tip191-v1")))
    assert [(2, "scheme_unknown")] == refused(able)
    assert [
        Claimed("ed25519-prefixed", TEXT, "c2ln", "00", profile="okx"),
        Claimed("tip191-v1", TEXT, "c2ln", "00", profile="keccak"),
    ] == [one.claim for one in able.entries]


def test_marks_of_other_systems_are_accepted() -> None:
    text = f"{ELEVEN}\n\nETH,ETH,1,{ALICE},1,{TEXT},{SIGNED},,,,\n"
    data = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()

    assert rows(*text.split("\n")[1:]).entries == read(data, "okx.csv", KNOWN).entries


@pytest.mark.parametrize(
    "text",
    [
        "",
        "coin,amount\nBTC,1\n",
        "deposit address,validator publickey,amount,withdrawal address\n0x,0x,1,0x\n",
        f"ETH,ETH,1,{ALICE},1,{TEXT},{SIGNED},,,,\n{ELEVEN}\n",
        f"{ELEVEN},more\n",
        "\n" * 10_000 + ELEVEN,
        f'"BTC,1\n{ELEVEN}\n',
        f"{ELEVEN}\r\x00",
    ],
)
def test_file_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read(text.encode(), "okx.csv", KNOWN)


def test_file_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MAX_ROWS", 2)
    line = f"ETH,ETH,1,{ALICE},1,{TEXT},{SIGNED},,,,"

    assert rows(line, line).rows == 2
    with pytest.raises(InputError, match="more than 2 rows"):
        rows(line, line, line)


def test_every_coin_leads_to_a_network_and_every_network_has_its_own_name() -> None:
    assert set(COINS.values()) <= NETWORKS.keys()
    assert not COINS.keys() & NETWORKS.keys()
    assert network_of("ETH-Linea", "") == ("linea", "evm")
    assert network_of("", "usdt-trc20") == ("tron", "tron")
    # The network decides, whatever the coin is called.
    assert network_of("ETC", "ETH") is None


@given(st.text(st.sampled_from(f'{TEXT}{ALICE}{SIGNED},",;\n\r@= ETHBTC01ab'), max_size=400))
def test_any_rows_end_as_entries_or_refusals(text: str) -> None:
    try:
        reading = read(f"{ELEVEN}\n{text}".encode(), "okx.csv", KNOWN)
    except InputError:
        return
    lines = [one for one in text.replace("\r\n", "\n").split("\n") if one.strip()]
    assert len(lines) == reading.rows


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("ETH", "BTC", "POLYGON", "DOGE", "SOL")),
            st.sampled_from((ALICE, BOB, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")),
            st.text(st.characters(codec="utf-8", exclude_characters='\n\r\0"'), max_size=20),
            st.text(st.characters(codec="utf-8", exclude_characters='\n\r\0"'), max_size=20),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_imported_can_be_read_back(given_rows: list[tuple[str, ...]]) -> None:
    lines = (f'X,{n},1,{a},1,"{message}","{s}",,,,' for n, a, message, s in given_rows)
    reading = rows(*lines)

    assert len(given_rows) == reading.rows
    if reading.entries:
        parse_back(tables(reading))


@given(st.binary(max_size=300))
def test_any_bytes_give_a_reading_or_our_error(data: bytes) -> None:
    for layout in (b"", *(",".join(one).encode() + b"\n" for one in LAYOUTS)):
        try:
            read(layout + data, "okx.csv", KNOWN)
        except InputError:
            continue
