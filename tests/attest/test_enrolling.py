from __future__ import annotations

import contextlib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.enrolling import Enrolment, enrolled
from attest.trust import Trust, parse_trust
from config.errors import InputError
from tests.attest.history.logs import key
from tests.config.known import REGISTRY

FIRST, SECOND = key("first").public, key("second").public
AUDITOR = Enrolment("Example Reviewer", ("auditor",))


def read(data: bytes) -> Trust:
    return parse_trust(data, "t.toml", REGISTRY, lambda _name: b"")


@pytest.fixture(scope="module")
def one() -> bytes:
    return enrolled(b"", "t.toml", None, FIRST, Enrolment("Example Exchange", ("attester",)))


def test_an_empty_file_begins_with_the_party(one: bytes) -> None:
    expected = (
        '[[party]]\nname = "Example Exchange"\nroles = ["attester"]\n'
        f'[[party.keys]]\nspki = "{FIRST.keyid}"\n'
    )
    assert expected.encode() == one
    (party,) = read(one).parties
    assert ("Example Exchange", ("attester",)) == (party.name, party.roles)
    assert (FIRST.keyid,) == tuple(key.keyid for key in party.keys)


def test_what_stands_there_stays_byte_for_byte(one: bytes) -> None:
    for before in (
        one,
        one.rstrip(b"\n"),
        b"\xef\xbb\xbf# mine\r\n" + one + b"[require]\nlevel='L1'",
    ):
        made = enrolled(before, "t.toml", read(before), SECOND, AUDITOR)
        assert made.startswith(before)
        assert ["Example Exchange", "Example Reviewer"] == [one.name for one in read(made).parties]
        assert read(made).require == read(before).require


def test_windows_and_several_roles_are_written(one: bytes) -> None:
    begins, ends = "2026-01-01T00:00:00+09:00", "2027-01-01T00:00:00Z"
    whose = Enrolment("Agency", ("regulator", "observer"), begins, ends)
    made = read(enrolled(one, "t.toml", read(one), SECOND, whose)).parties[1]

    assert ("regulator", "observer") == made.roles
    assert (1767193200, 1798761600) == (made.keys[0].begins, made.keys[0].ends)
    later = Enrolment("Agency", ("regulator",), not_after=ends)
    (alone,) = read(enrolled(b"", "t", None, SECOND, later)).parties[0].keys
    assert (None, 1798761600) == (alone.begins, alone.ends)


@pytest.mark.parametrize("name", ['A "quoted" \\ name', "監査法人", "𠮷野家", "Émile & Cie 🔑"])
def test_any_name_for_people_is_read_back(one: bytes, name: str) -> None:
    made = enrolled(one, "t.toml", read(one), SECOND, Enrolment(name, ("auditor",)))

    assert name == read(made).parties[1].name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "two\nlines",
        'x"\n[[party]]\nname = "y',
        "tab\tx",
        "\x7f",
        "\u202ex",
        "\udc80",
        "x" * 201,
    ],
)
def test_what_is_no_name_is_refused(one: bytes, name: str) -> None:
    with pytest.raises(InputError):
        enrolled(one, "t.toml", read(one), SECOND, Enrolment(name, ("auditor",)))


@pytest.mark.parametrize(
    "whose",
    [
        Enrolment("A", ()),
        Enrolment("A", ("auditer",)),
        Enrolment("A", ('auditor", "attester',)),
        Enrolment("A", ("auditor",), "2026-01-01"),
        Enrolment("A", ("auditor",), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        Enrolment("A", ("auditor",), None, 'x"\nlevel = "L0'),
    ],
)
def test_what_the_file_could_not_say_is_refused(one: bytes, whose: Enrolment) -> None:
    with pytest.raises(InputError):
        enrolled(one, "t.toml", read(one), SECOND, whose)


def test_a_key_that_is_enrolled_already_is_refused(one: bytes) -> None:
    with pytest.raises(InputError, match=r"t\.toml: key .* is enrolled already, for 'Example Ex"):
        enrolled(one, "t.toml", read(one), FIRST, AUDITOR)
    upper = one.replace(FIRST.keyid.encode(), FIRST.keyid.upper().encode())
    with pytest.raises(InputError, match="is enrolled already"):
        enrolled(upper, "t.toml", read(upper), FIRST, AUDITOR)


def test_a_party_that_stands_there_is_not_doubled_and_the_lines_are_shown(one: bytes) -> None:
    whose = Enrolment("Example Exchange", ("attester",), "2027-01-01T00:00:00Z")
    with pytest.raises(InputError, match="party stands there already: 'Example Exchange'") as met:
        enrolled(one, "t.toml", read(one), SECOND, whose)

    _, _, lines = met.value.hint.partition("add under it:\n")
    added = read(one + lines.encode()).parties[0].keys
    assert [FIRST.keyid, SECOND.keyid] == [key.keyid for key in added]
    assert 1798761600 == added[1].begins


def test_a_file_that_states_parties_otherwise_is_refused() -> None:
    inline = f'party = [{{ name = "A", keys = [{{ spki = "{FIRST.keyid}" }}] }}]\n'.encode()

    with pytest.raises(InputError):
        enrolled(inline, "t.toml", read(inline), SECOND, AUDITOR)


@given(st.text(max_size=40), st.text(max_size=20))
def test_no_text_can_say_more_than_a_name_and_a_time(name: str, time: str) -> None:
    with contextlib.suppress(InputError):
        whose = Enrolment(name, ("auditor",), time or None)
        made = enrolled(b"", "t.toml", None, SECOND, whose)
        document = tomllib.loads(made.decode())
        assert {"party"} == set(document)
        assert [name] == [one["name"] for one in document["party"]]
