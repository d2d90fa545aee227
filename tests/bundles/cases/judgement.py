"""What a verifier requires, what he knows better, and what the evidence does not give.

Bundles here are whole and rightly signed: what is wrong with them is seen by whoever makes the
statement again, or judges by criteria of his own.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from attest.apart import take_apart
from attest.required import rules_in, scope_digest
from tests.bundles.bases import (
    CORE,
    DECLARATION,
    again,
    base_of,
    rests_on,
    signed,
    work_again,
)
from tests.bundles.case import Case, Expected, Files, fallen, invalid, undecided, valid
from tests.bundles.edits import envelope_of, payload_in, relabelled, restated, with_subjects
from tests.bundles.signers import EDWARDS, EXCHANGE, raw_of
from tests.bundles.trusts import BASIC, TESTS, anchor, exchange, party, require

if TYPE_CHECKING:
    from collections.abc import Callable

ASSETS, SLOTS = "criteria/registry/assets.toml", "criteria/registry/slots.toml"
LIABILITIES = "evidence/inputs/liabilities.csv"
ACCOUNTS, CLAIMS = "evidence/inputs/accounts.csv", "evidence/inputs/claims.csv"
OBSERVED = "evidence/observation.json"
TOKEN = b"eip155:31337/erc20:0x5FbDB2315678afecb367f032d93F642f64180aa3"
NONE = sha256(b"").hexdigest()
PARTS = take_apart(base_of("main"))
SCOPE = scope_digest(PARTS.predicate.scope)
COVERAGE = rules_in(base_of("main"))["core/coverage"]
PACK = sha256(base_of("main")[CORE]).hexdigest()
PRICES = base_of("exchange")["evidence/inputs/prices.csv"]
PRICED = '[prices]\nfile = "prices.csv"\ntolerance = "0.02"\n\n'


def rewritten(base: str, edits: dict[str, Callable[[bytes], bytes]]) -> Callable[[Files], Files]:
    """Give an edit that makes and signs the statement anew from changed files."""
    return lambda _files: signed(again(base, **edits))


def _larger(payload: bytes) -> bytes:
    """Write a zero more to the amount that is held."""
    return payload.replace(b'4996521887269694"', b'49965218872696940"')


def _kinder(files: Files) -> Files:
    return with_subjects(files, EXCHANGE, **{"report/report.md": b"# All is well\n"})


def _unreadable(files: Files) -> Files:
    return with_subjects(files, EXCHANGE, **{OBSERVED: b"{}"})


def _zeroed(files: Files) -> Files:
    """Change an answer of a node, and sign that."""
    name = "evidence/chains/eip155-1/node-1.jsonl"
    other = files[name].replace(b"22196273", b"22196274").replace(b"0x152b031", b"0x152b032")
    return with_subjects(files, EXCHANGE, **{name: other})


def _called_main(_files: Files) -> Files:
    """Call the test networks main ones, in the bundle's own registry and declaration."""

    def main(data: bytes) -> bytes:
        return data.replace(b'network = "test"', b'network = "main"')

    def evm_alone(data: bytes) -> bytes:
        # Extended keys of a test network are refused on a main one.
        return b"".join(line for line in data.splitlines(True) if b"litecoin-regtest:" not in line)

    files = {name: data for name, data in rests_on("exchange").items() if "/bip122" not in name}
    edits = {
        "criteria/registry/chains.toml": main,
        DECLARATION: main,
        ACCOUNTS: evm_alone,
        CLAIMS: evm_alone,
    }
    return signed(work_again({**files, **{name: edits[name](files[name]) for name in edits}}))


def _by_a_wallet(_files: Files) -> Files:
    """Sign with the key whose public part stands beside a claim."""
    made = again("exchange", **{CLAIMS: _named})
    files = signed(made)
    envelope = envelope_of(payload_in(files)[1], EDWARDS)
    return relabelled(files, "signer", envelope, EDWARDS.public.pem)


def _named(claims: bytes) -> bytes:
    """Let the first claim say that it is by the attestation key."""
    head, first, *rest = claims.decode().splitlines()
    lines = [f"{head},public_key", f"{first},{raw_of(EDWARDS).hex()}", *(f"{one}," for one in rest)]
    return "\n".join((*lines, "")).encode()


def _other_bits(data: bytes) -> bytes:
    at = data.index(TOKEN)
    return data[:at] + data[at:].replace(b"bits = 256", b"bits = 30", 1)


def _without_each(data: bytes) -> bytes:
    """Leave out what the node said of the token's balances, which would contradict the row."""
    lines = data.splitlines(keepends=True)
    address = TOKEN.partition(b":0x")[2]
    return b"".join(one for one in lines if not (b'"each"' in one and address in one))


def _with_own_pack(_files: Files) -> Files:
    """Choose a second pack, which is the first under another name."""
    files = rests_on("main")
    declared = files[DECLARATION] + b'\n[policies]\npacks = ["core", "mine"]\n'
    own = files[CORE].replace(b'id = "core"', b'id = "mine"', 1)
    made = work_again({**files, DECLARATION: declared, "criteria/policies/mine.toml": own})
    return signed(made)


