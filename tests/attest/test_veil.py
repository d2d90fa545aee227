from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.book_records import CustodyRecord, RestatedInput, SupersededRecord
from attest.findings import Finding, Status
from attest.predicate import Findings
from attest.rules.kinds import KINDS
from attest.veil import APART, MET, SHOWN, WITHHELD, Veil, drawn, veil_of

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.predicate import Predicate

ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"
BECH = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
DIGEST = "3a83f73b70391a60e356dd74a6b5d1370265714348dc630e8496a2742bdfe7c9"
XPUB = (
    "xpub6D9634SAzWxZerMPVx6L1ttqieQPexBD8TvkrYgZs7WHnx9Vxx4p1nq1UtAHZJQedGuLq2uh3EuYNDvikKZwDiCh"
    "Y1zZzdCavLKHfur7e9Y"
)
BITCOIN = "bip122:000000000019d6689c085ae165831e93"
VEIL = Veil(frozenset({DIGEST}))
STATUSES: tuple[Status, ...] = get_args(Status)


def finding(kind: str, status: Status = "fail", subject: str = "eip155:1:account") -> Finding:
    said = f"line 7 of vault-17: {ADDRESS} holds 123456789"
    facts = {"units": "123456789", "line": "7", "first": ADDRESS}
    return Finding("rule", "core", kind, status, subject, said, facts)


def under(predicate: Predicate, *found: Finding, veil: Veil = VEIL) -> tuple[Finding, ...]:
    said = replace(predicate, findings=Findings(found, (), ()))
    return drawn(said, veil).findings.in_force


def test_of_every_kind_it_was_decided_what_is_shown() -> None:
    assert set(KINDS) == set(SHOWN)


def test_kinds_that_name_accounts_files_or_transactions_are_not_shown_whole() -> None:
    """Whoever adds one here has read what every result of it says, its facts too."""
    assert {
        "as_of_skew/1",
        "commitment_header/1",
        "committed/1",
        "coverage/2",
        "fact_age/1",
        "free_coverage/1",
        "held_not_owed/1",
        "instrument_scope/1",
        "online_share/2",
        "own_assets/1",
        "own_token/1",
        "report_elements/1",
        "series_linked/1",
        "stale_challenge/1",
        "stale_liabilities/1",
        "stale_price/1",
        "state_proof/1",
        "token_rate/1",
        "unexplained/1",
        "coverage/3",
        # What laws ask for: totals, and facts that stand in the statement anyway.
        "share_limit/1",
        "same_kind/1",
        "unmatched/1",
        "reserve_floor/1",
        "volume_accrual/1",
        "reserve_proposal/1",
        "reserve_sensitivity/1",
        "custodian_share/1",
        "fact_age/2",
        "fact_limit/1",
        "filed/1",
        "notified/1",
        "judgement/1",
        # Losses of what all accounts hold together.
        "loss_replay/1",
        "past_losses/1",
        "reverse_stress/1",
        "own_token_share/1",
        "liability_jump/1",
        "insurance_valid/1",
        "price_feed/1",
    } == {kind for kind, shown in SHOWN.items() if shown == "whole"}


@pytest.mark.parametrize("kind", sorted(one for one in SHOWN if SHOWN[one] == "met"))
@pytest.mark.parametrize("status", STATUSES)
def test_a_finding_about_accounts_shows_its_rule_and_status_alone(
    work: Work, kind: str, status: Status
) -> None:
    whole = finding(kind, status)
    (shown,) = under(work.predicate, whole)

    assert replace(whole, subject=WITHHELD, text=APART, facts={}) == shown


@pytest.mark.parametrize("status", STATUSES)
def test_a_kind_that_nobody_thought_of_shows_nothing(work: Work, status: Status) -> None:
    for subject in ("", "eth"):
        (shown,) = under(work.predicate, finding("unheard_of/1", status, subject))
        assert (WITHHELD if subject else "", APART, {}) == (
            shown.subject,
            shown.text,
            shown.facts,
        )


def test_what_is_met_by_all_is_said_without_its_facts(work: Work) -> None:
    for status in STATUSES:
        (shown,) = under(work.predicate, finding("cold_moved/1", status, ""))
        said = "line 7 of vault-17: withheld holds 123456789"
        assert (said if status in MET else APART, {}) == (shown.text, shown.facts)


def test_a_finding_about_totals_is_shown_but_for_words_that_are_not_public(work: Work) -> None:
    (shown,) = under(work.predicate, finding("coverage/2", "fail", "eth"))

    assert "eth" == shown.subject
    assert "line 7 of vault-17: withheld holds 123456789" == shown.text
    assert {"units": "123456789", "line": "7", "first": "withheld"} == shown.facts


def test_every_block_of_findings_is_under_the_veil(work: Work) -> None:
    whole = finding("pools/1")
    found = drawn(replace(work.predicate, findings=Findings((whole,), (whole,), (whole,))), VEIL)

    for block in (found.findings.in_force, found.findings.proposals, found.findings.stress):
        assert [APART] == [one.text for one in block]


