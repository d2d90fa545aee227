"""EIP-712 framing: the EIP's own example, Trezor's vectors, and eth-account as second opinion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.backends.pysha3 import keccak256
from hypothesis import given
from hypothesis import strategies as st

from proofs import eip712
from proofs.evm.recovery import parse_signature, recover_address
from proofs.evm.typed_data import encode_type, hash_struct, typed_preimage
from tests.proofs.evm.evm_claims import claim, vectors, verdict

if TYPE_CHECKING:
    from proofs.evm.typed_data import Types, Value

(OFFICIAL,) = vectors("eip712-official")["vectors"]
TREZOR = vectors("eip712-trezor")["vectors"]
BY_NAME = {vector["name"]: vector for vector in TREZOR}

MAIL: Types = {
    "EIP712Domain": (
        ("name", "string"),
        ("version", "string"),
        ("chainId", "uint256"),
        ("verifyingContract", "address"),
    ),
    "Mail": (("from", "Person"), ("to", "Person"), ("contents", "string")),
    "Person": (("name", "string"), ("wallet", "address")),
}


def types_of(typed: dict[str, Any]) -> Types:
    return {
        name: tuple((field["name"], field["type"]) for field in fields)
        for name, fields in typed["types"].items()
    }


def valued(types: Types, kind: str, value: Any) -> Value:  # noqa: ANN401 - JSON
    """Turn JSON into the values the encoder takes."""
    if kind in types:
        return {field: valued(types, inner, value[field]) for field, inner in types[kind]}
    if kind.endswith("[]"):
        return tuple(valued(types, kind[:-2], item) for item in value)
    if kind == "address" or kind.startswith("bytes"):
        return bytes.fromhex(value[2:])
    return value  # type: ignore[no-any-return]


def preimage(typed: dict[str, Any]) -> bytes:
    types = types_of(typed)
    domain = valued(types, "EIP712Domain", typed["domain"])
    message = valued(types, typed["primaryType"], typed["message"])
    return typed_preimage(types, domain, typed["primaryType"], message)  # type: ignore[arg-type]


def signer(vector: dict[str, Any]) -> str:
    digest = keccak256(preimage(vector["typed_data"]))
    return f"0x{recover_address(parse_signature(vector['signature']), digest).hex()}"


def test_the_example_of_the_eip() -> None:
    typed = OFFICIAL["typed_data"]
    types = types_of(typed)
    domain = valued(types, "EIP712Domain", typed["domain"])
    message = valued(types, "Mail", typed["message"])

    assert types == MAIL
    assert encode_type(types, "Mail") == (
        "Mail(Person from,Person to,string contents)Person(string name,address wallet)"
    )
    separator = hash_struct(types, "EIP712Domain", domain)  # type: ignore[arg-type]
    assert OFFICIAL["domain_separator"] == f"0x{separator.hex()}"
    struct = hash_struct(types, "Mail", message)  # type: ignore[arg-type]
    assert OFFICIAL["struct_hash"] == f"0x{struct.hex()}"
    assert OFFICIAL["sign_hash"] == f"0x{keccak256(preimage(typed)).hex()}"
    assert OFFICIAL["address"] == signer(OFFICIAL)


def test_trezors_mail() -> None:
    vector = BY_NAME["basic_data"]

    assert vector["address"].lower() == signer(vector)


def test_lists_are_hashed_as_version_four_does() -> None:
    # The vector was signed in the form before version 4, which does not hash the members.
    vector = BY_NAME["struct_list_non_v4"]

    assert vector["metamask_v4_compat"] is False
    assert vector["address"].lower() != signer(vector)
    oracle = encode_typed_data(full_message=vector["typed_data"])
    assert preimage(vector["typed_data"]) == b"\x19\x01" + oracle.header + oracle.body


@pytest.mark.parametrize("name", ["complex_data", "array_of_structs"])
def test_types_that_no_schema_of_ours_uses_are_not_known(name: str) -> None:
    with pytest.raises(ValueError, match="typed data: "):
        preimage(BY_NAME[name]["typed_data"])


def test_a_message_of_the_domain_alone_is_another_form() -> None:
    # The domain is hashed once where it is the primary type; no schema of ours is of that form.
    vector = BY_NAME["bare_minimum"]

    assert vector["address"].lower() != signer(vector)


@pytest.mark.parametrize("vector", [*TREZOR, OFFICIAL], ids=lambda one: one.get("name", "eip"))
def test_claims_with_other_schemas_are_refuted(vector: dict[str, Any]) -> None:
    for message in (str(vector["typed_data"]), ""):
        signing = claim(vector["address"], message, vector["signature"])
        assert verdict(eip712.verify, signing) == "text_not_ours"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bytes32", b"short"),
        ("address", b"\1" * 32),
        ("uint256", -1),
        ("uint256", 1 << 256),
        ("string", b"bytes"),
        ("bytes", "text"),
        ("string[]", "text"),
        ("uint8", 1),
        ("Unknown", {}),
    ],
)
def test_a_value_of_another_type_is_an_error(kind: str, value: Value) -> None:
    with pytest.raises(ValueError, match="typed data: "):
        hash_struct({"A": (("a", kind),)}, "A", {"a": value})


def test_the_structs_a_type_names_follow_it_sorted() -> None:
    types = {"M": (("b", "B[]"), ("c", "C")), "B": (("a", "A"), ("c", "C")), "A": (), "C": ()}

    assert encode_type(types, "M") == "M(B[] b,C c)A()B(A a,C c)C()"


@given(
    st.text(max_size=40),
    st.binary(min_size=20, max_size=20),
    st.lists(st.tuples(st.text(max_size=9), st.integers(0, 2**256 - 1)), max_size=3),
    st.binary(max_size=70),
)
def test_eth_account_agrees(
    name: str, address: bytes, listed: list[tuple[str, int]], data: bytes
) -> None:
    typed = {
        "types": {
            "EIP712Domain": [{"name": "name", "type": "string"}],
            "Top": [
                {"name": "who", "type": "address"},
                {"name": "items", "type": "Item[]"},
                {"name": "data", "type": "bytes"},
                {"name": "tag", "type": "bytes32"},
            ],
            "Item": [{"name": "text", "type": "string"}, {"name": "size", "type": "uint256"}],
        },
        "primaryType": "Top",
        "domain": {"name": name},
        "message": {
            "who": f"0x{address.hex()}",
            "items": [{"text": text, "size": size} for text, size in listed],
            "data": f"0x{data.hex()}",
            "tag": f"0x{keccak256(data).hex()}",
        },
    }
    oracle = encode_typed_data(full_message=typed)

    assert preimage(typed) == b"\x19\x01" + oracle.header + oracle.body


def test_the_oracle_recovers_the_same_key() -> None:
    key = Account.from_key(b"\x07" * 32)
    typed = OFFICIAL["typed_data"]
    signed = key.sign_typed_data(full_message=typed)

    assert key.address.lower() == signer({"typed_data": typed, "signature": signed.signature.hex()})
