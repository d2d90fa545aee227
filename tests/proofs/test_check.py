from __future__ import annotations

import dataclasses
import hashlib
import sys
from dataclasses import replace
from types import ModuleType

import pytest

from chains.families import ChainAddresses
from chains.snapshot import Answer, ChainSnapshot, Coin, Pin, Question, Snapshot
from config.accounts import Account
from config.caip import AccountId, ChainId, account_id
from config.challenges import Challenges
from config.claims import Claim, parse_claims
from config.registry_files import load_registry
from proofs.challenge import accounts_digest, build_text, short_text
from proofs.check import check, questions, scheme_questions
from proofs.control import Control, Outpoint, Proof, Signing
from proofs.facts import Facts, gather
from proofs.schemes import SCHEMES, Scheme
from tests.examples import wallet
from tests.proofs.evm.transfers import signed as signed_transfer

REGISTRY = load_registry()
ETHEREUM, BASE, BITCOIN = (REGISTRY.chain(name) for name in ("ethereum", "base", "bitcoin"))
KEY = wallet.key(1)
ADDRESS = wallet.evm_address(ETHEREUM, KEY)
ON_ETHEREUM = account_id(ETHEREUM.id, ADDRESS)
ON_BASE = account_id(BASE.id, ADDRESS)
EVERYWHERE = f"eip155:*:{ADDRESS}"
SEGWIT = wallet.utxo_address(BITCOIN, wallet.single_script(KEY, wallet.P2WPKH))
TEXT = "no address in it"


def claims(*rows: str) -> tuple[Claim, ...]:
    text = "account,scheme,message,signature,encoding,received_at\n" + "\n".join(rows) + "\n"
    return parse_claims(text.encode(), "claims.csv", REGISTRY, ChainAddresses(), SCHEMES)


def signed_by(row: str, signer: str) -> tuple[Claim, ...]:
    return tuple(replace(claim, signer=signer) for claim in claims(row))


def one(row: str, challenges: Challenges | None = None, **known: object) -> Control:
    as_of, facts = known.get("as_of"), known.get("facts")
    return check(claims(row), REGISTRY, challenges, as_of, facts)[0]  # type: ignore[arg-type]


def issued(*accounts: str) -> Challenges:
    bare = Challenges(
        version="v1",
        entity="Example",
        issuer="Reviewer",
        nonce="ab" * 32,
        anchors=(),
        issuedAt="2026-01-01T00:00:00Z",
        expiresAt="2026-01-15T00:00:00Z",
        accountsSha256=accounts_digest(accounts),
        texts={},
    )
    return replace(bare, texts={name: build_text(bare, name) for name in accounts})


def pin(chain: ChainId, height: int = 100, time: int = 1_700_000_000) -> Pin:
    return Pin(chain, height, "00" * 32, time, 6)


def facts(*chains: ChainSnapshot, accounts: tuple[AccountId, ...] = ()) -> Facts:
    return gather(accounts, Snapshot(chains))


def declared(account: AccountId, derived_from: str = "") -> Account:
    return Account(account, "cold", "self", "customer", (), "", "", 2, derived_from)


def with_code(chain: ChainId, code: str | None) -> ChainSnapshot:
    question = Question(chain, "code", ADDRESS)
    answers = () if code is None else (Answer(question, code, ("node-1",)),)
    return ChainSnapshot(pin(chain), (), (), answers=answers)


def test_a_static_text_is_of_grade_d_and_says_so() -> None:
    control = one(f"ethereum:{ADDRESS},eip191,{TEXT},{wallet.sign_eip191(KEY, TEXT)},,")

    assert (control.outcome, control.grade, control.reason) == ("proved", "D", None)
    assert control.warnings == ("address_not_in_text",)
    assert control.subjects == (ON_ETHEREUM,)
    assert control.account == ON_ETHEREUM


@pytest.mark.parametrize("named", [ADDRESS, ADDRESS.lower()])
def test_a_static_text_that_names_the_address_is_of_grade_c(named: str) -> None:
    text = f"this is {named}"
    control = one(f"ethereum:{ADDRESS},eip191,{text},{wallet.sign_eip191(KEY, text)},,")

    assert (control.outcome, control.grade, control.warnings) == ("proved", "C", ())


