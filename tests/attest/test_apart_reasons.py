"""Faults of a bundle whose reason was another one, or none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from attest import bundle
from attest.apart import take_apart
from attest.cli.load import tool
from attest.errors import InvalidEnvelope
from attest.history.log import prove_entry
from attest.history.proof import LogProof, write_log_proof
from attest.pipeline import work_through
from attest.sealing import SEALED
from attest.statement import canonical
from tests.attest.history.logs import log_of
from tests.conftest import in_memory

if TYPE_CHECKING:
    from attest.inputs import Criteria
    from attest.keys import SigningKey

Files = dict[str, bytes]
DECLARATION = "evidence/inputs/declaration.toml"


def reason(files: Files) -> str:
    with pytest.raises(InvalidEnvelope) as refused:
        take_apart(in_memory(bundle.listed(files)))
    return refused.value.reason


def test_extra_data_of_a_log_proof_is_refused_whoever_knows_the_log(signed: Files) -> None:
    digest = bytes.fromhex(take_apart(signed).digest)
    proof = prove_entry(log_of((bytes(32), digest)), digest)
    extra = LogProof(proof.index, proof.path, proof.checkpoint, extra=b"by the way")
    name = "log/0001.tlog-proof"
    whole = in_memory(bundle.listed({**signed, name: write_log_proof(proof)}))

    assert whole[name] == take_apart(whole).proof
    assert "malformed_log_proof" == reason({**signed, name: write_log_proof(extra)})


def test_another_list_of_sealed_files_is_a_file_that_differs(
    example: tuple[Files, Criteria], signer: SigningKey
) -> None:
    files, criteria = example
    text = files[DECLARATION].replace(b"[inputs]", b'[inputs]\nsalts = "salts"')
    given = {**files, DECLARATION: text, "evidence/inputs/salts": bytes(range(32)).hex().encode()}
    sealed = in_memory(bundle.sign(bundle.draft(work_through(given, criteria, tool())), signer))
    listed = json.loads(sealed[SEALED])
    listed["files"]["evidence/inputs/other.csv"] = listed["files"].pop(DECLARATION)

    assert "file_mismatch" == reason({**sealed, SEALED: canonical(listed)})
