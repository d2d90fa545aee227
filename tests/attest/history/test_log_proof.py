from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.history.log import prove_entry, prove_extension
from attest.history.proof import (
    MAX_PROOF,
    Extension,
    LogProof,
    read_extension,
    read_log_proof,
    write_extension,
    write_log_proof,
)
from attest.history.tree import MAX_PATH
from attest.history.vkey import write_base64
from tests.attest.history.logs import digests, log_of, outcome, refused

ENTRIES = digests(5)
LOG = log_of(ENTRIES)
PROOF = prove_entry(LOG, ENTRIES[1])
HASH = write_base64(bytes(32))
REST = "\n\nexample.com/log\n"
HEAD = "c2sp.org/tlog-proof@v1\n"


def test_a_proof_is_read_as_it_was_written() -> None:
    data = write_log_proof(PROOF)

    assert data.startswith(b"c2sp.org/tlog-proof@v1\nindex 1\n")
    assert data.endswith(b"\n\n" + LOG.signed)
    assert PROOF == read_log_proof(data)


def test_a_proof_of_the_only_entry_has_no_hashes() -> None:
    only = log_of(ENTRIES[:1])

    assert LogProof(0, (), only.signed) == read_log_proof(
        write_log_proof(prove_entry(only, ENTRIES[0]))
    )


def test_extra_data_is_read_and_kept_apart() -> None:
    with_extra = LogProof(PROOF.index, PROOF.path, PROOF.checkpoint, b"opaque")

    assert with_extra == read_log_proof(write_log_proof(with_extra))


def test_an_extension_is_read_as_it_was_written() -> None:
    extension = prove_extension(LOG, 3)
    data = write_extension(extension)

    assert data.startswith(b"old 3\n")
    assert extension == read_extension(data)
    assert Extension(0, (), LOG.signed) == read_extension(b"old 0\n\n" + LOG.signed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEAD,
        f"{HEAD}index 0\n\n",
        f"c2sp.org/tlog-proof@v2\nindex 0{REST}",
        f" {HEAD}index 0{REST}",
        f"{HEAD.upper()}index 0{REST}",
        f"{HEAD}{REST}",
        f"{HEAD}index{REST}",
        f"{HEAD}index {REST}",
        f"{HEAD}index 00{REST}",
        f"{HEAD}index -1{REST}",
        f"{HEAD}index ٣{REST}",
        f"{HEAD}index {1 << 63}{REST}",
        f"{HEAD}extra{REST}",
        f"{HEAD}extra \nindex 0{REST}",
        f"{HEAD}extra YR==\nindex 0{REST}",
        f"{HEAD}extra YQ==\nextra YQ==\nindex 0{REST}",
        f"{HEAD}extra YQ=={REST}",
        f"{HEAD}index 0\nextra YQ=={REST}",
        f"{HEAD}index 0\nindex 0{REST}",
        f"{HEAD}index 0\nAAAA{REST}",
        f"{HEAD}index 0\n{HASH[:-2]}B={REST}",
        f"{HEAD}index 0\n{HASH} {REST}",
        f"{HEAD}index 0\r\n{HASH}{REST}",
        f"{HEAD}index 0\n" + "\n".join([HASH] * (MAX_PATH + 1)) + REST,
        f"{HEAD}index 0\n{HASH}" + "\n\n" + "x" * MAX_PROOF,
    ],
)
def test_other_forms_of_a_proof_are_refused(text: str) -> None:
    refused("malformed_log_proof", read_log_proof, text.encode())


@pytest.mark.parametrize(
    "text", ["", "old\n\nx", "old 1\n", "old 01\n\nx", "new 1\n\nx", f"old 1\n{HASH[:-1]}\n\nx"]
)
def test_other_forms_of_an_extension_are_refused(text: str) -> None:
    refused("malformed_log_proof", read_extension, text.encode())


@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(["index 0", "extra YQ==", HASH, "", HEAD[:-1], "old 7", "x", "\u2014"]),
            max_size=9,
        ).map(lambda lines: "\n".join(lines).encode()),
    )
)
def test_what_is_read_is_written_again_to_the_same_bytes(data: bytes) -> None:
    for whole in (data, HEAD.encode() + data):
        if outcome(read_log_proof, whole) is None:
            assert whole == write_log_proof(read_log_proof(whole))
        if outcome(read_extension, whole) is None:
            assert whole == write_extension(read_extension(whole))
