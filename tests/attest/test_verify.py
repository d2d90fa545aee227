from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest import bundle, pipeline
from attest.anchors import ChainCheck
from attest.cli.load import pack_or_none, shipped_registry, tool
from attest.inputs import Criteria
from attest.keys import load_signing, new_key
from attest.observation import decode_observation
from attest.pipeline import EVIDENCE, work_through
from attest.trust import Party, Trust, TrustedKey, trust_key
from attest.verdict import CODES, DIFFERENCES, LEVELS, Note, Verdict
from attest.verifier import Verifier
from attest.verify import verify
from config.errors import InputError
from config.times import parse_time
from config.trust import Requirements
from tests.conftest import in_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.content import Files as ContentFiles
    from attest.keys import SigningKey
    from attest.observation import Observation
    from attest.pipeline import Work

Files = dict[str, bytes]
CORE = "criteria/policies/core.toml"
ASSETS = "criteria/registry/assets.toml"
SLOTS = "criteria/registry/slots.toml"
LOG = "evidence/chains/eip155-31337/node-1.jsonl"
NODES = "evidence/chains/eip155-31337/state.nodes"
DECLARATION = "evidence/inputs/declaration.toml"
LIABILITIES = "evidence/inputs/liabilities.csv"


def verifier(trust: Trust | None, **change: object) -> Verifier:
    plain = Verifier(
        trust=trust, registry=shipped_registry(), pack=pack_or_none, today=0, allow_test=True
    )
    return replace(plain, **change)  # type: ignore[arg-type]  # fields by name


def codes(notes: tuple[Note, ...]) -> list[str]:
    return [note.code for note in notes]


def again(work: Work, files: Files, signer: SigningKey, **edits: Callable[[bytes], bytes]) -> Files:
    """Edit files and sign what consistently follows from them, as a dishonest signer would."""
    edited = dict(files)
    for name, edit in edits.items():
        edited[name] = edit(edited[name])
    registry = tuple(
        (name, edited.get(f"criteria/registry/{name}", data)) for name, data in shipped_registry()
    )
    packs = tuple((name, edited.get(CORE, data)) for name, data in work.inputs.policy.texts)
    made = work_through(edited, Criteria(registry, packs), tool())
    return in_memory(bundle.sign(bundle.draft(made), signer))


@pytest.fixture
def files(work: Work) -> Files:
    return {
        name: bytes(data)
        for name, data in work.subjects.items()
        if name.startswith((EVIDENCE, "criteria/"))
    }


def test_an_honest_bundle_is_valid_at_l3(signed: Files, signer: SigningKey) -> None:
    verdict = verify(signed, verifier(trust_key(signer.public)))

    assert verdict.authenticity == "valid"
    assert verdict.outcome == "pass"
    assert verdict.level == "L3"
    assert {level for _, level in verdict.levels} == {"L3"}
    assert {state for _, state in verdict.anchors} == {"unconfirmed"}
    assert (verdict.reasons, verdict.differences) == ((), ())
    assert verdict.exit_code(authenticity_only=False) == 0


def test_without_trust_nothing_is_decided(signed: Files) -> None:
    verdict = verify(signed, verifier(None))

    assert verdict.authenticity == "indeterminate"
    assert codes(verdict.reasons) == ["no_trust_given", "level_not_reached"]
    assert verdict.level == "L0"
    assert verdict.exit_code(authenticity_only=False) == 2


def test_another_key_is_invalid(signed: Files) -> None:
    stranger = load_signing(new_key("p256", None)[0], "stranger", lambda: b"")
    verdict = verify(signed, verifier(trust_key(stranger.public)))

    assert verdict.authenticity == "invalid"
    assert codes(verdict.reasons) == ["no_trusted_signature"]
    assert verdict.exit_code(authenticity_only=False) == 1


def test_a_key_without_the_role_does_not_attest(signed: Files, signer: SigningKey) -> None:
    trust = Trust((Party("reviewer", ("challenger",), (TrustedKey(signer.public.keyid),)),))

    assert verify(signed, verifier(trust)).authenticity == "invalid"


def test_a_test_network_has_to_be_asked_for(signed: Files, signer: SigningKey) -> None:
    verdict = verify(signed, verifier(trust_key(signer.public), allow_test=False))

    assert verdict.authenticity == "invalid"
    assert codes(verdict.reasons) == ["test_network"]