def test_the_issued_text_is_of_grade_b() -> None:
    challenges = issued(ON_ETHEREUM)
    signature = wallet.sign_eip191(KEY, challenges.texts[ON_ETHEREUM])
    by_name = one(f"ethereum:{ADDRESS},eip191,@challenge,{signature},,", challenges)
    literal = challenges.texts[ON_ETHEREUM]
    by_text = one(f'ethereum:{ADDRESS},eip191,"{literal}",{signature},,', challenges)

    assert (by_name.outcome, by_name.grade) == ("proved", "B")
    assert (by_text.outcome, by_text.grade) == ("proved", "B")


def test_a_proof_has_the_time_at_which_it_was_received_or_its_text_issued() -> None:
    challenges = issued(ON_ETHEREUM)
    ours = wallet.sign_eip191(KEY, challenges.texts[ON_ETHEREUM])
    static = wallet.sign_eip191(KEY, TEXT)
    rows = {
        f"ethereum:{ADDRESS},eip191,@challenge,{ours},,": 1767225600,
        f"ethereum:{ADDRESS},eip191,@challenge,{ours},,2026-01-02T00:00:00Z": 1767312000,
        f"ethereum:{ADDRESS},eip191,{TEXT},{static},,2025-01-02T00:00:00Z": 1735776000,
        f"ethereum:{ADDRESS},eip191,{TEXT},{static},,": None,
        f"ethereum:{ADDRESS},eip191,{TEXT},00,,2025-01-02T00:00:00Z": None,
    }

    assert list(rows.values()) == [one(row, challenges).signed_at for row in rows]


def test_the_text_of_another_account_is_refuted() -> None:
    challenges = issued(ON_ETHEREUM, ON_BASE)
    signature = wallet.sign_eip191(KEY, challenges.texts[ON_BASE])
    control = one(f"ethereum:{ADDRESS},eip191,@challenge,{signature},,", challenges)

    assert (control.outcome, control.grade) == ("refuted", None)


def test_without_a_challenge_the_row_is_unproved() -> None:
    signature = wallet.sign_eip191(KEY, "x")
    alone = one(f"ethereum:{ADDRESS},eip191,@challenge,{signature},,")
    other = one(f"ethereum:{ADDRESS},eip191,@challenge,{signature},,", issued(ON_BASE))

    assert (alone.outcome, alone.reason) == ("unproved", "no_challenge")
    assert (other.outcome, other.reason) == ("unproved", "no_challenge")


@pytest.mark.parametrize(
    ("received", "as_of", "outcome"),
    [
        ("", None, "proved"),
        ("2026-01-01T00:00:00Z", None, "proved"),
        ("2026-01-15T00:00:00Z", 1768435200, "proved"),
        ("2025-12-31T23:59:59Z", None, "unproved"),
        ("2026-01-15T00:00:01Z", None, "unproved"),
        ("", 1768435201, "unproved"),
    ],
)
def test_a_challenge_holds_in_its_window(received: str, as_of: int | None, outcome: str) -> None:
    challenges = issued(ON_ETHEREUM)
    signature = wallet.sign_eip191(KEY, challenges.texts[ON_ETHEREUM])
    row = f"ethereum:{ADDRESS},eip191,@challenge,{signature},,{received}"
    control = one(row, challenges, as_of=as_of)

    assert control.outcome == outcome
    assert control.reason == (None if outcome == "proved" else "challenge_expired")


def test_a_forged_signature_is_refuted_with_its_line() -> None:
    signature = wallet.sign_eip191(KEY, TEXT)
    found = check(
        claims(
            f"ethereum:{ADDRESS},eip191,{TEXT},{signature},,",
            f"ethereum:{ADDRESS},eip191,other,{signature},,",
        ),
        REGISTRY,
        None,
        None,
        None,
    )

    assert [(control.outcome, control.line) for control in found] == [("proved", 2), ("refuted", 3)]


