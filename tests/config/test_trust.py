from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.keys import new_key
from attest.trust import parse_trust
from config import trust
from config.errors import InputError
from config.trust import (
    AuthorityRow,
    Block,
    HistoryTable,
    KeyRow,
    LogTable,
    PartyRow,
    PricesTable,
    Requirements,
    TrustFile,
    WitnessRow,
    parse_trust_file,
)
from tests.config.known import BITCOIN, REGISTRY, refusal

HASH = "00000000000000000000a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6"
PARTY = '[[party]]\nname = "Example Exchange"\nkey = "exchange.pub"\n'
WHOLE = f"""\
{PARTY}roles = ["attester", "auditor"]
[[party]]
name = "監査法人"
key = "keys/auditor.pub"
roles = ["challenger"]
[anchors]
bitcoin = [{{ height = 925000, hash = "{HASH}" }}]
ethereum = [{{ height = 0, hash = "0x{HASH.upper()}" }}]
[require]
level = "L4"
max_age_days = 35
scope = ["holdings"]
packs = {{ core = "{HASH}" }}
"""


def read(text: str) -> TrustFile:
    return parse_trust_file(text.encode(), "trust.toml")


def refused(text: str) -> str:
    return str(refusal(read, text))


def test_reads_everything() -> None:
    expected = TrustFile(
        party=(
            PartyRow("Example Exchange", "exchange.pub", ("attester", "auditor")),
            PartyRow("監査法人", "keys/auditor.pub", ("challenger",)),
        ),
        anchors={"bitcoin": (Block(925000, HASH),), "ethereum": (Block(0, f"0x{HASH.upper()}"),)},
        require=Requirements("L4", 35, ("holdings",), {"core": HASH}),
    )
    assert expected == read(WHOLE)
    assert expected == read("\ufeff" + WHOLE.replace("\n", "\r\n"))


def test_reads_the_least() -> None:
    expected = PartyRow("Example Exchange", "exchange.pub", ("attester",))
    assert TrustFile((expected,), {}, Requirements("L3", None, (), {})) == read(PARTY)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "file is empty"),
        ("[require]\n", "party: missing"),
        (PARTY.replace("name", "nmae"), "party.0.name: missing"),
        (PARTY + "weight = 2\n", "party.0.weight: unknown key"),
        (PARTY + "[[parties]]\n", "parties: unknown key"),
        (
            PARTY + 'roles = ["attestor"]\n',
            (
                "party.0.roles.0: input should be 'attester', 'challenger', 'observer', "
                "'auditor', 'regulator' or 'custodian', met 'attestor'"
            ),
        ),
        (
            PARTY + "roles = []\n",
            "party.0.roles: tuple should have at least 1 item after validation, not 0, met []",
        ),
        (PARTY + 'roles = "attester"\n', "party.0.roles: input should be a valid array, met 'att"),
        (PARTY.replace("exchange.pub", ""), "party.0.key: string should have at least 1 character"),
        (PARTY.replace("Example Exchange", ""), "party.0.name: string should match pattern"),
        (PARTY + PARTY.replace(".pub", "2.pub"), "party: two parties with one name: 'Example Ex"),
        (PARTY + PARTY.replace("Example ", ""), "party: two parties with one key: 'exchange.pub'"),
        (
            PARTY + "[anchors]\nbitcoin = [{ height = -1, hash = '' }]\n",
            "anchors.bitcoin.0.height: input should be greater than or equal to 0, met -1",
        ),
        (
            PARTY + '[anchors]\nbitcoin = [{ height = 1, hash = "00ff" }]\n',
            (
                "anchors.bitcoin.0.hash: string should match pattern '^(0x)?[0-9a-fA-F]{64}$', "
                "met '00ff'"
            ),
        ),
        (
            PARTY + f'[anchors]\nbitcoin = {{ height = 1, hash = "{HASH}" }}\n',
            "anchors.bitcoin: input should be a valid array",
        ),
        (
            PARTY + '[require]\nlevel = "L5"\n',
            "require.level: input should be 'L0', 'L1', 'L2', 'L3' or 'L4', met 'L5'",
        ),
        (
            PARTY + "[require]\nmax_age_days = 1.5\n",
            "require.max_age_days: float not allowed: 1.5",
        ),
        (
            PARTY + "[require]\nmax_age_days = -1\n",
            "require.max_age_days: input should be greater than or equal to 0, met -1",
        ),
        (
            PARTY + '[require]\nscope = ["all"]\n',
            "require.scope.0: input should be 'holdings', 'control', 'obligations' or 'comparison'",
        ),
        (
            PARTY + '[require]\npacks = { core = "latest" }\n',
            "require.packs.core: string should match pattern '^[0-9a-fA-F]{64}$', met 'latest'",
        ),
        (PARTY + "[require]\nauditor = true\n", "require.auditor: unknown key"),
        (PARTY + "key = 'x'\n", "line 4, column 10: not toml: cannot overwrite a value"),
    ],
)
def test_what_is_not_as_documented_is_refused(text: str, message: str) -> None:
    assert refused(text).startswith(f"trust.toml: {message}")