def test_authenticity_alone_can_be_asked_for(signed: Files, signer: SigningKey) -> None:
    verdict = verify(signed, verifier(trust_key(signer.public), authenticity_only=True))

    assert verdict.authenticity == "valid"
    assert verdict.level == "L1"
    assert verdict.exit_code(authenticity_only=True) == 0


def test_a_statement_that_its_evidence_does_not_give_is_invalid(
    work: Work, signed: Files, signer: SigningKey
) -> None:
    # The signer writes a larger holding into an otherwise whole and rightly signed bundle.
    holdings = work.predicate.holdings
    larger = replace(holdings[0], amount=holdings[0].amount + "0")
    lie = replace(work.predicate, holdings=(larger, *holdings[1:]))
    forged = bundle.sign(bundle.draft(relabel(work, lie)), signer)
    verdict = verify(forged, verifier(trust_key(signer.public)))

    assert verdict.authenticity == "invalid"
    assert codes(verdict.reasons) == ["replay_mismatch"]
    assert signed != forged


def relabel(work: Work, predicate: object) -> Work:
    """Give the work another predicate, with a payload to it."""
    import hashlib  # noqa: PLC0415 - for this alone

    from attest.predicate import ATTESTATION_TYPE, to_document  # noqa: PLC0415 - the same
    from attest.statement import build_statement  # noqa: PLC0415 - the same

    digests = {name: hashlib.sha256(data).hexdigest() for name, data in work.subjects.items()}
    payload = build_statement(ATTESTATION_TYPE, to_document(predicate), digests)  # type: ignore[arg-type]
    return replace(work, predicate=predicate, payload=payload)  # type: ignore[arg-type]


def test_a_report_that_says_something_else_is_invalid(work: Work, signer: SigningKey) -> None:
    kinder = {**work.subjects, "report/report.md": b"# All is well\n"}
    forged = bundle.sign(
        bundle.draft(relabel(replace(work, subjects=kinder), work.predicate)), signer
    )
    verdict = verify(forged, verifier(trust_key(signer.public)))

    assert codes(verdict.reasons) == ["replay_mismatch"]


def test_evidence_that_cannot_be_read_again_is_invalid(work: Work, signer: SigningKey) -> None:
    broken = {**work.subjects, "evidence/observation.json": b"{}"}
    forged = bundle.sign(
        bundle.draft(relabel(replace(work, subjects=broken), work.predicate)), signer
    )
    verdict = verify(forged, verifier(trust_key(signer.public)))

    assert codes(verdict.reasons) == ["replay_failed"]


def test_a_softer_limit_is_shown_and_judged_again(
    work: Work, files: Files, signer: SigningKey
) -> None:
    edits = {
        CORE: lambda data: data.replace(b'minimum = "1"', b'minimum = "0.5"'),
        "evidence/inputs/liabilities.csv": lambda data: data.replace(b"ltc,120,", b"ltc,200,"),
    }
    verdict = verify(again(work, files, signer, **edits), verifier(trust_key(signer.public)))

    assert verdict.authenticity == "valid"
    assert verdict.outcome == "fail"
    assert codes(verdict.differences) == ["rule", "judged_differently"]
    assert "minimum" in verdict.differences[0].detail
    assert verdict.exit_code(authenticity_only=False) == 1


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (b'symbol = "usdt"\ndecimals = 6', b'symbol = "usdt"\ndecimals = 5', "decimals"),
        (
            b"eip155:31337/erc20:0x5FbDB2315678afecb367f032d93F642f64180aa3",
            b"eip155:31337/erc20:0x0000000000000000000000000000000000000001",
            "only the signer",
        ),
    ],
)
def test_an_edited_token_row_is_shown(
    work: Work, files: Files, signer: SigningKey, old: bytes, new: bytes, shown: str
) -> None:
    anvil = files[ASSETS].rindex(b'id = "eip155:31337/erc20:0x5FbDB')

    def edit(data: bytes) -> bytes:
        assert old in data[anvil:]
        return data[:anvil] + data[anvil:].replace(old, new, 1)

    # What hangs on the row is edited along: its slot, and the proofs of its balances.
    edits = {
        ASSETS: edit,
        SLOTS: lambda data: data.replace(old, new),
        LOG: lambda data: b"".join(
            line for line in data.splitlines(keepends=True) if b"eth_getProof" not in line
        ),
        NODES: lambda _data: b"",
    }
    verdict = verify(again(work, files, signer, **edits), verifier(trust_key(signer.public)))

    assert verdict.authenticity == "valid"
    assert any(shown in note.detail for note in verdict.differences)
    assert verdict.exit_code(authenticity_only=False) != 0 or "decimals" in shown