def test_exceptions_are_those_of_the_veiled_findings(work: Work) -> None:
    said = replace(
        work.predicate,
        findings=Findings((finding("pools/1"), finding("coverage/2", "fail", "eth")), (), ()),
    )
    found = drawn(said, VEIL).exceptions

    assert [("E1", WITHHELD), ("E2", "eth")] == [(one.id, one.subject) for one in found]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("short words, 12345 and 0xabc", "short words, 12345 and 0xabc"),
        (ADDRESS, "withheld"),
        (ADDRESS.lower(), "withheld"),
        (ADDRESS[2:], "withheld"),
        (f"eip155:1:{ADDRESS} was read", "eip155:1:withheld was read"),
        (f"{BITCOIN}:{BECH}", f"{BITCOIN}:withheld"),
        (f"({BECH})", "(withheld)"),
        (f"wpkh({XPUB}/0/*)", "wpkh(withheld/0/*)"),
        (f"{DIGEST} and {DIGEST.upper()} and 0x{DIGEST}",) * 2,
        (f"{DIGEST}0", "withheld"),
        (f"{DIGEST}-{ADDRESS}", "withheld"),
        ("1" * 40, "1" * 40),
        ("1" * 39 + "a", "withheld"),
        ("a" * 19 + "1", "withheld"),
        ("a" * 18 + "1", "a" * 18 + "1"),
        (f"\u00e9{ADDRESS}\u00e9", "\u00e9withheld\u00e9"),
    ],
)
def test_long_words_are_withheld_unless_they_are_public(text: str, shown: str) -> None:
    assert shown == VEIL.over(text)


@given(st.text(alphabet="abcXYZ019:-_ /().,", max_size=60), st.text(max_size=60))
def test_an_address_shows_in_no_text_around_it(before: str, after: str) -> None:
    for word in (ADDRESS, BECH, XPUB):
        said = VEIL.over(f"{before}{word}{after}").casefold()
        assert word.casefold() not in said


def test_assets_blocks_and_the_statement_itself_are_public(work: Work) -> None:
    veil = veil_of(work.case, work.predicate)
    shown = [pin.block_hash for pin in work.predicate.as_of.anchors]
    shown += [pin.chain for pin in work.predicate.as_of.anchors]
    shown += [one.asset for one in work.predicate.holdings]
    assert work.predicate.challenge is not None
    shown.append(work.predicate.challenge.nonce)
    for text in shown:
        assert text == veil.over(text)
    for account in work.inputs.accounts.rows:
        assert account.id.rpartition(":")[2] not in veil.over(f"{account.id} is read")


def custody(account: str, amount: int, **change: str | None) -> CustodyRecord:
    plain = CustodyRecord(
        custodian="Example Custody",
        account=account,
        asset="eip155:1/slip44:60",
        decimals="18",
        amount=str(amount),
        as_of="2026-11-30T00:00:00Z",
        owner="customer",
        method="cold",
        pool=None,
        grade="signed",
        keyid=DIGEST,
    )
    return replace(plain, **change)  # type: ignore[arg-type]  # fields by name


def test_what_custodians_state_is_added_up_over_accounts_that_are_alike(work: Work) -> None:
    stated = (
        custody("vault-17", 5),
        custody("vault-18", 10**30),
        custody("vault-19", 7, owner="house"),
        custody("pool-1", 3, pool=f"eip155:1:{ADDRESS}"),
        custody("pool-2", 4, pool=f"eip155:1:{ADDRESS.lower()}"),
        custody("vault-20", 6, as_of="2026-11-29T00:00:00Z"),
    )
    books = replace(work.predicate.books, custody=stated)
    shown = drawn(replace(work.predicate, books=books), VEIL).books.custody

    assert [
        ("accounts: 2", str(10**30 + 5), None),
        ("accounts: 1", "7", None),
        ("accounts: 2", "7", WITHHELD),
        ("accounts: 1", "6", None),
    ] == [(one.account, one.amount, one.pool) for one in shown]
    assert ["customer", "house", "customer", "customer"] == [one.owner for one in shown]


def test_digests_of_files_and_lists_are_not_shown(work: Work) -> None:
    restated = RestatedInput("accounts.csv", "2", f"the list had {ADDRESS} twice", "ab" * 32)
    taken = SupersededRecord("cd" * 32, DIGEST, "1", (restated,), ())
    series = replace(work.predicate.series, supersedes=taken)
    shown = drawn(replace(work.predicate, series=series), VEIL)

    assert shown.series.supersedes is not None
    (one,) = shown.series.supersedes.restated
    assert (None, "the list had withheld twice") == (one.former_sha256, one.reason)
    assert "cd" * 32 == shown.series.supersedes.sha256
    assert {None} == {one.sha256 for one in shown.inputs}
    assert {WITHHELD} == {one.seed for one in shown.proving}


def test_reasons_of_people_are_under_the_veil(work: Work) -> None:
    (first, *_) = work.predicate.scope.instruments
    left = replace(first, compared=False, reason=f"kept at {ADDRESS}")
    said = replace(work.predicate, scope=replace(work.predicate.scope, instruments=(left,)))

    assert "kept at withheld" == drawn(said, VEIL).scope.instruments[0].reason


def test_what_is_not_of_accounts_stays_as_it_is(work: Work) -> None:
    whole, shown = work.predicate, drawn(work.predicate, veil_of(work.case, work.predicate))
    for name in ("outcome", "holdings", "evidence", "comparison", "obligations", "as_of", "tool"):
        assert getattr(whole, name) == getattr(shown, name)
    assert [one.status for one in whole.findings.in_force] == [
        one.status for one in shown.findings.in_force
    ]
