from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attest.keys import new_key
from attest.trust import Trust, TrustedKey, parse_trust, trust_key
from config.errors import InputError
from config.times import parse_time
from tests.attest.history.logs import TRUST, key, vkey
from tests.attest.timestamps import tsa
from tests.config.known import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping

ONE, TWO, THREE = key("one").public, key("two").public, key("three").public
DIGEST = "AB" * 32
THEN = "2026-12-01T00:00:00Z"


def read(text: str, files: Mapping[str, bytes] | None = None) -> Trust:
    beside = {"one.pub": ONE.pem, "two.pub": TWO.pem, **(files or {})}
    return parse_trust(text.encode(), "trust.toml", REGISTRY, beside.__getitem__)


def refused(text: str, files: Mapping[str, bytes] | None = None) -> str:
    with pytest.raises(InputError) as met:
        read(text, files)
    return met.value.what


def party(name: str, *roles: str, key: str = 'key = "one.pub"') -> str:
    listed = ", ".join(f'"{role}"' for role in roles)
    return f'[[party]]\nname = "{name}"\nroles = [{listed}]\n{key}\n'


def spki(digest: str, *lines: str) -> str:
    return "\n".join(["[[party.keys]]", f'spki = "{digest}"', *lines])


def test_one_key_trusts_it_alone() -> None:
    trust = trust_key(ONE)

    assert {ONE.keyid} == trust.attesters
    assert set() == trust.custodians
    assert ("", "L3", None) == (trust.party_of(ONE.keyid), trust.require.level, trust.last)
    assert trust.party(TWO.keyid) is None
    assert not trust.challenger(ONE.keyid)


def test_a_key_is_named_by_file_by_digest_or_by_both() -> None:
    by_file = read(party("A", "attester"))
    by_digest = read(party("A", "attester", key=spki(ONE.keyid.upper())))
    by_both = read(party("A", "attester", key=spki(ONE.keyid.upper(), 'file = "one.pub"')))

    assert [(ONE.keyid, True), (ONE.keyid, False), (ONE.keyid, True)] == [
        (one.parties[0].keys[0].keyid, one.parties[0].keys[0].key is not None)
        for one in (by_file, by_digest, by_both)
    ]


def test_a_file_that_is_another_key_than_its_digest_is_refused() -> None:
    text = party("A", "attester", key=spki(TWO.keyid, 'file = "one.pub"'))

    assert refused(text).endswith(f"one.pub is {ONE.keyid}, spki says {TWO.keyid}")


def test_one_key_under_two_names_is_refused_however_it_is_spelled() -> None:
    first = party("A", "attester")
    for second in (spki(ONE.keyid), spki(ONE.keyid.upper()), 'key = "copy.pub"'):
        text = first + party("B", "auditor", key=second)
        assert refused(text, {"copy.pub": ONE.pem}).endswith("one key under two parties")
    doubled = f"{spki(ONE.keyid)}\n{spki(ONE.keyid)}"
    assert refused(party("A", "attester", key=doubled)).endswith("one key under two parties")


def test_times_are_read_as_seconds_and_a_theft_counts_from_when_it_may_have_been() -> None:
    lines = (
        'not_before = "2026-01-01T09:00:00+09:00"',
        'not_after = "2027-01-01T00:00:00Z"',
        'revoked_at = "2026-10-01T00:00:00Z"',
        'reason = "compromised"',
    )
    since = 'compromised_since = "2026-09-15T00:00:00Z"'
    (told,) = read(party("A", "auditor", key=spki(DIGEST, *lines, since))).parties[0].keys
    (untold,) = read(party("A", "auditor", key=spki(DIGEST, *lines))).parties[0].keys

    assert told == TrustedKey(
        DIGEST.lower(),
        parse_time("2026-01-01T00:00:00Z"),
        parse_time("2027-01-01T00:00:00Z"),
        parse_time("2026-09-15T00:00:00Z"),
        "compromised",
    )
    assert parse_time("2026-10-01T00:00:00Z") == untold.revoked


def test_roles_are_told_apart_and_who_attests_is_in_no_other() -> None:
    trust = read(
        party("A", "attester", "custodian", "challenger", "auditor")
        + party("B", "custodian", "challenger", key='key = "two.pub"')
        + party("C", "auditor", key=spki(THREE.keyid))
    )

    assert {ONE.keyid} == trust.attesters
    assert {TWO.keyid} == trust.custodians
    assert {THREE.keyid} == trust.keyids("auditor")
    assert {ONE.keyid, THREE.keyid} == trust.keyids("auditor", apart=False)
    assert [False, True, False] == [trust.challenger(one.keyid) for one in (ONE, TWO, THREE)]
    assert ["A", "B", "C", ""] == [trust.party_of(one) for one in
                                   (ONE.keyid, TWO.keyid, THREE.keyid, DIGEST)]  # fmt: skip


