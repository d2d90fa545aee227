from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.errors import SigningError
from attest.history.checkpoint import Checkpoint, checkpoint_text, open_checkpoint
from attest.history.log import (
    MAX_ENTRIES_FILE,
    append,
    entries_bytes,
    open_log,
    prove_entry,
    prove_extension,
    read_log,
    start_log,
)
from attest.history.note import sign_note
from attest.history.tree import (
    EMPTY_ROOT,
    Head,
    check_consistency,
    check_inclusion,
    tree_root,
)
from attest.history.vkey import ED25519, note_key
from attest.keys import load_signing, new_key
from config.errors import InputError
from tests.attest.history.logs import (
    KEY,
    ORIGIN,
    changed,
    cosigned,
    digests,
    key,
    log_of,
    outcome,
    refused,
)

ENTRIES = digests(5)
LOG = log_of(ENTRIES)
LINES = entries_bytes(LOG)


def test_a_new_log_is_empty_and_signed() -> None:
    log = start_log(ORIGIN, KEY)

    assert Head(0, EMPTY_ROOT) == open_log(log, KEY).head
    assert b"" == entries_bytes(log)
    assert log == read_log(log.signed, b"")


def test_a_log_is_read_as_it_was_written() -> None:
    assert LOG == read_log(LOG.signed, LINES)
    assert f"{ENTRIES[0].hex()}\n".encode() == LINES[:65]
    assert (5, True) == (LOG.checkpoint.head.size, LINES.endswith(b"\n"))


def test_one_append_or_several_give_the_same_log() -> None:
    grown = start_log(ORIGIN, KEY)
    for entry in ENTRIES:
        before = grown
        grown = append(grown, (entry,), KEY)
        path = prove_extension(grown, before.checkpoint.head.size).path
        check_consistency(before.checkpoint.head, grown.checkpoint.head, path)

    assert LOG == grown


def test_a_digest_that_is_there_is_refused_with_its_index() -> None:
    with pytest.raises(InputError, match=f"already in the log: {ENTRIES[3].hex()}, index 3"):
        append(LOG, (ENTRIES[3],), KEY)
    new = digests(1, "new")
    with pytest.raises(InputError, match="index 5"):
        append(LOG, new + new, KEY)
    with pytest.raises(InputError, match="0 entries to add"):
        append(LOG, (), KEY)


def test_another_key_adds_nothing() -> None:
    refused("log_untrusted", append, LOG, digests(1, "new"), key("thief"))


def test_an_appended_checkpoint_has_no_witnesses_yet() -> None:
    seen = cosigned(LOG, "w")

    assert 2 == len(
        open_checkpoint(seen.signed, ORIGIN, note_key(KEY.public, ORIGIN, ED25519)).note.signatures
    )
    assert 1 == append(seen, digests(1, "new"), KEY).signed.count("\N{EM DASH} ".encode())


@pytest.mark.parametrize("name", ["", "a log", "a+b", "a\nb"])
def test_a_log_has_a_name_that_its_key_can_have(name: str) -> None:
    with pytest.raises(InputError, match="not a name"):
        start_log(name, KEY)


def test_a_p256_key_makes_no_log() -> None:
    other = load_signing(new_key("p256", None)[0], "key", lambda: b"")

    with pytest.raises(SigningError, match="the key is p256"):
        start_log(ORIGIN, other)


def test_every_changed_byte_of_the_entries_is_seen() -> None:
    for place, wrong in changed(LINES):
        assert outcome(read_log, LOG.signed, wrong) in {"malformed_log", "log_rewritten"}, place
    for end in range(len(LINES)):
        refused("malformed_log", read_log, LOG.signed, LINES[:end])


def test_entries_left_out_moved_or_unsigned_are_seen() -> None:
    lines = LINES.splitlines(keepends=True)

    refused("malformed_log", read_log, LOG.signed, b"".join(lines[1:]))
    refused("log_rewritten", read_log, LOG.signed, b"".join((*lines[1:], lines[0])))
    refused("malformed_log", read_log, LOG.signed, LINES + b"0" * 64 + b"\n")
    refused("malformed_log", read_log, LOG.signed, LINES + lines[0])
    refused("malformed_log", read_log, start_log(ORIGIN, KEY).signed, LINES)


def test_a_digest_that_is_signed_twice_is_refused() -> None:
    twice = (ENTRIES[0], ENTRIES[0])
    text = checkpoint_text(Checkpoint(ORIGIN, Head(2, tree_root(twice))))

    refused("malformed_log", read_log, sign_note(text, KEY, ORIGIN), LINES[:65] * 2)


@pytest.mark.parametrize(
    "spoilt",
    [
        LINES.upper(),
        LINES[:-1],
        LINES.replace(b"\n", b"\r\n"),
        b" " + LINES,
        LINES + b"\n",
        b"\xff",
    ],
)
def test_entries_have_one_form(spoilt: bytes) -> None:
    refused("malformed_log", read_log, LOG.signed, spoilt)


def test_too_many_entries_are_refused_unread() -> None:
    refused("malformed_log", read_log, LOG.signed, bytes(MAX_ENTRIES_FILE + 1))


def test_what_is_proved_holds() -> None:
    for index, entry in enumerate(ENTRIES):
        proof = prove_entry(LOG, entry)
        check_inclusion(entry, index, proof.path, LOG.checkpoint.head)
        assert (index, LOG.signed) == (proof.index, proof.checkpoint)
    refused("not_in_log", prove_entry, LOG, bytes(32))
    refused("log_behind", prove_extension, LOG, 6)


@given(signed=st.binary(max_size=200), entries=st.binary(max_size=200))
def test_nothing_but_our_own_error_comes_out_of_a_log(signed: bytes, entries: bytes) -> None:
    assert outcome(read_log, signed, entries) is not None
    assert outcome(read_log, LOG.signed, entries) is not None
    assert outcome(read_log, signed, LINES) is not None
