from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import procedures
from config.errors import InputError
from config.procedures import (
    FindingRow,
    PractitionerTable,
    ProcedureRow,
    Procedures,
    ReportTable,
    parse_procedures,
)
from tests.config.known import example, refusal

WHO = '[practitioner]\nname = "Example Reviewer"\nrole = "auditor"\n'
STEP = '[[procedure]]\nid = "A1"\ntext = "Looked."\n'


def read(text: str) -> Procedures:
    return parse_procedures(text.encode(), "procedures.toml")


def refused(text: str) -> str:
    return str(refusal(read, text))


def test_reads_the_documented_example() -> None:
    expected = Procedures(
        PractitionerTable("Example Reviewer", "auditor", "12345", "JP"),
        ReportTable(
            title="Report on agreed procedures",
            intended_users=("the supervisor",),
            restricted_use=True,
        ),
        (
            ProcedureRow(
                "A1",
                "Compared the list of accounts with the general ledger.",
                "no-exception",
                "412 of 412 agree",
            ),
        ),
        (FindingRow("Two accounts were opened after the time of the statement."),),
    )

    assert expected == read(example(procedures))


def test_what_is_left_out_is_not_performed() -> None:
    expected = Procedures(PractitionerTable("Example Reviewer", "auditor"))

    assert expected == read(WHO)
    step = ProcedureRow("A1", "Looked.", "not-performed", "")
    assert replace(expected, procedure=(step,)) == read(WHO + STEP)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "file is empty"),
        (STEP, "practitioner: missing"),
        (WHO.replace("auditor", "attester"), "practitioner.role: input should be 'auditor'"),
        (WHO + "weight = 1\n", "practitioner.weight: unknown key"),
        (WHO + STEP + STEP, "procedure: two procedures with one id: 'A1'"),
        (WHO + STEP.replace("A1", "T1"), "procedure: id of the program's own: 'T1'"),
        (WHO + STEP.replace("A1", "a1"), "procedure.0.id: string should match pattern"),
        (WHO + STEP + 'result = "passed"\n', "procedure.0.result: input should be 'no-exception'"),
        (WHO + STEP.replace("Looked.", ""), "procedure.0.text: string should have at least 1"),
        (WHO + STEP.replace("Looked.", r"\u202e"), "procedure.0.text: string should match"),
        (WHO + '[report]\nstandard = "AT-C 215"\n', "report: level none with standard AT-C 215"),
        (WHO + '[report]\nlevel = "review"\n', "report: level review with standard none"),
        (WHO + '[report]\ndate = "1 May"\n', "report.date: string should match pattern"),
        (WHO + '[report]\nopinion = "fair"\n', "report.opinion: unknown key"),
        (WHO + '[report]\nstandard = "ISA 700"\n', "report.standard: input should be 'none'"),
    ],
)
def test_what_is_not_as_documented_is_refused(text: str, message: str) -> None:
    assert refused(text).startswith(f"procedures.toml: {message}")


@pytest.mark.parametrize(
    ("standard", "level"),
    [
        ("AT-C 205", "examination"),
        ("AT-C 215", "agreed-upon-procedures"),
        ("ISAE 3000", "review"),
        ("ISRS 4400", "agreed-upon-procedures"),
    ],
)
def test_a_standard_goes_with_its_level(standard: str, level: str) -> None:
    text = f'{WHO}[report]\nstandard = "{standard}"\nlevel = "{level}"\n'

    assert (standard, level) == (read(text).report.standard, read(text).report.level)


def test_more_procedures_than_the_limit_are_refused() -> None:
    steps = "".join(STEP.replace("A1", f"A{at}") for at in range(201))

    assert "procedure: " in refused(WHO + steps)


@given(st.binary(max_size=40), st.integers(min_value=0, max_value=len(WHO + STEP)))
def test_any_bytes_are_read_or_refused(data: bytes, place: int) -> None:
    whole = (WHO + STEP).encode()
    for text in (data, whole[:place] + data, whole[:place] + data + whole[place + len(data) :]):
        with contextlib.suppress(InputError):
            parse_procedures(text, "procedures.toml")