@pytest.mark.parametrize(
    ("message", "encoding", "outcome"),
    [("6869", "hex", "proved"), ("0x6869", "hex", "proved"), ("hi", "utf8", "proved")],
)
def test_the_encoding_is_stated(message: str, encoding: str, outcome: str) -> None:
    signature = wallet.sign_eip191(KEY, "hi")

    assert one(f"ethereum:{ADDRESS},eip191,{message},{signature},{encoding},").outcome == outcome


@pytest.mark.parametrize("message", ["6", "zz", "0x6", "68 69"])
def test_a_message_that_is_no_hex_is_refuted(message: str) -> None:
    control = one(f"ethereum:{ADDRESS},eip191,{message},00,hex,")

    assert (control.outcome, control.reason) == ("refuted", "malformed_message")


def test_several_accounts_need_a_scheme_for_many() -> None:
    other = wallet.evm_address(ETHEREUM, wallet.key(2))
    row = f"ethereum:{ADDRESS} ethereum:{other},eip191,x,{wallet.sign_eip191(KEY, 'x')},,"

    assert one(row).reason == "account_not_covered"


def test_one_key_on_every_network_asks_for_code() -> None:
    row = f"{EVERYWHERE},eip191,{TEXT},{wallet.sign_eip191(KEY, TEXT)},,"

    bitcoin = AccountId(f"{BITCOIN.id}:{SEGWIT}")
    accounts = (declared(ON_ETHEREUM), declared(ON_BASE), declared(bitcoin))
    assert questions(claims(row), accounts) == (
        Question(ETHEREUM.id, "code", ADDRESS),
        Question(BASE.id, "code", ADDRESS),
    )
    assert one(row).warnings == ("code_not_checked", "address_not_in_text")


def test_an_extended_key_of_an_evm_chain_asks_for_the_code_of_its_addresses() -> None:
    xprv, xpub = wallet.extended_key(3, "m/44h/60h/0h", "0488ade4")
    private = wallet.child_key(xprv, "0/7")
    row = f"ethereum:{xpub},eip191,{TEXT},{wallet.sign_eip191(private, TEXT)},,"
    rows = signed_by(row, "0/7")
    expression = f"{ETHEREUM.id}:{xpub}/0/*"
    accounts = (
        declared(ON_ETHEREUM, expression),
        declared(ON_BASE, f"{BASE.id}:{xpub}/0/*"),
        declared(ON_BASE),
    )
    control = check(rows, REGISTRY, None, None, None)[0]

    assert questions(rows, accounts) == (Question(ETHEREUM.id, "code", ADDRESS),)
    assert (control.outcome, control.subjects) == ("proved", (expression,))
    assert control.warnings == ("code_not_checked", "address_not_in_text")
    assert check(rows, REGISTRY, None, None, facts())[0].warnings == ("address_not_in_text",)


@pytest.mark.parametrize("signer", ["0/6", "", "1/7", "0/7/0", "7"])
def test_the_path_of_an_extended_key_is_the_one_that_signed(signer: str) -> None:
    xprv, xpub = wallet.extended_key(3, "m/44h/60h/0h", "0488ade4")
    private = wallet.child_key(xprv, "0/7")
    row = f"ethereum:{xpub},eip191,{TEXT},{wallet.sign_eip191(private, TEXT)},,"

    assert check(signed_by(row, signer), REGISTRY, None, None, None)[0].reason == "key_mismatch"


def test_a_contract_stands_for_no_extended_key() -> None:
    _, xpub = wallet.extended_key(3, "m/44h/60h/0h", "0488ade4")

    assert one(f"ethereum:{xpub},eip1271,{TEXT},00,,").reason == "scheme_not_for_chain"