def test_balances_that_the_signer_s_rows_alone_give_do_not_pass(
    work: Work, files: Files, signer: SigningKey
) -> None:
    token = b"eip155:31337/erc20:0x5FbDB2315678afecb367f032d93F642f64180aa3"

    def other_bits(data: bytes) -> bytes:
        at = data.index(token)
        return data[:at] + data[at:].replace(b"bits = 256", b"bits = 30", 1)

    # What the node said of the token would contradict the row, and is left out.
    edits = {
        SLOTS: other_bits,
        LOG: lambda data: b"".join(
            line
            for line in data.splitlines(keepends=True)
            if not (b'"each"' in line and token.partition(b":0x")[2] in line)
        ),
        LIABILITIES: lambda data: data.replace(b"usdt,120000,", b"usdt,1,"),
    }
    edited = again(work, files, signer, **edits)
    verdict = verify(edited, verifier(trust_key(signer.public)))

    assert ("valid", "unknown") == (verdict.authenticity, verdict.outcome)
    assert {"registry_slot", "registry_balance", "judged_differently"} == set(
        codes(verdict.differences)
    )
    assert any(": signer " in note.detail for note in verdict.differences)
    assert 2 == verdict.exit_code(authenticity_only=False)


def test_a_pack_the_verifier_does_not_have_is_not_judged(
    work: Work, files: Files, signer: SigningKey
) -> None:
    # A pack of the signer's own leaves the coverage rule out, and far too little is held.
    core = dict(work.inputs.policy.texts)["core"]
    start, end = core.index(b"[[rule]]"), core.index(b"[[rule]]", core.index(b"[[rule]]") + 1)
    own = core[:start].replace(b'id = "core"', b'id = "mine"') + core[end:]
    edited = {
        **files,
        DECLARATION: files[DECLARATION].replace(b'["core"]', b'["mine"]'),
        LIABILITIES: files[LIABILITIES].replace(b"ltc,120,", b"ltc,9999,"),
    }
    made = work_through(edited, Criteria(shipped_registry(), (("mine", own),)), tool())
    forged = bundle.sign(bundle.draft(made), signer)
    verdict = verify(forged, verifier(trust_key(signer.public)))
    nothing = verify(forged, verifier(trust_key(signer.public), pack=lambda _name: None))

    assert made.predicate.outcome == "pass"
    assert (verdict.outcome, verdict.exit_code(authenticity_only=False)) == ("fail", 1)
    assert codes(verdict.differences) == ["pack", "pack", "judged_differently"]
    assert (nothing.outcome, nothing.exit_code(authenticity_only=False)) == ("unknown", 2)


def test_a_rightful_pack_the_verifier_lacks_leaves_the_outcome_unknown(
    work: Work, files: Files, signer: SigningKey
) -> None:
    core = dict(work.inputs.policy.texts)["core"]
    own = core.replace(b'id = "core"', b'id = "mine"')
    edited = {**files, DECLARATION: files[DECLARATION].replace(b'["core"]', b'["core", "mine"]')}
    criteria = Criteria(shipped_registry(), (("core", core), ("mine", own)))
    made = work_through(edited, criteria, tool())
    verdict = verify(bundle.sign(bundle.draft(made), signer), verifier(trust_key(signer.public)))

    assert (verdict.authenticity, verdict.outcome) == ("valid", "unknown")
    assert "mine" in verdict.differences[-1].detail


def test_a_replaced_parameter_is_shown(work: Work, files: Files, signer: SigningKey) -> None:
    edits = {
        "evidence/inputs/declaration.toml": lambda data: data.replace(
            b'packs = ["core"]',
            b'packs = ["core"]\nparameters = { "as_of_skew.maximum_seconds" = 9000 }',
        )
    }
    verdict = verify(again(work, files, signer, **edits), verifier(trust_key(signer.public)))

    assert codes(verdict.differences) == ["parameter"]


