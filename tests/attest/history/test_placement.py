from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.history.log import Log, prove_entry, prove_extension
from attest.history.note import NoteSignature, read_note, write_note
from attest.history.placement import (
    LogTrust,
    Placed,
    Sighting,
    check_checkpoint,
    check_extends,
    check_extension,
    check_log_proof,
    read_keys,
)
from attest.history.proof import LogProof, write_extension, write_log_proof
from attest.history.vkey import ED25519, note_key, write_vkey
from config.errors import InputError
from tests.attest.history.logs import (
    KEY,
    NOW,
    ORIGIN,
    TRUST,
    changed,
    cosigned,
    digests,
    key,
    log_of,
    outcome,
    refused,
    vkey,
    witnessed_by,
)

ENTRIES = digests(5)
LOG = cosigned(log_of(ENTRIES), "auditor", "regulator")
BOTH = witnessed_by("auditor", "regulator", quorum=2)


def proof_of(log: Log, entry: bytes) -> bytes:
    return write_log_proof(prove_entry(log, entry))


PROOF = proof_of(LOG, ENTRIES[1])
HEAD = LOG.checkpoint.head


def test_a_payload_in_a_witnessed_log_has_its_place() -> None:
    seen = (("auditor", NOW), ("regulator", NOW))

    assert Placed(1, 5, HEAD.root, seen, ()) == check_log_proof(PROOF, ENTRIES[1], BOTH)
    assert Sighting(HEAD, seen, ()) == check_checkpoint(LOG.signed, BOTH)


def test_what_was_not_checked_is_named() -> None:
    placed = check_log_proof(PROOF, ENTRIES[1], witnessed_by("auditor", quorum=1))

    assert (("auditor", NOW),) == placed.witnessed
    assert ("+".join(vkey("regulator").split("+")[:2]),) == placed.unchecked


def test_without_enough_witnesses_nothing_is_placed() -> None:
    trust = witnessed_by("auditor", "regulator", "nobody", quorum=3)

    refused("witnesses_missing", check_log_proof, PROOF, ENTRIES[1], trust)
    refused("witnesses_missing", check_checkpoint, LOG.signed, trust)
    bare = log_of(ENTRIES)
    refused("witnesses_missing", check_log_proof, proof_of(bare, ENTRIES[1]), ENTRIES[1], BOTH)
    assert () == check_log_proof(proof_of(bare, ENTRIES[1]), ENTRIES[1], TRUST).witnessed


def test_another_payload_is_not_in_the_log() -> None:
    refused("not_in_log", check_log_proof, PROOF, ENTRIES[2], BOTH)
    refused("not_in_log", check_log_proof, PROOF, bytes(32), BOTH)


def test_a_proof_of_another_log_shows_nothing() -> None:
    # Its holder has a log of his own, with the payload in it and witnesses of his own.
    same_name = cosigned(log_of(ENTRIES, key("thief")), "auditor", "regulator")
    refused("log_untrusted", check_log_proof, proof_of(same_name, ENTRIES[1]), ENTRIES[1], BOTH)
    same_key = log_of(ENTRIES, KEY, "other.example/log")
    refused("log_untrusted", check_log_proof, proof_of(same_key, ENTRIES[1]), ENTRIES[1], BOTH)
    # A path of the one under the checkpoint of the other.
    longer = log_of(ENTRIES + digests(2, "more"))
    mixed = LogProof(1, prove_entry(longer, ENTRIES[1]).path, LOG.signed)
    refused("not_in_log", check_log_proof, write_log_proof(mixed), ENTRIES[1], BOTH)


def test_a_wrong_signature_of_a_known_witness_is_no_missing_one() -> None:
    note = read_note(LOG.signed)
    own = note.signatures[1]
    wrong = NoteSignature(own.name, own.id, own.blob[:-1] + bytes((own.blob[-1] ^ 1,)))
    spoilt = write_note(replace(note, signatures=(*note.signatures, wrong)))
    proof = write_log_proof(replace(prove_entry(LOG, ENTRIES[1]), checkpoint=spoilt))

    refused("bad_log_signature", check_log_proof, proof, ENTRIES[1], BOTH)


def test_extra_data_that_nobody_signed_is_refused() -> None:
    extra = write_log_proof(replace(prove_entry(LOG, ENTRIES[1]), extra=b"trust me"))

    refused("malformed_log_proof", check_log_proof, extra, ENTRIES[1], BOTH)


def test_every_changed_byte_of_a_proof_is_refused() -> None:
    for bit in (1, 0x20, 0x80):
        for place, wrong in changed(PROOF, to=bit):
            assert outcome(check_log_proof, wrong, ENTRIES[1], BOTH) is not None, place
    for end in range(len(PROOF)):
        assert outcome(check_log_proof, PROOF[:end], ENTRIES[1], BOTH) is not None, end


def test_a_changed_byte_of_a_signature_that_is_not_known_changes_no_verdict_or_is_malformed() -> (
    None
):
    alone = witnessed_by("auditor", quorum=1)
    start = PROOF.index("\N{EM DASH} regulator".encode())
    held = check_log_proof(PROOF, ENTRIES[1], alone)
    for place, wrong in changed(PROOF[start:]):
        whole = PROOF[:start] + wrong
        if outcome(check_log_proof, whole, ENTRIES[1], alone) is None:
            placed = check_log_proof(whole, ENTRIES[1], alone)
            assert replace(held, unchecked=placed.unchecked) == placed, place
            assert 1 == len(placed.unchecked)