@pytest.mark.parametrize(
    ("codes", "outcome", "reason", "subjects"),
    [
        (("0x", "0x"), "proved", None, (ON_ETHEREUM, ON_BASE)),
        (("0x", "0x6001"), "proved", None, (ON_ETHEREUM,)),
        (("0x", None), "proved", None, (ON_ETHEREUM,)),
        (("0x6001", "0x6001"), "unproved", "account_has_code", ()),
        (("0x6001", None), "unproved", "code_unknown", ()),
    ],
)
def test_one_key_controls_where_there_is_no_code(
    codes: tuple[str | None, str | None],
    outcome: str,
    reason: str | None,
    subjects: tuple[str, ...],
) -> None:
    known = facts(
        with_code(ETHEREUM.id, codes[0]),
        with_code(BASE.id, codes[1]),
        accounts=(ON_ETHEREUM, ON_BASE),
    )
    control = one(f"{EVERYWHERE},eip191,x,{wallet.sign_eip191(KEY, 'x')},,", facts=known)

    assert (control.outcome, control.reason, control.subjects) == (outcome, reason, subjects)


def test_a_delegated_account_is_still_its_key_s() -> None:
    known = facts(with_code(ETHEREUM.id, "0xef0100" + "11" * 20), accounts=(ON_ETHEREUM,))
    control = one(f"{EVERYWHERE},eip191,x,{wallet.sign_eip191(KEY, 'x')},,", facts=known)

    assert control.outcome == "proved"
    assert "delegated_code" in control.warnings


def test_an_address_that_is_declared_nowhere_shows_nothing() -> None:
    control = one(f"{EVERYWHERE},eip191,x,{wallet.sign_eip191(KEY, 'x')},,", facts=facts())

    assert (control.outcome, control.reason) == ("unproved", "code_unknown")


def test_an_extended_key_is_proved_by_a_key_below_it() -> None:
    _, xpub = wallet.extended_key(1)
    chain = REGISTRY.chain("litecoin-regtest")
    child = wallet.child_key(wallet.extended_key(1)[0], "0/7")
    signature = wallet.sign_bip322(child, BITCOIN, wallet.P2WPKH, TEXT)
    row = f"litecoin-regtest:wpkh({xpub}/0/*),bip322,{TEXT},{signature},,"
    (claim,) = claims(row)
    right, wrong, astray = (
        check((replace(claim, signer=path),), REGISTRY, None, None, None)[0]
        for path in ("0/7", "0/8", "1/7")
    )

    assert right.outcome == "proved"
    assert right.subjects == (f"{chain.id}:wpkh({xpub}/0/*)",)
    assert wrong.outcome == "refuted"
    assert (astray.outcome, astray.reason) == ("refuted", "key_mismatch")


def stub(monkeypatch: pytest.MonkeyPatch, proof: Proof) -> Claim:
    """Put a scheme in place that gives a certain proof, and a claim that uses it."""

    def verify(_signing: Signing) -> Proof:
        return proof

    module = ModuleType("stub")
    module.verify = verify  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "stub", module)
    monkeypatch.setitem(SCHEMES, "bip322", Scheme("stub", many=True))
    return claims(f"bitcoin:{SEGWIT},bip322,x,AA==,,")[0]


def locked(claim: Claim, *, height: int, time: int, coin_height: int = 1) -> Control:
    script = wallet.single_script(KEY, wallet.P2WPKH).hex()
    coin = Coin(BITCOIN.id, "11" * 32, 0, script, 5, coin_height, coinbase=False)
    read = ChainSnapshot(pin(BITCOIN.id, height, time), (), (), (coin,))
    return check((claim,), REGISTRY, None, None, facts(read))[0]


def test_a_time_lock_without_a_pin_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = stub(monkeypatch, Proof(("ab",), lock_time=2016))
    control = check((claim,), REGISTRY, None, None, None)[0]

    assert (control.outcome, control.reason, control.grade) == ("inconclusive", "time_locked", None)


@pytest.mark.parametrize(
    ("lock_time", "height", "time", "outcome"),
    [
        (100, 100, 0, "proved"),
        (101, 100, 0, "inconclusive"),
        (499_999_999, 100, 0, "inconclusive"),
        (500_000_000, 1, 500_000_001, "proved"),
        (500_000_000, 1, 500_000_000, "inconclusive"),
    ],
)
def test_a_lock_time_is_compared_as_consensus_does(
    monkeypatch: pytest.MonkeyPatch, lock_time: int, height: int, time: int, outcome: str
) -> None:
    claim = stub(monkeypatch, Proof(("ab",), lock_time=lock_time))
    control = locked(claim, height=height, time=time)

    assert control.outcome == outcome
    assert ("time_locked" in control.warnings) == (outcome == "proved")