def test_anchors_of_the_verifier_confirm_or_contradict(
    work: Work, signed: Files, signer: SigningKey
) -> None:
    pins = [chain.pin for chain in work.case.snapshot.chains]
    known = tuple((pin.chain, pin.height, pin.block_hash, pin.block_time) for pin in pins)
    timeless = tuple((*one[:3], None) for one in known)
    late = tuple((*one[:3], one[3] + 1) for one in known)
    confirmed = verify(signed, verifier(replace(trust_key(signer.public), anchors=known)))
    wrong = tuple((pin.chain, pin.height, "00" * 32, None) for pin in pins)
    contradicted = verify(signed, verifier(replace(trust_key(signer.public), anchors=wrong)))

    assert {state for _, state in confirmed.anchors} == {"confirmed"}
    assert confirmed.level == "L3"
    assert {state for _, state in contradicted.anchors} == {"unconfirmed"}
    assert codes(contradicted.reasons) == ["anchor_mismatch"] * 2
    assert contradicted.exit_code(authenticity_only=False) == 2
    for anchors, reason in ((timeless, "anchor_time_unchecked"), (late, "anchor_mismatch")):
        trust = replace(trust_key(signer.public), anchors=anchors)
        assert codes(verify(signed, verifier(trust)).reasons) == [reason] * 2


def test_l4_needs_the_block_and_the_balances(signed: Files, signer: SigningKey) -> None:
    def reread(*, confirmed: bool, read_again: bool) -> Callable[[Work], tuple[ChainCheck, ...]]:
        return lambda work: tuple(
            ChainCheck(chain.pin.chain, confirmed, read_again, ())
            for chain in work.case.snapshot.chains
        )

    def level(check: Callable[[Work], tuple[ChainCheck, ...]]) -> Verdict:
        return verify(signed, verifier(trust_key(signer.public), reread=check))

    whole = level(reread(confirmed=True, read_again=True))
    unread = level(reread(confirmed=True, read_again=False))
    invented = level(reread(confirmed=False, read_again=True))

    assert (whole.level, whole.exit_code(authenticity_only=False)) == ("L4", 0)
    assert (unread.level, unread.exit_code(authenticity_only=False)) == ("L3", 2)
    assert (invented.level, invented.exit_code(authenticity_only=False)) == ("L3", 2)
    assert codes(unread.reasons) == ["level_not_reached"]


def test_the_lowest_chain_is_the_level(signed: Files, signer: SigningKey) -> None:
    def only_first(work: Work) -> tuple[ChainCheck, ...]:
        first = work.case.snapshot.chains[0].pin.chain
        return (ChainCheck(first, confirmed=True, read_again=True, notes=()),)

    verdict = verify(signed, verifier(trust_key(signer.public), reread=only_first))

    assert [level for _, level in verdict.levels] == ["L4", "L3"]
    assert verdict.level == "L3"


def requiring(signer: SigningKey, **what: object) -> Trust:
    require = Requirements(**what)  # type: ignore[arg-type]  # fields by name
    return replace(trust_key(signer.public), require=require)


def test_requirements_of_the_verifier_are_held(
    work: Work, signed: Files, signer: SigningKey
) -> None:
    as_of = parse_time(work.predicate.as_of.time)
    day = 86_400
    fresh = verifier(requiring(signer, max_age_days=1), today=as_of + day)
    old = verifier(requiring(signer, max_age_days=1), today=as_of + day + 1)
    pack = next(one.sha256 for one in work.predicate.criteria if one.id == "policies/core.toml")
    same = verifier(requiring(signer, packs={"core": pack}, scope=("holdings",)))
    other = verifier(requiring(signer, packs={"core": "0" * 64, "jp": "0" * 64}))

    assert verify(signed, fresh).authenticity == "valid"
    assert codes(verify(signed, old).reasons) == ["too_old", "level_not_reached"]
    assert verify(signed, old).exit_code(authenticity_only=False) == 2
    assert verify(signed, same).authenticity == "valid"
    assert codes(verify(signed, other).reasons)[:2] == ["pack_mismatch", "pack_mismatch"]


def test_a_scope_that_lacks_a_part_is_refused(work: Work, files: Files, signer: SigningKey) -> None:
    edits = {
        "evidence/inputs/declaration.toml": lambda data: data.replace(
            b'network = "test"', b'network = "test"\nscope = ["holdings"]'
        )
    }
    narrow = again(work, files, signer, **edits)
    verdict = verify(narrow, verifier(requiring(signer, scope=("obligations",))))

    assert codes(verdict.reasons)[0] == "scope_missing"
    assert verdict.authenticity == "indeterminate"


