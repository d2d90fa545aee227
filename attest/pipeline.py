"""The pure half of the path: from named bytes to the statement and every file it is about.

    files + criteria + tool -> inputs -> plans -> recheck -> check -> assess -> predicate -> report
    -> payload

A run, `assess` from a stored observation, and `verify` from a bundle call `work_through` with the
same bytes and get the same payload. This is what makes a statement checkable: whoever holds the
files can do all of it again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attest.assess import assess
from attest.carried import set_aside
from attest.challenges import check_signature
from attest.checking import Trial, check_file
from attest.committed import COMMITMENT
from attest.frame_records import Disclosure
from attest.history.tree import tree_root
from attest.inputs import claims_file, parse_inputs
from attest.joining import make_case
from attest.observation import decode_observation, recheck
from attest.plan import plan_chains
from attest.predicate import ATTESTATION_TYPE, to_document
from attest.report import guide, markdown
from attest.report.tables import (
    accounts_table,
    controls_table,
    flows_table,
    items_table,
    trace_table,
    window_table,
)
from attest.sealing import FINDINGS, ROWS, SEALED, Salts, build_list, entries_of, is_sealed
from attest.statement import build_statement, canonical
from attest.veil import drawn, veil_of
from proofs.facts import gather

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.books import Vouched
    from attest.carried import Earlier
    from attest.content import Content, Files
    from attest.frame_records import Tool
    from attest.inputs import Criteria, Inputs
    from attest.observation import Observation
    from attest.predicate import Predicate
    from attest.rules.case import Case
    from chains.evidence import ChainPlan
    from proofs.control import Control
    from proofs.facts import Facts

EVIDENCE = "evidence/"


@dataclass(frozen=True, slots=True)
class Work:
    """What came of a set of files."""

    inputs: Inputs
    plans: tuple[ChainPlan, ...]
    observation: Observation
    case: Case
    predicate: Predicate
    subjects: dict[str, Content]
    """Every file the statement is about, by name, those that it seals included."""
    payload: bytes
    """The statement."""


def work_through(
    files: Files,
    criteria: Criteria,
    tool: Tool,
    vouched: Vouched | None = None,
    observed: Observation | None = None,
) -> Work:
    """Do everything that needs no network and no key.

    Args:
        files: inputs and evidence by their bundle names; others are ignored.
        criteria: the registry and packs to judge by.
        tool: name and version to put into the statement.
        vouched: third parties whom whoever judges trusts; None: those the books name.
        observed: the evidence of these files, where it was parsed before; criteria do not touch it.

    Raises:
        InputError: an input is refused.
        ChainError: the evidence of a chain gives no pin.
    """
    inputs = parse_inputs(files, criteria)
    check_signature(inputs.challenges)
    observation = decode_observation(observation_files(files)) if observed is None else observed
    plans = plan_chains(inputs, observation.as_of)
    snapshot = recheck(plans, observation)
    facts = gather((account.id for account in inputs.accounts.rows), snapshot)
    controls = check_claims(inputs, observation.as_of, facts)
    case = make_case(inputs, observation.as_of, snapshot, controls, vouched)
    predicate, subjects = _state(files, case, assess(case, observation.chains, tool))
    payload = build_statement(
        ATTESTATION_TYPE, to_document(predicate), _digests(predicate, subjects)
    )
    return Work(inputs, plans, observation, case, predicate, subjects, payload)


def check_claims(inputs: Inputs, as_of: int | None, facts: Facts | None) -> tuple[Control, ...]:
    """Judge the claims of a declaration, which may have none, then those that it carries forward.

    Args:
        inputs: the parsed inputs, with the bytes they were parsed from.
        as_of: Unix seconds against which a challenge's expiry is measured; None: not measured.
        facts: what the chains said; None where no chain was read.

    Raises:
        MachineError: a process that shares the work ended early.
    """
    file = claims_file(inputs)
    network = inputs.declaration.attestation.network
    trial = Trial(inputs.registry, network, inputs.challenges, as_of, facts)
    own = () if file is None else check_file(file[1], file[0], trial)
    judged = tuple(check_file(one.file, one.name, _trial(one, trial)) for one in inputs.carried)
    return (*own, *set_aside(inputs.claims, inputs.carried, judged))


def _trial(one: Earlier, own: Trial) -> Trial:
    """Judge by the texts and the time of an earlier statement, and by today's facts."""
    return replace(own, challenges=one.challenges, as_of=one.as_of, carried=one.digest)