@pytest.mark.parametrize(
    ("sequence", "coin_height", "outcome"),
    [
        (10, 91, "proved"),
        (10, 92, "inconclusive"),
        (1 << 31, 100, "proved"),
        (1 << 22 | 1, 1, "inconclusive"),
    ],
)
def test_a_relative_lock_is_of_the_coins(
    monkeypatch: pytest.MonkeyPatch, sequence: int, coin_height: int, outcome: str
) -> None:
    claim = stub(monkeypatch, Proof(("ab",), sequence=sequence))

    assert locked(claim, height=100, time=0, coin_height=coin_height).outcome == outcome


@pytest.mark.parametrize(
    ("listed", "warning"),
    [
        (("11" * 32, 0, 5), ()),
        (("11" * 32, 1, 5), ("coins_not_at_pin",)),
        (("11" * 32, 0, 6), ("coins_not_at_pin",)),
        (("22" * 32, 0, 5), ("coins_not_at_pin",)),
    ],
)
def test_listed_coins_are_looked_for_at_the_pin(
    monkeypatch: pytest.MonkeyPatch, listed: tuple[str, int, int], warning: tuple[str, ...]
) -> None:
    script = wallet.single_script(KEY, wallet.P2WPKH).hex()
    txid, vout, units = listed
    claim = stub(monkeypatch, Proof(("ab",), outpoints=(Outpoint(txid, vout, script, units),)))
    control = locked(claim, height=100, time=0)

    assert control.warnings == (*warning, "address_not_in_text")


def test_listed_coins_that_nobody_looked_for_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = stub(monkeypatch, Proof(("ab",), outpoints=(Outpoint("11" * 32, 0, "", 1),)))

    assert check((claim,), REGISTRY, None, None, None)[0].warnings[0] == "coins_not_checked"


def test_a_verdict_is_a_value_for_every_row() -> None:
    rows = [f"bitcoin:{SEGWIT},{scheme},x,AA==,," for scheme in SCHEMES]
    found = check(claims(*rows), REGISTRY, None, None, None)

    assert [control.outcome for control in found] == ["refuted"] * len(SCHEMES)
    assert all(control.reason is not None for control in found)
    assert dataclasses.is_dataclass(found[0])


def test_signatures_have_an_identity() -> None:
    signature = wallet.sign_eip191(KEY, TEXT)
    first = one(f"ethereum:{ADDRESS},eip191,{TEXT},{signature},,")
    second = one(f"base:{ADDRESS},eip191,{TEXT},{signature.upper().replace('X', 'x')},,")

    assert first.signatures == second.signatures
    assert len(first.signatures[0]) == len(hashlib.sha256().hexdigest())


def test_the_issued_text_pasted_is_bound_by_its_window_too() -> None:
    challenges = issued(ON_ETHEREUM)
    text = challenges.texts[ON_ETHEREUM]
    row = f'ethereum:{ADDRESS},eip191,"{text}",{wallet.sign_eip191(KEY, text)},,'
    late = one(row, challenges, as_of=1768435201)

    assert (late.outcome, late.reason) == ("unproved", "challenge_expired")


LINE = "@challenge-line"


def eip191(account: str, message: str, text: str) -> str:
    quoted = '"' + message + '"'
    return f"{account},eip191,{quoted},{wallet.sign_eip191(KEY, text)},,"


def test_the_one_line_form_is_graded_as_the_text_is() -> None:
    made = issued(ON_ETHEREUM)
    line, text = short_text(made, ON_ETHEREUM), made.texts[ON_ETHEREUM]
    for message, signed in ((LINE, line), (line, line), ("@challenge", text), (text, text)):
        control = one(eip191(ON_ETHEREUM, message, signed), made)
        assert (control.outcome, control.grade, control.warnings) == ("proved", "B", ())
    for message, signed in ((LINE, text), ("@challenge", line)):
        assert one(eip191(ON_ETHEREUM, message, signed), made).reason == "key_mismatch"
    assert one(eip191(ON_ETHEREUM, LINE, line)).reason == "no_challenge"
    assert one(eip191(ON_BASE, LINE, line), made).reason == "no_challenge"