def test_a_level_above_what_is_reached_is_said(signed: Files, signer: SigningKey) -> None:
    verdict = verify(signed, verifier(requiring(signer, level="L4")))

    assert codes(verdict.reasons) == ["level_not_reached"]
    assert verdict.exit_code(authenticity_only=False) == 2


def test_grade_a_is_given_by_the_verifier_alone(
    work: Work, signed: Files, signer: SigningKey
) -> None:
    from attest.keys import load_public  # noqa: PLC0415 - for this alone

    issued = work.inputs.challenges
    assert issued is not None
    reviewer = load_public(issued.signatures[0].publicKey.encode(), "reviewer")
    attester = Party("exchange", ("attester",), (TrustedKey(signer.public.keyid),))
    trusted = Trust((attester, Party("reviewer", ("challenger",), (TrustedKey(reviewer.keyid),))))
    itself = Trust(
        (attester, Party("reviewer", ("attester", "challenger"), (TrustedKey(reviewer.keyid),)))
    )

    assert codes(verify(signed, verifier(trusted)).differences) == ["grade_a"]
    assert codes(verify(signed, verifier(itself)).differences) == []


def test_every_reason_is_a_known_code() -> None:
    import ast  # noqa: PLC0415 - for this alone
    from pathlib import Path  # noqa: PLC0415 - the same

    import attest.verify as module  # noqa: PLC0415 - the same

    used = {
        node.args[0].value
        for path in Path(str(module.__file__)).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in {"InvalidEnvelope", "Note", "_malformed", "_rows"}
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and " " not in node.args[0].value
    }

    assert used - set(CODES) - set(DIFFERENCES) == set()
    assert CODES.keys() & DIFFERENCES.keys() == set()


@pytest.mark.parametrize(
    ("authenticity", "outcome", "level", "code"),
    [
        ("valid", "pass", "L3", 0),
        ("valid", "pass", "L1", 2),
        ("valid", "unknown", "L3", 2),
        ("valid", "fail", "L3", 1),
        ("indeterminate", "pass", "L3", 2),
        ("indeterminate", "fail", "L0", 1),
        ("invalid", "pass", "L3", 1),
        ("invalid", "pass", None, 1),
    ],
)
def test_exit_codes(authenticity: str, outcome: str, level: str | None, code: int) -> None:
    verdict = Verdict(authenticity, outcome, level, (), (), (), (), ())  # type: ignore[arg-type]

    assert verdict.exit_code(authenticity_only=False) == code
    assert LEVELS == ("L0", "L1", "L2", "L3", "L4")


def test_a_test_chain_called_main_is_still_a_test(
    work: Work, files: Files, signer: SigningKey
) -> None:
    def main(data: bytes) -> bytes:
        return data.replace(b'network = "test"', b'network = "main"')

    def evm_alone(data: bytes) -> bytes:
        # Extended keys of a test network are refused on a main one.
        return b"".join(line for line in data.splitlines(True) if b"litecoin-regtest:" not in line)

    edits = {
        "criteria/registry/chains.toml": main,
        "evidence/inputs/declaration.toml": main,
        "evidence/inputs/accounts.csv": evm_alone,
        "evidence/inputs/claims.csv": evm_alone,
    }
    left = {name: data for name, data in files.items() if "chains/bip122" not in name}
    bundle_files = again(work, left, signer, **edits)
    verdict = verify(bundle_files, verifier(trust_key(signer.public), allow_test=False))

    assert b"TEST" not in bundle_files["report/report.md"].splitlines()[0]
    assert (verdict.authenticity, codes(verdict.reasons)) == ("invalid", ["test_network"])


def test_packs_keep_the_order_of_the_declaration(
    work: Work, files: Files, signer: SigningKey
) -> None:
    core = dict(work.inputs.policy.texts)["core"]
    standing = core[core.index(b"[standing]") : core.index(b"[[rule]]")]
    other = core.replace(b'id = "core"', b'id = "alpha"', 1)
    other = other.replace(standing, b'block = "proposals"\n')
    edited = {**files, DECLARATION: files[DECLARATION].replace(b'["core"]', b'["core", "alpha"]')}
    criteria = Criteria(shipped_registry(), (("core", core), ("alpha", other)))
    made = work_through(edited, criteria, tool())
    verdict = verify(bundle.sign(bundle.draft(made), signer), verifier(trust_key(signer.public)))

    assert {one.status for one in made.predicate.findings.proposals} >= {"would_pass"}
    assert verdict.authenticity == "valid"
    assert codes(verdict.differences) == ["pack", "judged_differently"]