def _declared(data: bytes) -> bytes:
    """Replace a figure of the pack in the declaration."""
    new = b'packs = ["core"]\nparameters = { "coverage.minimum" = "0" }'
    return data.replace(b'packs = ["core"]', new)


SOFTER = {
    CORE: lambda data: data.replace(b'minimum = "1"', b'minimum = "0.5"'),
    LIABILITIES: lambda data: data.replace(b"ltc,120,", b"ltc,200,"),
}
OWN_ROW = {
    SLOTS: _other_bits,
    "evidence/chains/eip155-31337/node-1.jsonl": _without_each,
    LIABILITIES: lambda data: data.replace(b"usdt,120000,", b"usdt,1,"),
}
SHORT = {LIABILITIES: lambda data: data.replace(b"ltc,120,", b"ltc,9999,")}
NARROW = Expected("valid", "unknown", "L3", 2, (), ("scope_narrowed", "judged_differently"))
CASES = (
    Case(
        "judged-shortfall",
        "More is owed than is held: an authentic statement of a shortfall.",
        Expected("valid", "fail", "L3", 1),
        "exchange",
        rewritten("exchange", SHORT),
        TESTS,
        allow_test=True,
    ),
    Case(
        "judged-softer-pack",
        "The bundle's own pack asks for half the coverage, by which it passes; the verifier's "
        "asks for all of it.",
        Expected("valid", "fail", "L3", 1, (), ("rule", "judged_differently")),
        "exchange",
        rewritten("exchange", SOFTER),
        TESTS,
        allow_test=True,
    ),
    Case(
        "judged-softer-parameter",
        "The declaration replaces a figure of the pack, by which a shortfall passes.",
        Expected("valid", "fail", "L3", 1, (), ("parameter", "judged_differently")),
        "exchange",
        rewritten("exchange", {**SHORT, DECLARATION: _declared}),
        TESTS,
        allow_test=True,
    ),
    Case(
        "judged-pack-unknown",
        "A pack is chosen that the verifier does not have: he cannot say that it passes.",
        Expected("valid", "unknown", "L3", 2, (), ("pack", "judged_differently")),
        edit=_with_own_pack,
        trust=BASIC,
    ),
    Case(
        "judged-time-replaced",
        "The statement is about another time than its declaration says.",
        valid(differences=("as_of_replaced",)),
        edit=rewritten(
            "main", {DECLARATION: lambda data: data.replace(b"2025-04-04T14", b"2025-04-05T14")}
        ),
        trust=BASIC,
    ),
    Case(
        "judged-own-row",
        "Balances that the bundle's own registry row alone gives.",
        Expected(
            "valid",
            "unknown",
            "L3",
            2,
            (),
            ("registry_slot", "registry_balance", "judged_differently"),
        ),
        "exchange",
        rewritten("exchange", OWN_ROW),
        TESTS,
        allow_test=True,
    ),
    Case(
        "judged-scope-narrowed",
        "A statement about holdings alone, for a verifier who did not ask for just that.",
        NARROW,
        trust=exchange() + require(scope=None),
    ),
    Case(
        "required-scope",
        "A part of the scope that the verifier requires is not declared.",
        undecided("scope_missing"),
        trust=exchange() + require(scope="obligations"),
    ),
    Case(
        "required-scope-digest",
        "The scope has the digest that is required.",
        valid(),
        trust=exchange() + require(f'scope_sha256 = "{SCOPE}"'),
    ),
    Case(
        "required-scope-digest-other",
        "The scope has another digest than is required.",
        undecided("scope_mismatch"),
        trust=exchange() + require(f'scope_sha256 = "{NONE}"'),
    ),
    Case(
        "required-rules-and-packs",
        "Rule and pack have the digests that are required.",
        valid(),
        trust=exchange()
        + require(
            f'packs = {{ core = "{PACK}" }}', f'rules = {{ "core/coverage" = "{COVERAGE}" }}'
        ),
    ),
    Case(
        "required-rule-other",
        "A rule has another digest than is required.",
        undecided("rule_mismatch"),
        trust=exchange() + require(f'rules = {{ "core/coverage" = "{NONE}" }}'),
    ),
    Case(
        "required-rule-missing",
        "A rule that is required is in no pack of the bundle.",
        undecided("rule_mismatch"),
        trust=exchange() + require(f'rules = {{ "core/never" = "{NONE}" }}'),
    ),
    Case(
        "required-pack-other",
        "A pack has another digest than is required.",
        undecided("pack_mismatch"),
        trust=exchange() + require(f'packs = {{ core = "{NONE}" }}'),
    ),
    Case(
        "required-pack-missing",
        "A pack that is required is not in the bundle.",
        undecided("pack_mismatch"),
        trust=exchange() + require(f'packs = {{ mica = "{NONE}" }}'),
    ),
    Case(
        "required-age",
        "The statement is as old as is accepted, to the second.",
        valid(),
        trust=exchange() + require("max_age_days = 35"),
        today="2025-05-09T14:52:35Z",
    ),
    Case(
        "required-age-exceeded",
        "The statement is a second older than is accepted.",
        undecided("too_old"),
        trust=exchange() + require("max_age_days = 35"),
        today="2025-05-09T14:52:36Z",
    ),
    Case(
        "required-level",
        "L4 is required, and no balance was read again.",
        Expected("valid", "pass", "L3", 2, ("level_not_reached",), (), "confirmed"),
        trust=exchange() + anchor() + require('level = "L4"'),
    ),
    Case(
        "trust-stale",
        "The trust file should have been replaced a month ago.",
        undecided("trust_stale"),
        trust='next_update = "2027-05-01T00:00:00Z"\n\n' + BASIC,
    ),
    Case(
        "trust-fresh",
        "The trust file is good for another second.",
        valid(),
        trust='next_update = "2027-06-01T00:00:00Z"\n\n' + BASIC,
    ),
    Case(
        "anchor-another-block",
        "The verifier lists another block at the pinned height.",
        Expected("valid", "unknown", "L3", 2, ("anchor_mismatch",)),
        trust=exchange() + anchor("0x" + "00" * 32) + require(),
    ),
    Case(
        "anchor-another-time",
        "The verifier lists the block with another time.",
        Expected("valid", "unknown", "L3", 2, ("anchor_mismatch",)),
        trust=exchange() + anchor(time="2025-04-04T14:52:36Z") + require(),
    ),
    Case(
        "anchor-without-time",
        "The verifier lists the block without its time.",
        valid(reasons=("anchor_time_unchecked",), anchors="confirmed"),
        trust=exchange() + anchor(time="") + require(),
    ),
    Case(
        "prices-agree",
        "The verifier's own prices are the same.",
        valid(),
        "exchange",
        trust=exchange() + PRICED + require(scope=None),
        beside={"prices.csv": PRICES},
        allow_test=True,
    ),
    Case(
        "prices-unchecked",
        "The verifier's own prices have none of an instrument that the statement prices.",
        valid(differences=("price_unchecked",)),
        "exchange",
        trust=exchange() + PRICED + require(scope=None),
        beside={"prices.csv": b"\n".join(PRICES.split(b"\n")[:2]) + b"\n"},
        allow_test=True,
    ),
    Case(
        "prices-differ",
        "A price lies further from the verifier's own than he tolerates.",
        Expected("valid", "unknown", "L3", 2, (), ("price_differs", "judged_differently")),
        "exchange",
        trust=exchange() + PRICED + require(scope=None),
        beside={"prices.csv": PRICES.replace(b"ltc,jpy,13100,", b"ltc,jpy,12800,")},
        allow_test=True,
    ),
    Case(
        "test-network",
        "A test network, for a verifier who did not ask for one.",
        invalid("test_network"),
        "exchange",
        trust=TESTS,
    ),
    Case(
        "test-network-called-main",
        "A test network that the bundle's own registry calls a main one.",
        Expected("invalid", "unknown", "L0", 1, ("test_network",)),
        "exchange",
        _called_main,
        TESTS,
    ),
    Case(
        "replay-larger-holding",
        "The statement says more than its evidence.",
        fallen("replay_mismatch"),
        edit=lambda files: restated(files, _larger, EXCHANGE),
        trust=BASIC,
    ),
    Case(
        "replay-outcome",
        "A shortfall whose statement says that it passes.",
        fallen("replay_mismatch"),
        "exchange",
        lambda files: restated(
            rewritten("exchange", SHORT)(files),
            lambda payload: payload.replace(b'"outcome":"fail"', b'"outcome":"pass"'),
            EXCHANGE,
        ),
        TESTS,
        allow_test=True,
    ),
    Case(
        "replay-report",
        "The report says something else, and its digest is signed.",
        fallen("replay_mismatch"),
        edit=_kinder,
        trust=BASIC,
    ),
    Case(
        "replay-evidence",
        "An answer of a node is changed, and its digest is signed.",
        fallen("replay_failed"),
        edit=_zeroed,
        trust=BASIC,
    ),
    Case(
        "replay-unreadable",
        "The evidence cannot be read, and its digest is signed.",
        fallen("replay_failed"),
        edit=_unreadable,
        trust=BASIC,
    ),
    Case(
        "replay-registry",
        "The registry in the bundle is no text, and its digest is signed.",
        fallen("replay_failed"),
        edit=lambda files: with_subjects(files, EXCHANGE, **{ASSETS: b"\xff\xfe"}),
        trust=BASIC,
    ),
    Case(
        "wallet-key",
        "The attestation key is the key that a claim of control names.",
        fallen("wallet_key"),
        "exchange",
        _by_a_wallet,
        party("Example Exchange", "attester", "exchange-ed25519") + require(scope=None),
        allow_test=True,
    ),
)
