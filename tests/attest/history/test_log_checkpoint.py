from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.history.checkpoint import (
    Checkpoint,
    checkpoint_text,
    open_checkpoint,
    parse_checkpoint,
)
from attest.history.cosignature import add_cosignature, cosigned_at
from attest.history.note import Note, NoteSignature, read_note, sign_note, write_note
from attest.history.tree import Head
from attest.history.vkey import COSIGNATURE, ED25519, note_key, parse_vkey
from config.times import MAX_TIME
from tests.attest.history.logs import (
    KEY,
    NOW,
    ORIGIN,
    VECTORS,
    changed,
    cosigned,
    digests,
    key,
    log_of,
    outcome,
    refused,
)

OWN = note_key(KEY.public, ORIGIN, ED25519)
WITNESS = note_key(key("w").public, "w", COSIGNATURE)
LOG = log_of(digests(3))
TEXT = checkpoint_text(LOG.checkpoint)
ROOT = TEXT.decode().split("\n")[2]


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    opened = open_checkpoint(LOG.signed, ORIGIN, OWN)

    assert LOG.checkpoint == opened.checkpoint
    assert LOG.checkpoint.head == opened.head


def test_extension_lines_are_kept() -> None:
    longer = Checkpoint("a log with spaces", Head(7, bytes(32)), ("one", "— two three"))

    assert longer == parse_checkpoint(checkpoint_text(longer))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{ORIGIN}\n3\n",
        f"\n3\n{ROOT}\n",
        f"{ORIGIN}\n\n3\n{ROOT}\n",
        f"{ORIGIN}\n3\n{ROOT}\n\n",
        f"{ORIGIN}\n03\n{ROOT}\n",
        f"{ORIGIN}\n+3\n{ROOT}\n",
        f"{ORIGIN}\n-3\n{ROOT}\n",
        f"{ORIGIN}\n3 \n{ROOT}\n",
        f"{ORIGIN}\n٣\n{ROOT}\n",
        f"{ORIGIN}\n{1 << 63}\n{ROOT}\n",
        f"{ORIGIN}\n3\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n3\nAAAA\n",
        f"{ORIGIN}\n3\n{'A' * 42}B=\n",
        f"{ORIGIN}\n3\n{LOG.checkpoint.head.root.hex()}\n",
    ],
)
def test_other_forms_of_a_checkpoint_are_refused(text: str) -> None:
    refused("malformed_checkpoint", parse_checkpoint, text.encode())


def test_every_changed_byte_of_a_checkpoint_is_refused() -> None:
    for place, wrong in changed(LOG.signed):
        reason = outcome(open_checkpoint, wrong, ORIGIN, OWN)
        assert reason is not None, place


def test_a_checkpoint_of_another_log_is_not_trusted() -> None:
    other = log_of(digests(3), origin="other.example/log")

    refused("log_untrusted", open_checkpoint, other.signed, ORIGIN, OWN)
    # The key signs it, but under a name that is not the log's.
    forged = sign_note(TEXT, KEY, "other.example/log")
    refused("log_untrusted", open_checkpoint, forged, ORIGIN, OWN)
    # The log's key, under the log's name, signs what another log says.
    text = checkpoint_text(other.checkpoint)
    refused("log_untrusted", open_checkpoint, sign_note(text, KEY, ORIGIN), ORIGIN, OWN)


@given(st.binary(max_size=200))
def test_nothing_but_our_own_error_comes_out_of_a_checkpoint(data: bytes) -> None:
    for text in (data, f"{ORIGIN}\n".encode() + data, f"{ORIGIN}\n3\n{ROOT}\n".encode() + data):
        if outcome(parse_checkpoint, text) is None:
            assert text.removesuffix(b"\n") + b"\n" == checkpoint_text(parse_checkpoint(text))


@pytest.mark.parametrize("vector", VECTORS["checkpoints"])
def test_a_public_logs_checkpoint_and_its_witnesses_verify(vector: dict[str, Any]) -> None:
    data, witnesses = vector["checkpoint"].encode(), vector["witnesses"]
    opened = open_checkpoint(data, vector["origin"], parse_vkey(vector["key"], ED25519))
    known = [parse_vkey(one, COSIGNATURE) for one in witnesses]

    assert [vector["time"]] * len(known) == [cosigned_at(opened.note, one) for one in known]
    assert data == write_note(opened.note)
    other = Note(opened.note.text.replace(b"1432088532", b"1432088533"), opened.note.signatures)
    for one in known:
        refused("bad_log_signature", cosigned_at, other, one)


def test_a_cosignature_tells_its_time_and_is_of_this_text_alone() -> None:
    note = read_note(cosigned(LOG, "w").signed)

    assert NOW == cosigned_at(note, WITNESS)
    open_checkpoint(write_note(note), ORIGIN, OWN)
    longer = replace(note, text=note.text + b"extension\n")
    refused("bad_log_signature", cosigned_at, longer, WITNESS)


def test_who_did_not_cosign_has_no_time() -> None:
    assert cosigned_at(read_note(LOG.signed), WITNESS) is None


def test_every_changed_byte_of_a_cosignature_is_refused_or_makes_it_anothers() -> None:
    note = read_note(cosigned(LOG, "w").signed)
    line = note.signatures[-1]
    for _, blob in changed(line.blob):
        wrong = replace(note, signatures=(replace(line, blob=blob),))
        refused("bad_log_signature", cosigned_at, wrong, WITNESS)
    for _, other in changed(line.id):
        ignored = replace(note, signatures=(replace(line, id=other),))
        assert cosigned_at(ignored, WITNESS) is None


def test_a_cosignature_is_no_signature_of_the_text_nor_the_other_way_round() -> None:
    plain = NoteSignature("w", WITNESS.id, key("w").sign(LOG.signed.partition(b"\n\n")[0] + b"\n"))

    refused("bad_log_signature", cosigned_at, Note(TEXT, (plain,)), WITNESS)
    timed = read_note(cosigned(LOG, "w").signed).signatures[-1]
    as_log = note_key(key("w").public, "w", ED25519)
    moved = Note(TEXT, (NoteSignature("w", as_log.id, timed.blob[8:]),))
    refused(
        "bad_log_signature",
        open_checkpoint,
        write_note(moved),
        ORIGIN,
        as_log,
    )


def test_of_two_cosignatures_of_one_witness_the_earlier_tells_the_time() -> None:
    note = read_note(cosigned(LOG, "w").signed)
    again = read_note(add_cosignature(note, key("w"), "w", NOW - 5))

    assert NOW - 5 == cosigned_at(again, WITNESS)


def test_a_time_after_the_year_9999_is_refused() -> None:
    note = read_note(add_cosignature(read_note(LOG.signed), key("w"), "w", MAX_TIME + 1))

    refused("bad_log_signature", cosigned_at, note, WITNESS)