@pytest.mark.parametrize(
    ("trust", "what"),
    [
        (replace(TRUST, origin=""), "without an origin"),
        (replace(TRUST, key=vkey("w")), "expected 0x01"),
        (replace(TRUST, key="nonsense"), "not a key"),
        (replace(TRUST, witnesses=(("w", TRUST.key),)), "expected 0x04"),
        (replace(TRUST, quorum=1), "quorum is 1, there are 0 witnesses"),
        (replace(TRUST, quorum=-1), "quorum is -1"),
        (replace(BOTH, quorum=3), "quorum is 3, there are 2 witnesses"),
    ],
)
def test_trust_that_is_none_is_refused(trust: LogTrust, what: str) -> None:
    with pytest.raises(InputError, match=what):
        read_keys(trust)


def test_one_key_is_never_two_witnesses_nor_the_log_its_own() -> None:
    auditor = vkey("auditor")
    renamed = write_vkey(
        replace(read_keys(witnessed_by("auditor", quorum=1)).witnesses[0][1], name="x")
    )
    own = write_vkey(note_key(KEY.public, "x", 0x04))
    for pair in ((auditor, auditor), (auditor, renamed), (auditor, own)):
        trust = replace(TRUST, witnesses=(("auditor", pair[0]), ("regulator", pair[1])))
        with pytest.raises(InputError, match="one key stands there twice"):
            read_keys(trust)


def test_two_keys_of_one_party_are_one_witness() -> None:
    two = (("auditor", vkey("auditor")), ("auditor", vkey("regulator")))
    trust = replace(TRUST, witnesses=two, quorum=1)

    assert (("auditor", NOW),) == check_log_proof(PROOF, ENTRIES[1], trust).witnessed
    with pytest.raises(InputError, match="quorum is 2, there are 1 witnesses"):
        read_keys(replace(trust, quorum=2))


OLD = log_of(ENTRIES[:3])
PATH = prove_extension(LOG, 3).path


def test_a_log_that_grew_extends_what_was_seen() -> None:
    check_extends(OLD.signed, LOG.signed, PATH, TRUST)
    check_extends(LOG.signed, LOG.signed, (), TRUST)
    check_extension(OLD.signed, write_extension(prove_extension(LOG, 3)), TRUST)


def test_a_log_whose_holder_signed_its_tail_again_is_found_out() -> None:
    # Entry 2 is another one now, and everything after it was signed again: no link is broken.
    tail = log_of((*ENTRIES[:2], *digests(1, "other"), *ENTRIES[3:]))

    assert 1 == check_log_proof(proof_of(tail, ENTRIES[1]), ENTRIES[1], TRUST).index
    path = prove_extension(tail, 3).path
    refused("log_rewritten", check_extends, OLD.signed, tail.signed, path, TRUST)
    refused("log_rewritten", check_extends, OLD.signed, tail.signed, PATH, TRUST)
    refused("log_forked", check_extends, LOG.signed, tail.signed, (), TRUST)
    extension = write_extension(prove_extension(tail, 3))
    refused("log_rewritten", check_extension, OLD.signed, extension, TRUST)


def test_a_log_that_shows_less_than_before_is_behind() -> None:
    refused("log_behind", check_extends, LOG.signed, OLD.signed, (), TRUST)


def test_checkpoints_of_others_extend_nothing() -> None:
    thief = log_of(ENTRIES, key("thief"))

    refused("log_untrusted", check_extends, OLD.signed, thief.signed, PATH, TRUST)
    refused("log_untrusted", check_extends, thief.signed, LOG.signed, (), TRUST)


def test_an_extension_from_another_size_is_none() -> None:
    other = write_extension(prove_extension(LOG, 2))

    refused("malformed_log_proof", check_extension, OLD.signed, other, TRUST)


@given(st.binary(max_size=300))
def test_nothing_but_our_own_error_comes_out(data: bytes) -> None:
    for whole in (data, PROOF[:60] + data, data + LOG.signed, PROOF + data):
        # A signature line more, of nobody who is known, is all that may be added.
        if outcome(check_log_proof, whole, ENTRIES[1], BOTH) is None:
            assert whole.startswith(PROOF)
        assert outcome(check_extension, LOG.signed, whole, TRUST) is not None


def test_a_key_of_small_order_is_no_witness() -> None:
    small = replace(read_keys(witnessed_by("auditor", quorum=1)).witnesses[0][1], public=bytes(32))

    with pytest.raises(InputError, match="small order"):
        read_keys(replace(TRUST, witnesses=(("auditor", write_vkey(small)),)))


def test_origin_is_the_verifiers_and_not_the_keys_name() -> None:
    other = write_vkey(note_key(KEY.public, "key.example", ED25519))

    refused("log_untrusted", check_checkpoint, LOG.signed, LogTrust(ORIGIN, other, (), 0))
