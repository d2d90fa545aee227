"""Attempts: their form, and what a real node says of contracts that return, refuse and burn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.evm.attempt import MAX_DATA, MAX_RETURN, attempt_call, decode_attempt
from chains.evm.calls import MalformedAnswer, State, by_hash, by_number
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.snapshot import Question
from chains.transport import Endpoint, HttpSource
from tests.chains.evm.fakechain import ALICE, BOB, CHAIN, World, plan_of
from tests.nodes.anvil import Anvil, anvil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chains.evidence import ChainPlan, Json
    from chains.snapshot import ChainSnapshot

RETURNS, REFUSES, BURNS, WRITES, LONG, LONGER, EMPTY, ECHOES, READS = (
    f"0x{number:040x}" for number in range(0xC0DE0, 0xC0DE9)
)
CODES = {
    RETURNS: "602a60005260206000f3",
    REFUSES: "602b60005260206000fd",
    BURNS: "fe",
    WRITES: "6001600055602a60005260206000f3",
    LONG: f"61{MAX_RETURN - 129:04x}6000f3",
    LONGER: f"61{MAX_RETURN - 128:04x}6000f3",
    ECHOES: "366000600037366000f3",
    READS: "60005460005260206000f3",
}
WORDS = f"{9:064x}{'ab' * 32}{31337:064x}{77:064x}"


def ask(*contracts: str, data: str = "0x") -> tuple[Question, ...]:
    return tuple(Question(CHAIN.id, "attempt", f"{contract} {data}") for contract in contracts)


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with anvil() as found:
        found.mine(5)
        found.ask_all([("anvil_setCode", [at, f"0x{code}"]) for at, code in CODES.items()])
        found.ask("anvil_setStorageAt", READS, "0x0", f"0x{1:064x}")
        found.ask("anvil_mine", hex(10), hex(12))
        found.ask("anvil_setStorageAt", READS, "0x0", f"0x{2:064x}")
        found.ask("anvil_mine", hex(6), hex(12))
        yield found


def answers(node: Anvil, plan: ChainPlan) -> dict[str, str]:
    source = HttpSource(Endpoint("node-1", "a", node.url), lambda _seconds: None)
    evidence = read(plan, [source], World().around)
    source.close()
    met: ChainSnapshot = recheck(plan, evidence)
    return {answer.question.subject[:42]: answer.value for answer in met.answers}


@pytest.mark.nodes
@pytest.mark.parametrize("opcodes", ["own", "foreign"])
def test_what_contracts_do_is_an_answer(node: Anvil, opcodes: str) -> None:
    asked = (RETURNS, REFUSES, BURNS, WRITES, EMPTY, LONG)
    plan = plan_of(questions=ask(*asked), assets=())
    row = replace(CHAIN, block_opcodes=opcodes)  # type: ignore[arg-type]
    found = answers(node, replace(plan, chain=row))

    assert found == {
        RETURNS: f"0x01{0x2A:064x}",
        REFUSES: f"0x00{0x2B:064x}",
        BURNS: "0x00",
        WRITES: "0x00",
        EMPTY: "0x01",
        LONG: f"0x01{'00' * (MAX_RETURN - 129)}",
    }


@pytest.mark.nodes
def test_a_contract_that_says_too_much_has_no_answer(node: Anvil) -> None:
    plan = plan_of(questions=ask(LONGER, RETURNS), assets=())

    assert set(answers(node, plan)) == {RETURNS}


@pytest.mark.nodes
@pytest.mark.parametrize("size", [0, 1, 31, 32, 4000, MAX_DATA])
def test_the_data_arrives_whole(node: Anvil, size: int) -> None:
    data = bytes(at % 251 for at in range(size)).hex()
    plan = plan_of(questions=ask(ECHOES, data=f"0x{data}"), assets=())

    assert answers(node, plan) == {ECHOES: f"0x01{data}"}


@pytest.mark.nodes
@pytest.mark.parametrize(("height", "value"), [(14, 1), (17, 2)])
def test_the_answer_is_of_the_pin(node: Anvil, height: int, value: int) -> None:
    time = int(node.block(height)["timestamp"], 16)
    plan = plan_of(as_of=time, confirmations=1, questions=ask(READS), assets=())

    assert answers(node, plan) == {READS: f"0x01{value:064x}"}


def test_a_subject_that_is_none_is_not_asked() -> None:
    subjects = (
        "",
        ALICE,
        f"{ALICE} ",
        f"{ALICE} 0x0",
        f"{ALICE} 0xAB",
        f"{ALICE[:-1]} 0x",
        f"{ALICE} 0x 0x",
        f"{ALICE} 0x{'00' * (MAX_DATA + 1)}",
    )

    for subject in subjects:
        assert attempt_call(subject, by_number(1), telling=True) is None


def test_calls_differ_in_contract_data_and_block() -> None:
    calls = {
        str(attempt_call(f"{contract} {data}", block, telling=telling))
        for contract in (ALICE, BOB)
        for data in ("0x", "0x00", "0x01")
        for block in (by_number(1), by_number(2), by_hash("0x" + "ab" * 32))
        for telling in (True, False)
    }

    assert len(calls) == 2 * 3 * 3 * 2


def test_an_answer_is_read_in_its_one_form() -> None:
    state = State(9, f"0x{'ab' * 32}", 31337, 77)

    assert decode_attempt(f"0x{WORDS}01ff", telling=True) == (state, "0x01ff")
    assert decode_attempt("0x00", telling=False) == (None, "0x00")


@pytest.mark.parametrize(
    "result",
    [
        None,
        1,
        "",
        "0x",
        "01",
        f"0x{WORDS}",
        f"0x{WORDS}02",
        f"0x{WORDS}0",
        f"0x{WORDS}010",
        f"0x{WORDS}01FF",
        f"0x{WORDS[:-2]}01",
        f"0X{WORDS}01",
        f"0x{WORDS}01{'00' * MAX_RETURN}",
    ],
)
def test_what_has_not_that_form_is_malformed(result: Json) -> None:
    with pytest.raises(MalformedAnswer):
        decode_attempt(result, telling=True)


@given(st.text("0123456789abcdefx", max_size=600), st.booleans())
def test_nothing_else_comes_out_of_a_text(text: str, telling: bool) -> None:  # noqa: FBT001
    try:
        _, value = decode_attempt(text, telling=telling)
    except MalformedAnswer:
        return
    assert value[:4] in {"0x00", "0x01"}
