from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from eth_hash.backends.pysha3 import keccak256

from chains.evm import calls
from chains.evm.calls import MalformedAnswer
from chains.evm.header import MAX_EXTRA_BYTES, SealedHeader, header_rlp, seal
from tests.chains.evm import oracle
from tests.chains.evm.mainnet import CASES, FORKS, HEADERS, data
from tests.nodes.anvil import anvil

if TYPE_CHECKING:
    from chains.evidence import Json

FIELDS = {
    "frontier": 15,
    "london": 16,
    "shanghai": 17,
    "cancun": 20,
    "prague": 21,
    "amsterdam": 23,
}
ORDER = [name for name in FORKS["amsterdam"] if name != "hash"]
QUANTITIES = {
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "baseFeePerGas",
    "blobGasUsed",
    "excessBlobGas",
    "slotNumber",
}


def recomputes(block: dict[str, Any]) -> bool:
    try:
        return seal(block) is not None
    except MalformedAnswer:
        return False


def changed(text: str, at: int, mask: int) -> str:
    """Change one byte of a field and write it in the field's form."""
    digits = text[2:]
    raw = bytearray.fromhex(digits.rjust(len(digits) + len(digits) % 2, "0"))
    raw[at] ^= mask
    if len(digits) == 2 * len(raw) and len(raw) in {8, 20, 32, 256}:
        return "0x" + raw.hex()
    return hex(int.from_bytes(raw, "big"))


def size(text: str) -> int:
    return (len(text) - 1) // 2


@pytest.mark.parametrize("number", range(len(HEADERS)))
def test_every_recorded_header_hashes_to_its_name(number: int) -> None:
    block = HEADERS[number]
    expected = SealedHeader(
        int(block["number"], 16),
        block["hash"],
        block["parentHash"],
        int(block["timestamp"], 16),
        block["stateRoot"],
    )

    assert expected == seal(block)


def test_the_headers_of_the_recorded_proofs_hash_to_their_names() -> None:
    assert [True] * len(CASES) == [recomputes(case["header"]) for case in CASES]


@pytest.mark.parametrize("fork", FIELDS)
def test_a_header_of_every_fork_hashes_to_its_name(fork: str) -> None:
    block = FORKS[fork]
    fields = oracle.decode(header_rlp(block))

    assert block["hash"] == "0x" + keccak256(header_rlp(block)).hex()
    assert FIELDS[fork] == len(fields)
    assert recomputes(block)


@pytest.mark.parametrize("fork", FIELDS)
def test_the_encoding_is_the_one_of_the_rlp_package(fork: str) -> None:
    block = FORKS[fork]
    fields = [
        int(block[name], 16).to_bytes(32, "big").lstrip(b"\0")
        if name in QUANTITIES
        else data(block[name])
        for name in ORDER
        if name in block
    ]

    assert oracle.encode(fields) == header_rlp(block)


@pytest.mark.parametrize("fork", FIELDS)
def test_any_changed_byte_of_any_field_is_seen(fork: str) -> None:
    block = FORKS[fork]
    for name in [*ORDER[: FIELDS[fork]], "hash"]:
        for at in range(size(block[name])):
            for mask in (0x01, 0x80, 0xFF):
                other = {**block, name: changed(block[name], at, mask)}
                assert other != block
                assert not recomputes(other), (name, at, mask)


def test_any_changed_byte_of_any_recorded_header_is_seen() -> None:
    random_ = random.Random(1)  # noqa: S311 - places to change, not a secret
    for block in HEADERS:
        for name in ORDER[: 21 if "requestsHash" in block else 20]:
            at = random_.randrange(max(size(block[name]), 1))
            if size(block[name]):
                other = {**block, name: changed(block[name], at, random_.randrange(1, 256))}
                assert not recomputes(other), (block["number"], name, at)


@pytest.mark.parametrize("fork", FIELDS)
def test_any_missing_field_is_seen(fork: str) -> None:
    block = FORKS[fork]
    for name in [*ORDER[: FIELDS[fork]], "hash"]:
        left = {key: value for key, value in block.items() if key != name}
        assert not recomputes(left), name
        assert not recomputes({**block, name: None}), name