def test_registry_files_that_are_no_text_are_invalid(work: Work, signer: SigningKey) -> None:
    broken = {**work.subjects, ASSETS: b"\xff\xfe"}
    forged = bundle.sign(
        bundle.draft(relabel(replace(work, subjects=broken), work.predicate)), signer
    )

    assert codes(verify(forged, verifier(trust_key(signer.public))).reasons) == ["replay_failed"]


def test_a_declared_figure_does_not_soften_the_verifier_s_rules(
    work: Work, files: Files, signer: SigningKey
) -> None:
    edits = {
        "evidence/inputs/declaration.toml": lambda data: data.replace(
            b'packs = ["core"]', b'packs = ["core"]\nparameters = { "coverage.minimum" = "0" }'
        ),
        "evidence/inputs/liabilities.csv": lambda data: data.replace(b"ltc,120,", b"ltc,9999,"),
    }
    forged = again(work, files, signer, **edits)
    verdict = verify(forged, verifier(trust_key(signer.public)))

    assert b"PASS: every rule" in forged["report/report.md"]
    assert verdict.outcome == "fail"
    assert codes(verdict.differences) == ["parameter", "judged_differently"]
    assert verdict.exit_code(authenticity_only=False) == 1


def test_texts_issued_for_another_entity_are_refused(
    work: Work, files: Files, signer: SigningKey
) -> None:
    edits = {
        "evidence/inputs/declaration.toml": lambda data: data.replace(
            b'name = "Example Exchange"', b'name = "Another Exchange"'
        )
    }
    with pytest.raises(InputError, match="Another Exchange"):
        again(work, files, signer, **edits)


def test_a_narrowed_scope_does_not_pass_unseen(
    work: Work, files: Files, signer: SigningKey
) -> None:
    edits = {
        DECLARATION: lambda data: data.replace(
            b'network = "test"', b'network = "test"\nscope = ["holdings", "control"]'
        ).replace(b'liabilities = "liabilities.csv"\n', b"")
    }
    narrow = again(work, files, signer, **edits)
    seen = verify(narrow, verifier(trust_key(signer.public)))
    wanted = verify(narrow, verifier(requiring(signer, scope=("holdings",))))

    assert (seen.outcome, seen.exit_code(authenticity_only=False)) == ("unknown", 2)
    assert "scope_narrowed" in codes(seen.differences)
    assert wanted.outcome == "pass"


def test_what_is_owed_is_judged_whatever_the_scope(
    work: Work, files: Files, signer: SigningKey
) -> None:
    edits = {
        DECLARATION: lambda data: data.replace(
            b'network = "test"', b'network = "test"\nscope = ["holdings"]'
        ),
        LIABILITIES: lambda data: data.replace(b"ltc,120,", b"ltc,9999,"),
    }

    assert verify(again(work, files, signer, **edits), verifier(None)).outcome == "fail"


def test_a_time_that_replaces_the_declared_one_is_shown(
    work: Work, files: Files, signer: SigningKey
) -> None:
    stated = work.predicate.as_of.time.encode()
    edits = {DECLARATION: lambda data: data.replace(stated, b"2030-01-01T00:00:00Z")}
    verdict = verify(again(work, files, signer, **edits), verifier(trust_key(signer.public)))

    assert codes(verdict.differences) == ["as_of_replaced"]
    assert dict(verdict.about)["asOf"] == work.predicate.as_of.time


def test_evidence_is_parsed_once_for_both_judgements(
    signed: Files, signer: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[object] = []

    def counted(files: ContentFiles) -> Observation:
        parsed.append(files)
        return decode_observation(files)

    monkeypatch.setattr(pipeline, "decode_observation", counted)
    softer = (pack_or_none("core") or b"").replace(b"size = 300", b"size = 299")
    verdict = verify(signed, verifier(trust_key(signer.public), pack=lambda _name: softer))

    assert codes(verdict.differences) == ["rule"]
    assert len(parsed) == 1
