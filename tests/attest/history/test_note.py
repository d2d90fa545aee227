from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.errors import SigningError
from attest.history.note import (
    MAX_NOTE,
    MAX_SIGNATURES,
    Note,
    NoteSignature,
    check_note,
    read_note,
    sign_note,
    write_note,
)
from attest.history.vkey import (
    COSIGNATURE,
    ED25519,
    NoteKey,
    is_name,
    note_key,
    parse_vkey,
    write_base64,
    write_vkey,
)
from attest.keys import load_signing, new_key
from config.errors import InputError
from tests.attest.history.logs import (
    KEY,
    ORIGIN,
    SMALL_ORDER,
    VECTORS,
    changed,
    key,
    key_from,
    opened,
    outcome,
    refused,
)

OWN = note_key(KEY.public, ORIGIN, ED25519)
TEXT = b"one\n\ntwo\n"
SIGNED = sign_note(TEXT, KEY, ORIGIN)


@pytest.mark.parametrize("vector", VECTORS["notes"], ids=lambda one: one["key"][:12])
def test_a_published_note_opens(vector: dict[str, str]) -> None:
    known, note = parse_vkey(vector["key"], ED25519), read_note(vector["note"].encode())

    check_note(note, known)

    assert vector["note"].encode() == write_note(note)
    assert vector["key"] == write_vkey(known)


def test_signing_with_a_published_seed_gives_the_published_note() -> None:
    vector = VECTORS["notes"][1]
    seed = base64.b64decode(vector["seed"])[1:]
    text = vector["note"].partition("\n\n")[0] + "\n"

    assert vector["note"].encode() == sign_note(text.encode(), key_from(seed), "PeterNeumann")


def test_text_may_hold_empty_lines_and_ends_before_the_last() -> None:
    note = read_note(SIGNED)

    assert TEXT == note.text
    check_note(note, OWN)


def test_every_changed_byte_is_refused_or_leaves_the_log_unsigned() -> None:
    for bit in (1, 0x80):
        for place, wrong in changed(SIGNED, to=bit):
            reason = outcome(opened, wrong, OWN)
            assert reason in {"malformed_note", "bad_log_signature", "log_untrusted"}, place


def test_every_cut_note_is_refused() -> None:
    for end in range(len(SIGNED)):
        assert outcome(opened, SIGNED[:end], OWN) is not None


def test_signatures_of_others_are_ignored_even_where_name_or_id_is_the_same() -> None:
    note = read_note(SIGNED)
    others = (
        NoteSignature("other.example", OWN.id, b"x"),
        NoteSignature(ORIGIN, b"abcd", b"y" * 2420),
    )

    check_note(Note(note.text, (*others, *note.signatures)), OWN)
    refused("log_untrusted", check_note, Note(note.text, others), OWN)


def test_one_wrong_signature_of_a_known_key_refuses_the_note() -> None:
    note = read_note(SIGNED)
    wrong = NoteSignature(ORIGIN, OWN.id, bytes(64))

    refused("bad_log_signature", check_note, Note(TEXT, (*note.signatures, wrong)), OWN)
    short = NoteSignature(ORIGIN, OWN.id, b"x")
    refused("bad_log_signature", check_note, Note(TEXT, (short,)), OWN)


def test_a_key_of_another_type_and_the_same_bytes_is_another_key() -> None:
    witness = note_key(KEY.public, ORIGIN, COSIGNATURE)

    refused("log_untrusted", check_note, read_note(SIGNED), witness)


LINE = SIGNED.rpartition(b"\n\n")[2].decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        f"text\n{LINE}",
        f"text\n\n{LINE.removesuffix(chr(10))}",
        f"text\n\n{LINE}more\n",
        f"te\txt\n\n{LINE}",
        f"text\r\n\n{LINE}",
        f"text\x00\n\n{LINE}",
        f"text\n\n{LINE.replace('— ', '- ')}",
        f"text\n\n{LINE.replace('— ', '—')}",
        f"text\n\n{LINE.replace('— ', '—  ')}",
        f"text\n\n{LINE.replace(ORIGIN, 'a+b')}",
        f"text\n\n{LINE.replace(ORIGIN, 'a' + chr(0xA0) + 'b')}",
        f"text\n\n{LINE.replace(ORIGIN + ' ', '')}",
        f"text\n\n{LINE.replace('=' + chr(10), chr(10))}",
        f"text\n\n{LINE.replace(chr(10), ' ' + chr(10))}",
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAAA==\n",
        "text\n\n— name AAAAAB==\n",
        "text\n\n— name AAAAA-8=\n",
        f"text\n\n{LINE * (MAX_SIGNATURES + 1)}",
        "x" * MAX_NOTE + f"\n\n{LINE}",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    refused("malformed_note", read_note, text.encode())