def test_a_party_of_several_keys_is_one() -> None:
    trust = read(party("A", "auditor", key=f"{spki(ONE.keyid)}\n{spki(TWO.keyid)}"))

    for one in (ONE, TWO):
        found = trust.party(one.keyid)
        assert found is not None
        assert ("A", one.keyid) == (found[0].name, found[1].keyid)


def test_authorities_are_read_with_their_certificates() -> None:
    issued = {name: tsa.issue(f"{name} root", ca=True) for name in ("a", "b")}
    own = {name: tsa.issue(f"{name} own", root) for name, root in issued.items()}
    files = {f"{name}.pem": one.pem for name, one in own.items()}
    files |= {f"{name}-root.pem": one.pem for name, one in issued.items()}

    def table(name: str, certificate: str, more: str = "") -> str:
        chain = f'chain = "{certificate}-root.pem"\n'
        head = f'[[timestamp_authority]]\nname = "{name}"\ncertificate = "{certificate}.pem"\n'
        return head + chain + more

    trust = read(
        party("A", "attester") + table("x", "a", 'policy = "1.2.3"\n') + table("y", "b"), files
    )
    twice = party("A", "attester") + table("x", "a") + table("y", "a")

    assert [("x", "1.2.3"), ("y", None)] == [(one.name, one.policy) for one in trust.authorities]
    assert "trust.toml: timestamp_authority: one certificate under two authorities" == refused(
        twice, files
    )
    assert () == read(party("A", "attester")).authorities


def test_a_log_is_read_with_its_witnesses_and_refused_where_it_cannot_hold() -> None:
    def log(quorum: int, *witnesses: str, key: str = TRUST.key) -> str:
        head = f'[log]\norigin = "{TRUST.origin}"\nkey = "{key}"\nquorum = {quorum}\n'
        return (
            party("A", "attester")
            + head
            + "".join(
                f'[[log.witness]]\nname = "{name}"\nkey = "{vkey(name)}"\n' for name in witnesses
            )
        )

    found = read(log(1, "w1", "w2")).log

    assert found is not None
    assert (TRUST.origin, 1, ("w1", "w2")) == (
        found.origin,
        found.quorum,
        tuple(name for name, _ in found.witnesses),
    )
    assert "log: log 'example.com/attestations': quorum is 1, there are 0 witnesses" == refused(
        log(1)
    )
    assert refused(log(0, "w1", "w1")).endswith("one key stands there twice")
    assert refused(log(0, key="x")).startswith("log: ")


def test_history_prices_anchors_and_the_next_update_are_read() -> None:
    prices = b"instrument,currency,price,as_of,source\nbtc,jpy,14.5,2026-12-01T00:00:00Z,index\n"
    text = (
        'next_update = "2027-01-01T00:00:00Z"\n'
        + party("A", "attester")
        + f'[history]\nsequence = 6\npayload = "{DIGEST}"\n'
        + '[prices]\nfile = "p.csv"\ntolerance = "0.02"\n'
        + f'[anchors]\nbitcoin = [{{ height = 1, hash = "{DIGEST}", time = "{THEN}" }}]\n'
    )
    trust = read(text, {"p.csv": prices})

    assert trust.last is not None
    assert (6, DIGEST) == (trust.last.sequence, trust.last.payload)
    assert [14_500_000_000_000_000_000] == [one.scaled for one in trust.prices]
    assert "0.02" == trust.tolerance
    assert parse_time("2027-01-01T00:00:00Z") == trust.next_update
    assert (1, DIGEST.lower(), parse_time(THEN)) == trust.anchors[0][1:]
    plain = read(party("A", "attester"))
    assert ((), "0", None, None, None) == (
        plain.prices,
        plain.tolerance,
        plain.next_update,
        plain.last,
        plain.log,
    )
    assert "no price" in refused(text, {"p.csv": prices.replace(b"14.5", b"no price")})


@pytest.mark.parametrize("time", ["soon", "2027-01-01"])
def test_a_next_update_that_is_no_time_is_refused(time: str) -> None:
    assert time in refused(f'next_update = "{time}"\n{party("A", "attester")}')


def test_without_a_party_or_with_an_unknown_chain_nothing_is_trusted() -> None:
    anchors = f'[anchors]\nbitcoin2 = [{{ height = 1, hash = "{DIGEST}" }}]\n'

    assert "trust.toml: party: empty" == refused("party = []\n")
    assert "unknown chain: 'bitcoin2'" in refused(party("A", "attester") + anchors)


def test_a_key_file_of_another_kind_is_refused() -> None:
    private, _ = new_key("p256", None)

    assert refused(party("A", "attester"), {"one.pub": private}).startswith("one.pub: not a public")
