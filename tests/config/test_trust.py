from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.keys import new_key
from attest.trust import parse_trust
from config import trust
from config.errors import InputError
from config.trust import Block, PartyRow, Requirements, TrustFile, parse_trust_file
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