def test_text_that_is_not_utf8_is_refused() -> None:
    refused("malformed_note", read_note, b"\xff\n\n" + LINE.encode())


def test_as_many_signatures_as_must_be_accepted_are() -> None:
    note = read_note(SIGNED)
    large = tuple(NoteSignature(f"w{n}.example", b"abcd", bytes(5000)) for n in range(16))

    assert (
        note.signatures + large
        == read_note(write_note(Note(TEXT, note.signatures + large))).signatures
    )


def test_text_that_would_be_read_otherwise_is_never_signed() -> None:
    smuggled = TEXT + b"\n\xe2\x80\x94 name AAAAAAA="
    for text in (smuggled, b"no line feed", b"control\x07\n", b"\xff\n"):
        refused("malformed_note", sign_note, text, KEY, ORIGIN)


@given(st.binary(max_size=300))
def test_nothing_but_our_own_error_comes_out_of_a_note(data: bytes) -> None:
    for wrapped in (
        data,
        b"text\n\n" + data,
        SIGNED + data,
        b"text\n\n\xe2\x80\x94 " + data + b"\n",
    ):
        if outcome(read_note, wrapped) is None:
            assert wrapped == write_note(read_note(wrapped))


def test_a_p256_key_signs_no_notes() -> None:
    private, _ = new_key("p256", None)
    other = load_signing(private, "key", lambda: b"")

    with pytest.raises(SigningError) as met:
        sign_note(TEXT, other, ORIGIN)
    assert "--algorithm ed25519" in met.value.hint


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u202eb", "a\nb", "\udcff", "a" * 256]
)
def test_a_key_has_a_plain_name(name: str) -> None:
    with pytest.raises(InputError, match="not a name for a key"):
        note_key(KEY.public, name, ED25519)


def test_names_in_notes_are_as_free_as_the_specification_has_them() -> None:
    assert (True, False, False, False) == (
        is_name("läng\u200b"),
        is_name(""),
        is_name("a b"),
        is_name("+"),
    )


VKEY = write_vkey(OWN)


def test_a_vkey_is_read_in_its_one_form_alone() -> None:
    assert OWN == parse_vkey(VKEY, ED25519)
    raw = VKEY.encode()
    spoilt = [wrong for _, wrong in changed(raw)] + [raw[:end] for end in range(len(raw))]
    for wrong in (*spoilt, raw + b"\n", b" " + raw, VKEY.upper().encode()):
        with pytest.raises(InputError):
            parse_vkey(wrong.decode("latin-1"), ED25519)


def test_a_vkey_of_another_type_is_refused() -> None:
    with pytest.raises(InputError, match="expected 0x04"):
        parse_vkey(VKEY, COSIGNATURE)
    unknown = NoteKey(ORIGIN, 0x06, bytes(32))
    for other in (
        write_vkey(unknown),
        f"{ORIGIN}+00000000+{write_base64(bytes((6, *bytes(1312))))}",
    ):
        with pytest.raises(InputError, match="type 0x06"):
            parse_vkey(other, ED25519)


def test_a_key_of_small_order_is_refused() -> None:
    small = NoteKey(ORIGIN, ED25519, bytes.fromhex(SMALL_ORDER))

    with pytest.raises(InputError, match="small order"):
        parse_vkey(write_vkey(small), ED25519)


@given(st.text(max_size=80))
def test_nothing_but_our_own_error_comes_out_of_a_vkey(text: str) -> None:
    for line in (text, f"name+{text}", f"name+01234567+{text}"):
        try:
            parse_vkey(line, ED25519)
        except InputError:
            continue
        raise AssertionError(line)


def test_two_names_of_one_key_have_two_ids() -> None:
    assert note_key(key("a").public, "a", ED25519).id != note_key(key("a").public, "b", ED25519).id
