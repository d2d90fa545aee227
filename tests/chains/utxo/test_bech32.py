from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.utxo import bech32
from config.errors import InputError

# BIP-173 and BIP-350, section "Test vectors", of bitcoin/bips.
VALID_BECH32 = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    f"11{82 * 'q'}c8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "?1ezyfcl",
]
VALID_BECH32M = [
    "A1LQFN3A",
    "a1lqfn3a",
    "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    f"11{82 * 'l'}ludsr8",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
    "?1v759aa",
]
INVALID = [
    "\x201nwldj5",
    "\x7f1axkwrx",
    "\x801eym55h",
    "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx",
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "de1lg7wt\xff",
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "\x201xj0phk",
    "\x7f1g6xzxy",
    "\x801vctc34",
    "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
    "qyrz8wqd2c9m",
    "1qyrz8wqd2c9m",
    "y1b0jsk6g",
    "lt1igcx5c0",
    "in1muywd",
    "mm1crxm3i",
    "au1s5cgom",
    "M1VUXWEZ",
    "16plkw9",
    "1p2gdwpf",
    "",
]
WITNESS = [
    (
        "bc",
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        0,
        "751e76e8199196d454941c45d1b3a323f1433bd6",
    ),
    (
        "tb",
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
        0,
        "1863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
    ),
    (
        "bc",
        "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
        1,
        "751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
    ),
    ("bc", "BC1SW50QGDZ25J", 16, "751e"),
    ("bc", "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", 2, "751e76e8199196d454941c45d1b3a323"),
    (
        "tb",
        "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
        0,
        "000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    ),
    (
        "tb",
        "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
        1,
        "000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    ),
    (
        "bc",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        1,
        "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    ),
]
INVALID_WITNESS = [
    ("tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut", "prefix is 'tc'"),
    ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "of witness version 1"),
    ("tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf", "of witness version 2"),
    ("BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL", "of witness version 16"),
    ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "of witness version 0"),
    ("tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47", "of witness version 0"),
    ("bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", "letter 'o'"),
    ("BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R", "no witness version"),
    ("bc1pw5dgrnzv", "program of 1 bytes"),
    (
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
        "program of 41 bytes",
    ),
    ("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", "program of 16 bytes"),
    ("tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq", "mixes"),
    ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf", "padding"),
    ("tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j", "padding"),
    ("bc1gmk9yu", "no witness version"),
    # BIP-173 alone; the version 1 and 2 rows there are bech32, which BIP-350 replaced.
    ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "checksum does not match"),
    ("bc1rw5uspcuh", "of witness version 3"),
    ("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sL5k7", "mixes"),
    ("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3pjxtptv", "padding"),
]


@pytest.mark.parametrize("text", VALID_BECH32)
def test_bech32_vectors_are_read(text: str) -> None:
    prefix, digits, constant = bech32.decode(text)
    expected = (bech32.BECH32, text.lower())
    assert expected == (constant, bech32.encode(prefix, digits, constant))


@pytest.mark.parametrize("text", VALID_BECH32M)
def test_bech32m_vectors_are_read(text: str) -> None:
    prefix, digits, constant = bech32.decode(text)
    expected = (bech32.BECH32M, text.lower())
    assert expected == (constant, bech32.encode(prefix, digits, constant))


@pytest.mark.parametrize("text", INVALID)
def test_invalid_vectors_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        bech32.decode(text)


@pytest.mark.parametrize(("prefix", "text", "version", "program"), WITNESS)
def test_witness_vectors(prefix: str, text: str, version: int, program: str) -> None:
    assert (version, bytes.fromhex(program)) == bech32.decode_witness(prefix, text)
    assert text.lower() == bech32.encode_witness(prefix, version, bytes.fromhex(program))


@pytest.mark.parametrize(("text", "why"), INVALID_WITNESS)
def test_invalid_witness_vectors_are_refused_for_their_reason(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        bech32.decode_witness("bc" if text.lower().startswith("bc") else "tb", text)


@given(st.binary(max_size=64))
def test_base_32_round_trip(data: bytes) -> None:
    assert data == bech32.bytes_of(bech32.digits_of(data))
    assert bech32.digits_of(data) == bech32.read_digits(bech32.write_digits(bech32.digits_of(data)))


@given(st.integers(1, 16), st.binary(min_size=2, max_size=40))
def test_witness_round_trip(version: int, program: bytes) -> None:
    text = bech32.encode_witness("bc", version, program)
    assert (version, program) == bech32.decode_witness("bc", text)


@given(st.text(max_size=100))
def test_nothing_but_input_errors(text: str) -> None:
    for hostile in (text, f"bc1{text}", f"BC1{text}"):
        with pytest.raises(InputError):
            bech32.decode_witness("bc", hostile)
