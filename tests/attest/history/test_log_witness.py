from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attest.history.log import append, prove_extension
from attest.history.note import read_note
from attest.history.placement import check_checkpoint
from attest.history.witness import Witness, cosign_first, cosign_next
from config.errors import InputError
from tests.attest.history.logs import (
    KEY,
    NOW,
    TRUST,
    cosigned,
    digests,
    key,
    log_of,
    refused,
    witnessed_by,
)

if TYPE_CHECKING:
    from attest.history.tree import Path

ENTRIES = digests(5)
WITNESS = Witness("w", key("w"))
OLD = log_of(ENTRIES[:3])
SEEN = cosign_first(OLD.signed, TRUST, WITNESS, NOW)
NEW = append(OLD, ENTRIES[3:], KEY)
PATH = prove_extension(NEW, 3).path


def cosign(signed: bytes, path: Path, seen: bytes = SEEN, now: int = NOW + 60) -> bytes:
    return cosign_next(signed, seen, path, TRUST, WITNESS, now)


def test_a_witness_signs_what_extends_the_last_he_saw() -> None:
    signed = cosign(NEW.signed, PATH)

    assert (("w", NOW + 60),) == check_checkpoint(signed, witnessed_by("w", quorum=1)).witnessed
    assert signed.startswith(NEW.signed)
    assert 2 == len(read_note(signed).signatures)


def test_a_witness_signs_no_rewrite() -> None:
    other = log_of((*ENTRIES[:2], *digests(1, "other"), *ENTRIES[3:]))

    refused("log_rewritten", cosign, other.signed, prove_extension(other, 3).path)
    refused("log_rewritten", cosign, other.signed, PATH)
    forked = log_of((*ENTRIES[:2], *digests(1, "other")))
    refused("log_forked", cosign, forked.signed, ())
    refused("log_behind", cosign, log_of(ENTRIES[:2]).signed, ())
    refused("log_rewritten", cosign, NEW.signed, ())


def test_a_witness_is_not_led_to_another_beginning() -> None:
    # Somebody hands him a checkpoint of the log as his last one, which he never signed.
    with pytest.raises(InputError, match="not cosigned by 'w'"):
        cosign(NEW.signed, PATH, seen=OLD.signed)
    with pytest.raises(InputError, match="not cosigned by 'w'"):
        cosign(NEW.signed, PATH, seen=cosigned(OLD, "another").signed)


def test_a_witness_signs_for_the_log_he_knows_alone() -> None:
    thief = log_of(ENTRIES, key("thief"))

    refused("log_untrusted", cosign, thief.signed, PATH)
    refused("log_untrusted", cosign_first, thief.signed, TRUST, WITNESS, NOW)


def test_a_checkpoint_is_cosigned_once() -> None:
    with pytest.raises(InputError, match="already cosigned by 'w', 2026-09-21T"):
        cosign(SEEN, ())
    with pytest.raises(InputError, match="already cosigned"):
        cosign_first(SEEN, TRUST, WITNESS, NOW)


def test_the_same_head_can_be_cosigned_where_the_signature_was_lost() -> None:
    assert cosign(OLD.signed, ()).startswith(OLD.signed)


def test_a_clock_that_went_back_signs_nothing() -> None:
    with pytest.raises(InputError, match="now is") as met:
        cosign(NEW.signed, PATH, now=NOW - 1)
    assert "is this machine's clock right?" == met.value.hint


def test_two_witnesses_sign_one_after_the_other() -> None:
    once = cosign(NEW.signed, PATH)
    twice = cosign_first(once, TRUST, Witness("v", key("v")), NOW)

    both = witnessed_by("w", "v", quorum=2)
    assert (("v", NOW), ("w", NOW + 60)) == check_checkpoint(twice, both).witnessed
