from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.observation import (
    HEAD,
    Observation,
    decode_observation,
    encode_observation,
    log_name,
    recheck,
)
from attest.observe import MAX_SECRET, Machine, fill, observe, open_tables
from attest.plan import plan_chains, quorum_of
from chains.errors import ChainError
from chains.evidence import Call
from chains.transport import HttpSource
from config.declaration import ChainSources
from config.errors import InputError
from tests.conftest import in_memory, silent
from tests.misbehaving import honest, serve

if TYPE_CHECKING:
    from pathlib import Path

    from attest.pipeline import Work


def test_an_observation_is_written_and_read(work: Work) -> None:
    files = encode_observation(work.observation)

    assert work.observation == decode_observation(files)
    assert files == encode_observation(decode_observation(files))
    assert {HEAD} == {name for name in files if not name.startswith("chains/")}


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{}",
        b'{"asOf":"2026-01-01T00:00:00Z"}',
        b'{"asOf":"2026-01-01T00:00:00Z","version":"v1"}',
        b'{"asOf":"2026-01-01T00:00:00Z","version":"v0","x":1}',
        b'{"version":"v0","asOf":"2026-01-01T00:00:00Z"}',
        b'{"asOf":"2026-01-01T09:00:00+09:00","version":"v0"}',
        b'{"asOf":"yesterday","version":"v0"}',
    ],
)
def test_a_head_of_another_form_is_refused(work: Work, head: bytes) -> None:
    with pytest.raises(InputError):
        decode_observation({**encode_observation(work.observation), HEAD: head})


def test_a_folder_that_is_no_observation_is_refused() -> None:
    with pytest.raises(InputError, match=r"observation\.json is missing"):
        decode_observation({})


def test_a_log_under_another_name_is_refused(work: Work) -> None:
    files = encode_observation(work.observation)
    name = next(one for one in files if one.startswith("chains/"))
    files["chains/other/node-1.jsonl"] = files.pop(name)

    with pytest.raises(ChainError, match="holds the log of"):
        decode_observation(files)


def test_evidence_of_a_chain_nobody_planned_is_refused(work: Work) -> None:
    with pytest.raises(ChainError, match="where no account is declared"):
        recheck(work.plans[:1], work.observation)


def test_a_planned_chain_needs_evidence(work: Work) -> None:
    with pytest.raises(ChainError, match="no evidence of"):
        recheck(work.plans, replace(work.observation, chains=work.observation.chains[:1]))


def test_a_chain_without_sources_is_an_error(work: Work) -> None:
    with pytest.raises(ChainError, match="no sources for"):
        observe(work.plans, {}, 1, silent())


def test_logs_lie_under_their_chain_and_name() -> None:
    assert log_name("eip155:1", "node-1") == "chains/eip155-1/node-1.jsonl"  # type: ignore[arg-type]


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2\n")
    environment = {"USER_": "alice", "KEY": "k"}

    filled = fill("http://${USER_}:${file:secret}@host/${KEY}", tmp_path, environment)
    assert filled == "http://alice:hunter2@host/k"


@pytest.mark.parametrize("url", ["http://${NOT_SET}@host", "http://${}@host"])
def test_a_name_that_is_not_set_is_an_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(InputError, match="is not set"):
        fill(url, tmp_path, {"OTHER": "hunter2"})


def test_a_secret_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")

    for name in ("absent", "bytes", "."):
        with pytest.raises(InputError, match=re.escape(f"file:{name}")):
            fill("${file:" + name + "}", tmp_path, {})
    (tmp_path / "long").write_bytes(b"x" * (MAX_SECRET + 5))
    assert len(fill("${file:long}", tmp_path, {})) == MAX_SECRET


def machine(environment: dict[str, str], files: dict[str, bytes] | None = None) -> Machine:
    return Machine(environment, lambda _seconds: None, lambda: 0.0, lambda _folder: files or {})


def test_endpoints_become_sources_that_never_show_their_url(work: Work, tmp_path: Path) -> None:
    ethereum = work.inputs.registry.chain("ethereum")
    table = ChainSources(endpoints=("http://${U}:${P}@127.0.0.1:1", "http://127.0.0.1:2"))
    opened = open_tables(
        {ethereum.id: table},
        work.inputs.registry,
        tmp_path,
        machine({"U": "alice", "P": "hunter2"}),
    )
    first, second = opened[ethereum.id]

    assert isinstance(first, HttpSource)
    assert [(one.name, one.operator) for one in (first, second)] == [
        ("node-1", "unnamed"),
        ("node-2", "unnamed"),
    ]
    assert "hunter2" not in repr(first)


def test_a_recording_without_the_chain_is_an_error(work: Work, tmp_path: Path) -> None:
    ethereum = work.inputs.registry.chain("ethereum")

    with pytest.raises(InputError, match="holds no evidence of ethereum"):
        open_tables(
            {ethereum.id: ChainSources(recorded="x")},
            work.inputs.registry,
            tmp_path,
            machine({}, in_memory(encode_observation(work.observation))),
        )


def test_a_rate_of_calls_is_kept_to(work: Work, tmp_path: Path) -> None:
    anvil = work.inputs.registry.chain("anvil")
    waited: list[float] = []
    with serve(honest(lambda _method, _params: {"result": "0x1"})) as node:
        tables = {anvil.id: ChainSources(endpoints=(node.url,), rate=2)}
        outside = Machine({}, waited.append, lambda: 0.0, lambda _folder: {})
        (source,) = open_tables(tables, work.inputs.registry, tmp_path, outside)[anvil.id]
        source.ask([Call("x", (number,)) for number in range(5)])
    assert waited == [1.5]


@pytest.mark.parametrize(
    ("table", "quorum"),
    [
        (None, 1),
        (ChainSources(recorded="x"), 1),
        (ChainSources(endpoints=("a",)), 1),
        (ChainSources(endpoints=("a", "b"), operators=("x", "y")), 2),
        (ChainSources(endpoints=("a", "b"), operators=("x", "x")), 1),
        (ChainSources(endpoints=("a", "b"), operators=("x", "y"), quorum=1), 1),
    ],
)
def test_without_a_stated_quorum_all_operators_must_agree(
    table: ChainSources | None, quorum: int
) -> None:
    assert quorum == quorum_of(table)


def test_a_plan_reads_what_is_declared(work: Work) -> None:
    by_chain = {plan.chain.name: plan for plan in plan_chains(work.inputs, 5)}
    anvil = by_chain["anvil"]
    natives = {plan.chain.native for plan in by_chain.values()}

    assert list(by_chain) == ["litecoin-regtest", "anvil"]
    assert by_chain["litecoin-regtest"].quorum == 2
    assert [len(account.assets) for account in anvil.accounts] == [3] * 9
    assert {account.assets[0] for account in anvil.accounts} <= natives
    assert anvil.as_of == 5


def test_an_observation_is_of_the_time_it_was_made_for() -> None:
    assert Observation(5, ()) == decode_observation(encode_observation(Observation(5, ())))