def test_a_file_over_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "MAX_BYTES", 10)
    assert f"trust.toml: file too large: {len(PARTY)} bytes, the limit is 10" == refused(PARTY)


def test_one_key_under_two_parties_is_refused() -> None:
    _, pem = new_key("ed25519", None)
    text = PARTY + PARTY.replace("Example Exchange", "Auditor").replace("exchange", "auditor")
    error = refusal(lambda: parse_trust(text.encode(), "t.toml", REGISTRY, lambda _: pem))
    assert "t.toml: party: one key under two parties" == str(error)


def test_an_anchor_of_an_unknown_chain_is_refused() -> None:
    _, pem = new_key("ed25519", None)

    def read_anchors(chain: str) -> object:
        text = f'{PARTY}[anchors]\n"{chain}" = [{{ height = 1, hash = "{HASH.upper()}" }}]\n'
        return parse_trust(text.encode(), "t.toml", REGISTRY, lambda _: pem).anchors

    assert ((BITCOIN, 1, HASH, None),) == read_anchors("bitcoin") == read_anchors(BITCOIN)
    assert "unknown chain: 'bitcoin2'" in str(refusal(read_anchors, "bitcoin2"))


def test_a_file_without_a_party_is_refused_by_who_trusts_it() -> None:
    error = refusal(lambda: parse_trust(b"party = []\n", "t.toml", REGISTRY, lambda _: b""))
    assert "t.toml: party: empty" == str(error)


@given(st.binary(max_size=60), st.integers(min_value=0, max_value=len(WHOLE.encode())))
def test_any_bytes_are_read_or_refused(data: bytes, place: int) -> None:
    whole = WHOLE.encode()
    for text in (data, whole[:place] + data, whole[:place] + data + whole[place + len(data) :]):
        with contextlib.suppress(InputError):
            parse_trust_file(text, "trust.toml")


DIGEST = "ab" * 32
LONG = f"""\
next_update = "2027-01-01T00:00:00Z"
[[party]]
name = "Reviewer"
roles = ["auditor", "observer"]
[[party.keys]]
spki = "{DIGEST}"
not_before = "2026-01-01T00:00:00Z"
not_after = "2027-12-31T00:00:00Z"
revoked_at = "2026-10-01T00:00:00Z"
reason = "compromised"
compromised_since = "2026-09-15T00:00:00Z"
[[party.keys]]
file = "second.pub"
[[timestamp_authority]]
name = "one"
certificate = "one.pem"
chain = "chain.pem"
policy = "1.3.6.1"
[log]
origin = "example.org/custody"
key = "example.org/custody+00000000+A"
quorum = 1
[[log.witness]]
name = "Reviewer"
key = "reviewer.example/w+00000000+A"
[history]
sequence = 6
payload = "{DIGEST}"
[prices]
file = "prices.csv"
tolerance = "0.02"
[require]
scope_sha256 = "{DIGEST}"
rules = {{ "core/coverage" = "{DIGEST}" }}
timestamps = 2
signatures = {{ attester = 1, auditor = 1 }}
"""


def test_reads_windows_authorities_logs_history_and_prices() -> None:
    expected = TrustFile(
        party=(
            PartyRow(
                "Reviewer",
                None,
                ("auditor", "observer"),
                (
                    KeyRow(
                        DIGEST,
                        None,
                        "2026-01-01T00:00:00Z",
                        "2027-12-31T00:00:00Z",
                        "2026-10-01T00:00:00Z",
                        "compromised",
                        "2026-09-15T00:00:00Z",
                    ),
                    KeyRow(file="second.pub"),
                ),
            ),
        ),
        require=Requirements(
            scope_sha256=DIGEST,
            rules={"core/coverage": DIGEST},
            timestamps=2,
            signatures={"attester": 1, "auditor": 1},
        ),
        timestamp_authority=(AuthorityRow("one", "one.pem", "chain.pem", "1.3.6.1"),),
        log=LogTable(
            "example.org/custody",
            "example.org/custody+00000000+A",
            1,
            (WitnessRow("Reviewer", "reviewer.example/w+00000000+A"),),
        ),
        history=HistoryTable(6, DIGEST),
        prices=PricesTable("prices.csv", "0.02"),
        next_update="2027-01-01T00:00:00Z",
    )
    assert expected == read(LONG)


def key_row(*lines: str) -> str:
    return '[[party]]\nname = "A"\n[[party.keys]]\n' + "".join(f"{line}\n" for line in lines)