def test_the_one_line_form_expires_with_the_text() -> None:
    made = issued(ON_ETHEREUM)
    line = short_text(made, ON_ETHEREUM)
    for message in (LINE, line):
        late = one(eip191(ON_ETHEREUM, message, line), made, as_of=1_900_000_000)
        assert (late.outcome, late.reason) == ("unproved", "challenge_expired")
        row = eip191(ON_ETHEREUM, message, line) + "2026-01-15T00:00:01Z"
        assert one(row, made).reason == "challenge_expired"


def test_a_text_of_another_account_is_refused() -> None:
    made = issued(ON_ETHEREUM, ON_BASE, EVERYWHERE)
    for text in (made.texts[ON_BASE], short_text(made, ON_BASE), made.texts[EVERYWHERE]):
        control = one(eip191(ON_ETHEREUM, text, text), made)
        assert (control.outcome, control.reason) == ("refuted", "challenge_of_another")
        spelled = eip191(ON_ETHEREUM, text.encode().hex(), text).removesuffix(",,") + ",hex,"
        assert one(spelled, made).reason == "challenge_of_another"
        # Without the file nobody knows whose text it is.
        assert one(eip191(ON_ETHEREUM, text, text)).grade == "C"


def test_swapped_rows_are_refused() -> None:
    other = wallet.key(2)
    second = account_id(ETHEREUM.id, wallet.evm_address(ETHEREUM, other))
    made = issued(ON_ETHEREUM, second)
    first_signed = wallet.sign_eip191(KEY, made.texts[ON_ETHEREUM])
    second_signed = wallet.sign_eip191(other, made.texts[second])
    rows = (
        f"{ON_ETHEREUM},eip191,@challenge,{second_signed},,",
        f"{second},eip191,@challenge,{first_signed},,",
    )
    found = check(claims(*rows), REGISTRY, made, None, None)
    assert [one.reason for one in found] == ["key_mismatch", "key_mismatch"]


def test_a_text_that_expired_before_the_pin_is_unproved() -> None:
    made = issued(ON_ETHEREUM)
    row = eip191(ON_ETHEREUM, "@challenge", made.texts[ON_ETHEREUM])
    expires = 1_768_435_200
    for time, expected in ((expires, "proved"), (expires + 1, "unproved")):
        read = ChainSnapshot(pin(ETHEREUM.id, time=time), (), ())
        known = facts(read, accounts=(ON_ETHEREUM,))
        assert one(row, made, as_of=expires - 60, facts=known).outcome == expected


def test_schemes_are_asked_what_they_need_to_hear() -> None:
    made = issued(ON_ETHEREUM)
    raw = f"0x{signed_transfer('1559', made.texts[ON_ETHEREUM].encode(), key=KEY.secret).hex()}"
    row = f"{ON_ETHEREUM},onchain-transfer,@challenge,{raw},,"
    rows = claims(row, row, f"{ON_BASE},onchain-transfer,@challenge,{raw},,")
    (asked,) = scheme_questions(rows, REGISTRY, made, None, {})
    assert (asked.chain, asked.kind) == (ETHEREUM.id, "inclusion")
    assert scheme_questions(rows, REGISTRY, None, None, {}) == ()
    assert questions(rows, (declared(ON_ETHEREUM),)) == ()
    answer = Answer(asked, '{"height":7,"status":"success"}', ("node-1",))
    read = ChainSnapshot(pin(ETHEREUM.id), (), (), answers=(answer,))
    found = check(rows, REGISTRY, made, None, facts(read))
    assert [(one.outcome, one.grade, one.reason) for one in found] == [
        ("proved", "B", None),
        ("proved", "B", None),
        ("unproved", None, "no_challenge"),
    ]