def observation_files(files: Files) -> dict[str, Content]:
    """Take an observation's files out of a bundle's."""
    heads = (f"{EVIDENCE}observation.json", f"{EVIDENCE}chains/")
    return {
        name.removeprefix(EVIDENCE): data for name, data in files.items() if name.startswith(heads)
    }


def _wanted_tables(case: Case) -> dict[str, Content]:
    """Give the tables of movements, flows, items and traced rows, so far as there are any."""
    read = any(chain.window for chain in case.snapshot.chains)
    window: dict[str, Content] = {"report/window.csv": window_table(case)} if read else {}
    passed = any(
        one.to_others is not None or one.from_others is not None
        for chain in case.snapshot.chains
        for one in chain.window
    ) or any(chain.flows for chain in case.snapshot.chains)
    flows: dict[str, Content] = {"report/flows.csv": flows_table(case)} if passed else {}
    items: dict[str, Content] = {"report/reconciling.csv": items_table(case)} if case.items else {}
    traced: dict[str, Content] = {"report/trace.csv": trace_table(case)} if case.traced else {}
    return {**window, **flows, **items, **traced}


def number_of(predicate: Predicate) -> str:
    """Give the number that names a statement's files: its sequence with at least four digits."""
    return predicate.series.sequence.zfill(4)


def _state(files: Files, case: Case, predicate: Predicate) -> tuple[Predicate, dict[str, Content]]:
    """Give the statement, sealed if it is to be, and every file that it is about."""
    contents = _contents(files, case)
    if case.inputs.salts is not None:
        predicate, contents = _sealed(
            Salts(case.inputs.salts, predicate.attestation_id), case, predicate, contents
        )
    shown: dict[str, Content] = {
        "report/report.md": markdown.render(predicate),
        "VERIFY.md": guide.render(number_of(predicate), predicate.tool.form),
    }
    return predicate, {**contents, **shown}


def _contents(files: Files, case: Case) -> dict[str, Content]:
    """Give what a statement rests on, and its tables."""
    evidence = {EVIDENCE + name: data for name, data in observation_files(files).items()}
    committed = {name: files[name] for name in (COMMITMENT,) if name in files}
    return {
        **dict(case.inputs.files),
        **evidence,
        **committed,
        ROWS: accounts_table(case),
        "report/controls.csv": controls_table(case),
        **_wanted_tables(case),
    }


def _sealed(
    salts: Salts, case: Case, predicate: Predicate, contents: dict[str, Content]
) -> tuple[Predicate, dict[str, Content]]:
    """Draw the veil over a statement, and list what it seals."""
    whole = to_document(predicate)["findings"]
    hidden = {name: data for name, data in contents.items() if is_sealed(name)}
    hidden[FINDINGS] = canonical(whole)
    entries = entries_of(bytes(contents[ROWS]), salts)
    veiled = drawn(predicate, veil_of(case, predicate))
    stated = replace(
        veiled,
        disclosure=Disclosure(str(len(entries)), tree_root(entries).hex(), tuple(sorted(hidden))),
    )
    return stated, {**contents, **hidden, SEALED: build_list(hidden, salts)}


def _digests(predicate: Predicate, subjects: Mapping[str, Content]) -> dict[str, str]:
    """Give the digests that stand in the statement."""
    apart = frozenset(() if predicate.disclosure is None else predicate.disclosure.sealed)
    return {
        name: hashlib.sha256(data).hexdigest()
        for name, data in subjects.items()
        if name not in apart
    }