@pytest.mark.parametrize("fork", FIELDS)
def test_any_added_field_is_seen(fork: str) -> None:
    block, donor = FORKS[fork], FORKS["amsterdam"]
    for count in range(FIELDS[fork] + 1, len(ORDER) + 1):
        added = {name: donor[name] for name in ORDER[FIELDS[fork] : count]}
        assert not recomputes({**block, **added}), added


@pytest.mark.parametrize("missing", ORDER[15:-1])
def test_a_gap_in_the_fields_is_malformed(missing: str) -> None:
    block = {key: value for key, value in FORKS["amsterdam"].items() if key != missing}

    with pytest.raises(MalformedAnswer):
        seal(block)
    with pytest.raises(MalformedAnswer):
        header_rlp(block)


@pytest.mark.parametrize("fork", FIELDS)
def test_null_is_the_same_as_missing_after_the_last_field_of_a_fork(fork: str) -> None:
    assert recomputes({**dict.fromkeys(ORDER[FIELDS[fork] :]), **FORKS[fork]})


def test_other_fields_of_a_block_are_not_looked_at() -> None:
    beside: dict[str, Json] = {
        "size": "0x0",
        "totalDifficulty": 5,
        "transactions": (),
        "l1BlockNumber": "?",
    }

    assert recomputes({**beside, **FORKS["prague"]})


NEVER: tuple[Json, ...] = (0, True, (), {}, "", "00", "0x0g", "0X00", "0x00\n", "0x" + "٣" * 64)
FORMS: dict[str, tuple[Json, ...]] = {
    "fixed": (
        *("0x" + "00" * count for count in (0, 5, 7, 9, 19, 21, 31, 33, 255, 257)),
        *("0x" + "AB" * 32, "0x" + "ab" * 31 + "a", "0x" + "ab" * 31 + "a\n"),
    ),
    "quantity": ("0x", "0x00", "0x01", "0xA", "0x1" + "0" * 64),
    "extra": ("0x0", "0xAB", "0x" + "00" * (MAX_EXTRA_BYTES + 1)),
}


@pytest.mark.parametrize("name", ORDER)
def test_a_field_in_another_form_is_malformed(name: str) -> None:
    form = "quantity" if name in QUANTITIES else "extra" if name == "extraData" else "fixed"
    for value in (*NEVER, *FORMS[form]):
        block = {**FORKS["amsterdam"], name: value}
        with pytest.raises(MalformedAnswer):
            seal(block)
        with pytest.raises(MalformedAnswer):
            header_rlp(block)


@pytest.mark.parametrize("block", [None, (), "0x", 1, {}])
def test_what_is_no_block_is_malformed(block: Json) -> None:
    with pytest.raises(MalformedAnswer):
        seal(block)
    with pytest.raises(MalformedAnswer):
        header_rlp(block)


def test_the_longest_extra_data_is_taken() -> None:
    block = {**FORKS["frontier"], "extraData": "0x" + "ab" * MAX_EXTRA_BYTES}
    block["hash"] = "0x" + keccak256(header_rlp(block)).hex()

    assert recomputes(block)


def test_a_field_with_leading_zeros_keeps_its_length() -> None:
    block = {**FORKS["amsterdam"], "requestsHash": "0x" + "00" * 31 + "01"}
    fields = oracle.decode(header_rlp(block))

    assert data(block["requestsHash"]) == fields[20]


@pytest.mark.nodes
@pytest.mark.parametrize("fork", ["berlin", "london", "shanghai", "cancun", "prague", "osaka"])
def test_a_real_node_hashes_every_fork_alike(fork: str) -> None:
    with anvil("--hardfork", fork) as node:
        node.mine(2)
        block = node.block(1)
    sealed = seal(block)

    assert sealed is not None
    assert calls.decode_header(block).block_hash == sealed.block_hash
    assert (1, block["stateRoot"]) == (sealed.height, sealed.state_root)
