"""Challenges for lists with groups: who gets a text, and which lists a challenge fits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from attest.challenges import check_signature, issue, write_challenges
from attest.keys import load_signing, new_key
from attest.sampling import Draw, samples, seed_of
from attest.statement import canonical
from attest.subjects import asked, check_list, listed, subjects
from config.accounts import Accounts, parse_accounts
from config.challenges import Challenges, parse_challenges
from config.declaration import Entity
from config.errors import InputError
from proofs.challenge import accounts_digest, build_text, check_texts
from tests.config.known import ADDRESSES, DONE, GENESIS, REGISTRY, ZPUB, refusal

ENTITY = Entity(name="Example Exchange", lei="5493001KJTIIGC8Y1R12")
WINDOW = (1795305600, 1796515200)
NAME = "challenges.json"
NUMBERS = range(12)


def address(number: int) -> str:
    return f"0x{number + 1:040d}"


def declared(*extra: str, group: str = "hot-1", count: int = len(NUMBERS)) -> Accounts:
    rows = [f"ethereum:{address(one)},hot,self,customer,{group}" for one in range(count)]
    table = ("account,method,holder,owner,group", *rows, *extra)
    return parse_accounts("\n".join(table).encode(), "a.csv", REGISTRY, ADDRESSES, "main")


EXTRA = (
    f"ethereum:{DONE},hot,self,customer,",
    f"bitcoin:{GENESIS},hot,self,customer,",
    f"bitcoin:{ZPUB}?last=3,cold,self,customer,",
)
ACCOUNTS = declared(*EXTRA)


def made(accounts: Accounts = ACCOUNTS, size: int | None = 4, nonce: int = 0x9F) -> Challenges:
    return issue(ENTITY, accounts, "Example Audit", (), bytes([nonce]) * 32, WINDOW, size)


def test_texts_are_of_the_drawn_and_of_all_that_is_in_no_group() -> None:
    issued = made()
    (sample,) = samples(ACCOUNTS, Draw(seed_of(issued), 4))
    drawn = {one for account in sample.drawn for one in (account, f"eip155:*:{account[9:]}")}
    alone = subjects(declared(*EXTRA, count=0))

    assert issued.sampleSize == "4"
    assert issued.texts.keys() == {*drawn, *alone}
    assert len(drawn) == 8
    assert tuple(sorted(issued.texts)) == asked(issued, ACCOUNTS)


def test_the_digest_covers_every_account_with_its_group() -> None:
    issued = made()
    lines = [f"eip155:1:{address(one)} hot-1" for one in NUMBERS]
    alone = subjects(declared(*EXTRA, count=0))

    assert issued.accountsSha256 == accounts_digest((*lines, *alone))
    assert sorted(listed(ACCOUNTS)) == sorted((*lines, *alone))


def test_another_nonce_draws_others() -> None:
    drawn = [set(made(nonce=nonce).texts) for nonce in range(1, 6)]
    assert len({frozenset(one) for one in drawn}) > 1


def test_a_list_without_groups_is_issued_as_ever() -> None:
    plain = declared(*EXTRA, count=0)
    issued = made(plain)

    assert issued.sampleSize == ""
    assert "sampleSize" not in issued.unsigned()
    assert issued.accountsSha256 == accounts_digest(issued.texts)
    check_list(issued, ACCOUNTS, NAME)


def test_groups_without_a_rule_are_refused() -> None:
    error = refusal(made, ACCOUNTS, None)
    assert "no rule of the chosen packs" in str(error)


def test_it_is_written_signed_and_read() -> None:
    private, _ = new_key("ed25519", None)
    data = write_challenges(made(), load_signing(private, "key", lambda: b""))
    found = parse_challenges(data, NAME)
    check_texts(found, NAME)
    check_signature(found)
    check_list(found, ACCOUNTS, NAME)

    assert replace(found, signatures=()) == made()


def test_the_size_is_under_the_signature_and_has_one_form() -> None:
    private, _ = new_key("ed25519", None)
    signed = json.loads(write_challenges(made(), load_signing(private, "key", lambda: b"")))
    for size in ("5", None):
        document = {**signed, "sampleSize": size} if size else dict(signed)
        if not size:
            del document["sampleSize"]
        with pytest.raises(InputError, match="does not verify"):
            check_signature(parse_challenges(canonical(document), NAME))
    for wrong in ("", "0", "04", "-1", "4 ", None, 4):
        with pytest.raises(InputError, match="sampleSize"):
            parse_challenges(canonical({**signed, "sampleSize": wrong}), NAME)


@pytest.mark.parametrize(
    "other",
    [
        declared(*EXTRA, count=11),
        declared(*EXTRA, count=13),
        declared(*EXTRA, group="hot-2"),
        declared(*EXTRA[1:]),
        declared(*EXTRA, f"ethereum:{address(50)},hot,self,customer,"),
        declared(*EXTRA, f"ethereum:{address(50)},hot,self,customer,other"),
        declared(*EXTRA, group=""),
        # The same account in the group and out of it is out of it.
        declared(*EXTRA, f"ethereum:{address(3)},hot,self,customer,"),
    ],
)
def test_a_challenge_with_a_sample_fits_its_list_alone(other: Accounts) -> None:
    error = refusal(check_list, made(), other, NAME)
    assert str(error).startswith(f"{NAME}: accountsSha256: not the digest of the declared accounts")


def test_texts_beside_the_sample_are_refused() -> None:
    issued = made()
    left = next(f"eip155:1:{address(one)}" for one in NUMBERS if asked_for(issued, one) is None)
    more = replace(issued, texts={**issued.texts, left: build_text(issued, left)})
    fewer = replace(issued, texts=dict(list(issued.texts.items())[1:]))

    check_list(issued, ACCOUNTS, NAME)
    for wrong in (more, fewer, replace(issued, sampleSize="5")):
        check_texts(wrong, NAME)
        assert f"{NAME}: texts: not of the accounts that the nonce draws" in str(
            refusal(check_list, wrong, ACCOUNTS, NAME)
        )


def asked_for(issued: Challenges, number: int) -> str | None:
    return issued.texts.get(f"eip155:1:{address(number)}")


def test_a_digest_is_still_held_against_the_texts_where_there_is_no_sample() -> None:
    plain = made(declared(*EXTRA, count=0))
    with pytest.raises(InputError, match="not the digest of the accounts in texts"):
        check_texts(replace(plain, accountsSha256="0" * 64), NAME)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f"ethereum:{DONE},hot,self,customer,G", "not a name of a group"),
        (f"ethereum:{DONE},hot,self,customer,a b", "not a name of a group"),
        (f"ethereum:{DONE},hot,self,customer,{'a' * 61}", "not a name of a group"),
        (f"bitcoin:{ZPUB}?last=3,cold,self,customer,g", "one signature proves them all"),
    ],
)
def test_what_is_no_group_is_refused(row: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        declared(row)
    assert "column 'group'" in str(caught.value)


def test_a_forwarder_is_in_no_group() -> None:
    rows = (
        "account,method,holder,owner,group,parent",
        f"ethereum:{DONE},hot,self,customer,g,ethereum:{address(1)}",
        f"ethereum:{address(1)},hot,self,customer,,",
    )
    with pytest.raises(InputError, match="column 'group': of an expression or a forwarder"):
        parse_accounts("\n".join(rows).encode(), "a.csv", REGISTRY, ADDRESSES, "main")