SPKI = f'spki = "{DIGEST}"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[party]]\nname = "A"\n', "party.0: give either key or keys"),
        (PARTY + f"[[party.keys]]\n{SPKI}\n", "party.0: give either key or keys"),
        (key_row('not_after = "2027-01-01T00:00:00Z"'), "party.0.keys.0: neither spki nor file"),
        (key_row('spki = "00"'), "party.0.keys.0.spki: string should match pattern"),
        (key_row(SPKI, 'reason = "superseded"'), "party.0.keys.0: revoked_at and reason go tog"),
        (
            key_row(SPKI, 'revoked_at = "2027-01-01T00:00:00Z"'),
            "party.0.keys.0: revoked_at and reason go together",
        ),
        (
            key_row(SPKI, 'revoked_at = "2027-01-01T00:00:00Z"', 'reason = "lost"'),
            "party.0.keys.0.reason: input should be 'superseded' or 'compromised', met 'lost'",
        ),
        (
            key_row(SPKI, 'compromised_since = "2027-01-01T00:00:00Z"'),
            "party.0.keys.0: compromised_since is for reason compromised",
        ),
        (
            key_row(
                *(SPKI, 'revoked_at = "2027-01-01T00:00:00Z"', 'reason = "superseded"'),
                'compromised_since = "2026-01-01T00:00:00Z"',
            ),
            "party.0.keys.0: compromised_since is for reason compromised",
        ),
        (
            key_row(
                *(SPKI, 'revoked_at = "2027-01-01T00:00:00Z"', 'reason = "compromised"'),
                'compromised_since = "2027-01-01T00:00:01Z"',
            ),
            "party.0.keys.0: compromised_since is later than revoked_at",
        ),
        (
            key_row(
                *(SPKI, 'not_before = "2027-01-01T00:00:00Z"'), 'not_after = "2027-01-01T00:00:00Z"'
            ),
            "party.0.keys.0: not_after 2027-01-01T00:00:00Z: not later than not_before",
        ),
        (key_row(SPKI, 'not_after = "2027-01-01"'), "party.0.keys.0: time not understood: '2027"),
        (key_row(SPKI, 'not_before = "2027-02-30T00:00:00Z"'), "party.0.keys.0: no such time"),
        (key_row(SPKI, "not_after = 2027"), "party.0.keys.0.not_after: input should be a valid st"),
        (
            key_row('file = "a"', "[[party.keys]]", 'file = "a"'),
            "party: two parties with one key: 'a'",
        ),
        (PARTY + "[require]\ntimestamps = -1\n", "require.timestamps: input should be greater"),
        (PARTY + "[require]\ntimestamps = 21\n", "require.timestamps: input should be less"),
        (PARTY + "[require]\nsignatures = { auditor = -1 }\n", "require.signatures.auditor: input"),
        (PARTY + "[require]\nsignatures = { custodian = 1 }\n", "require.signatures.custodian"),
        (PARTY + '[require]\nrules = { a = "x" }\n', "require.rules.a: string should match"),
        (PARTY + f'[history]\nsequence = 0\npayload = "{DIGEST}"\n', "history.sequence: input sh"),
        (PARTY + "[history]\nsequence = 6\n", "history.payload: missing"),
        (PARTY + '[log]\norigin = "a b"\nkey = "k"\n', "log.origin: string should match pattern"),
        (PARTY + '[prices]\nfile = "p"\n', "prices.tolerance: missing"),
        *(
            (
                PARTY + f'[prices]\nfile = "p"\ntolerance = "{share}"\n',
                "prices.tolerance: string should match pattern",
            )
            for share in ("", "-0.1", "1.1", "2", "1e-3", "0.", "00.1", "5%")
        ),
    ],
)
def test_what_does_not_go_together_is_refused(text: str, message: str) -> None:
    assert refused(text).startswith(f"trust.toml: {message}")


@pytest.mark.parametrize("share", ["0", "0.0", "0.123456789012", "1", "1.0"])
def test_a_tolerance_is_a_share_from_nothing_to_all(share: str) -> None:
    prices = read(PARTY + f'[prices]\nfile = "p"\ntolerance = "{share}"\n').prices
    assert prices is not None
    assert share == prices.tolerance


def test_a_key_that_is_revoked_at_once_with_its_theft_is_read() -> None:
    at = "2027-01-01T00:00:00Z"
    text = key_row(
        SPKI, f'revoked_at = "{at}"', 'reason = "compromised"', f'compromised_since = "{at}"'
    )
    assert at == read(text).party[0].keys[0].compromised_since


def test_an_authority_that_renewed_its_certificate_stands_there_twice() -> None:
    row = '[[timestamp_authority]]\nname = "x"\ncertificate = "{}"\nchain = "b"\n'
    found = read(PARTY + row.format("old.pem") + row.format("new.pem")).timestamp_authority

    assert [("x", "old.pem"), ("x", "new.pem")] == [(one.name, one.certificate) for one in found]
