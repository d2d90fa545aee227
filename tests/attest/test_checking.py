from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attest import checking, pipeline
from attest import processes as processes_
from attest.checking import Trial, check_file
from attest.cli.load import pack_or_none, shipped_registry
from attest.disk import read_folder
from attest.errors import MachineError
from attest.keys import load_public
from attest.trust import trust_key
from attest.verifier import Verifier
from attest.verify import verify
from chains.families import ChainAddresses
from config.claims import parse_claims
from config.errors import InputError
from config.registry_files import load_registry
from proofs.check import check
from proofs.schemes import SCHEMES
from tests.examples import wallet

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from proofs.control import Control

REGISTRY = load_registry()
BITCOIN, ETHEREUM = REGISTRY.chain("bitcoin"), REGISTRY.chain("ethereum")
TRIAL = Trial(REGISTRY)
HEADER = "account,scheme,message,signature\n"


def rows() -> tuple[str, ...]:
    """Give rows of every outcome; some texts hold line ends, commas and quotation marks."""
    made = []
    for number in range(6):
        key = wallet.key(number)
        evm = wallet.evm_address(ETHEREUM, key)
        segwit = wallet.utxo_address(BITCOIN, wallet.single_script(key, wallet.P2WPKH))
        text = f'line {number},\nof "{evm}"'
        quoted = '"' + text.replace('"', '""') + '"'
        signed = wallet.sign_message(BITCOIN, key, wallet.P2WPKH, segwit)
        made += [
            f"ethereum:{evm},eip191,{quoted},{wallet.sign_eip191(key, text)}\n",
            f"ethereum:{evm},eip191,other text,{wallet.sign_eip191(key, text)}\n",
            f"bitcoin:{segwit},bip137,{segwit},{signed}\n",
            f'bitcoin:{segwit},bip137,a " in the middle,not base64\n',
            f"ethereum:{evm},eip191,@challenge,0x00\n",
        ]
    return tuple(made)


ROWS = rows()
FAULTY = (
    "ethereum:0x12,eip191,,\n",
    "ethereum:0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045,eip999,,\n",
    "nochain:1,eip191,,\n",
    "too,few\n",
    "\n",
    'anvil:0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045,eip191,"open,\n',
)


def serial(data: bytes, trial: Trial = TRIAL) -> tuple[Control, ...]:
    claims = parse_claims(
        data, "claims.csv", REGISTRY, ChainAddresses(), SCHEMES, network=trial.network
    )
    return check(claims, REGISTRY, trial.challenges, trial.as_of, trial.facts)


def told(work: object, *arguments: object) -> object:
    """Give what a call gives, or the error it raises as text."""
    try:
        return work(*arguments)  # type: ignore[operator]
    except InputError as error:
        return error.what, error.hint


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_any_number_of_processes_gives_the_same(
    processes: int, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes_, "start_method", lambda: method)
    monkeypatch.setattr(checking, "RUN_SIZE", 300)
    data = (HEADER + "".join(ROWS)).encode()
    expected = serial(data)

    assert {"proved", "refuted", "unproved"} == {control.outcome for control in expected}
    assert expected == check_file(data, "claims.csv", TRIAL, processes)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    chosen=st.lists(st.sampled_from(ROWS), min_size=1, max_size=20),
    faults=st.lists(st.tuples(st.integers(0, 20), st.sampled_from(FAULTY)), max_size=3),
    size=st.integers(1, 3000),
    processes=st.integers(1, 3),
)
def test_any_cutting_gives_the_same_or_the_same_fault(
    monkeypatch: pytest.MonkeyPatch,
    chosen: list[str],
    faults: list[tuple[int, str]],
    size: int,
    processes: int,
) -> None:
    monkeypatch.setattr(processes_, "start_method", lambda: "fork")
    monkeypatch.setattr(checking, "RUN_SIZE", size)
    for place, fault in faults:
        chosen.insert(place, fault)
    data = (HEADER + "".join(chosen)).encode()

    assert told(serial, data) == told(check_file, data, "claims.csv", TRIAL, processes)


def test_the_first_fault_of_the_file_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "RUN_SIZE", 1)
    text = HEADER + ROWS[1] * 3 + FAULTY[1] + ROWS[1] * 3 + FAULTY[3] + FAULTY[0]
    with pytest.raises(InputError, match=r"claims\.csv: line 5, column 'scheme'"):
        check_file(text.encode(), "claims.csv", TRIAL, 2)


def test_a_row_of_the_other_network_is_refused_by_every_process() -> None:
    data = (HEADER + ROWS[1]).encode()
    with pytest.raises(InputError, match="line 2, column 'account': ethereum is a main network"):
        check_file(data, "claims.csv", Trial(REGISTRY, network="test"), 2)


def test_a_large_file_is_shared_among_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    running = []

    def counted(connections: list[Connection]) -> list[object]:
        running.append(len(multiprocessing.active_children()))
        return list(wait(connections))

    monkeypatch.setattr(checking, "SMALL", 10)
    monkeypatch.setattr(checking, "cores", lambda: 3)
    monkeypatch.setattr(processes_, "wait", counted)
    data = (HEADER + "".join(ROWS)).encode()

    assert serial(data) == check_file(data, "claims.csv", TRIAL)
    assert {3} == set(running)


def test_a_process_that_ends_early_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes_, "start_method", lambda: "fork")
    monkeypatch.setattr(checking, "judge", lambda *_given: os._exit(1))
    with pytest.raises(MachineError, match="ended before its answer"):
        check_file((HEADER + "".join(ROWS)).encode(), "claims.csv", TRIAL, 2)
    assert [] == multiprocessing.active_children()


def test_an_interruption_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_connections: object) -> None:
        assert len(multiprocessing.active_children()) == 2
        raise KeyboardInterrupt

    monkeypatch.setattr(processes_, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        check_file((HEADER + "".join(ROWS)).encode(), "claims.csv", TRIAL, 2)
    assert [] == multiprocessing.active_children()


SCRIPT = """
import multiprocessing, sys, time
from attest import checking, processes
from config.registry_files import load_registry
def stuck(_connections):
    print(*(one.pid for one in multiprocessing.active_children()), flush=True)
    time.sleep(60)
processes.wait = stuck
processes.start_method = lambda: sys.argv[1]
if __name__ == "__main__":
    checking.check_file(sys.stdin.buffer.read(), "c", checking.Trial(load_registry()), 2)
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_end_with_a_command_that_is_killed(method: str, tmp_path: Path) -> None:
    script = tmp_path / "stuck.py"
    script.write_text(SCRIPT)
    command = subprocess.Popen(  # noqa: S603 - this interpreter, our script
        [sys.executable, str(script), method],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    if command.stdin is None or command.stdout is None:
        pytest.fail("no pipes")
    with command.stdin, command.stdout:
        command.stdin.write((HEADER + "".join(ROWS)).encode())
        command.stdin.close()
        children = [int(word) for word in command.stdout.readline().split()]
        command.send_signal(signal.SIGKILL)
        command.wait()
    assert len(children) == 2
    deadline = time.monotonic() + 20
    while any(alive(child) for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_machine_that_fails_is_no_verdict_on_a_bundle(
    signed_folder: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_memory(*_given: object) -> None:
        raise MachineError("a process ended")

    folder, key = signed_folder
    trust = trust_key(load_public(key.read_bytes(), key.name))
    verifier = Verifier(trust, shipped_registry(), pack_or_none, 0, allow_test=True)
    monkeypatch.setattr(pipeline, "check_file", out_of_memory)
    with pytest.raises(MachineError):
        verify(read_folder(folder), verifier)
