"""Evidence gathered from fake nodes, and ways to alter it afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chains.utxo.reader import read
from tests.chains.utxo.fake_node import FakeNode, plan, surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ChainEvidence, ChainPlan, Exchange, Json


def evidence_of(*nodes: FakeNode, chain_plan: ChainPlan | None = None) -> ChainEvidence:
    return read(chain_plan or plan(), nodes, surroundings())


def with_result(
    evidence: ChainEvidence, method: str, change: Callable[[Json], Json], *, log: int = 0
) -> ChainEvidence:
    """Alter what the first call of a method answered in one log."""
    exchanges = list(evidence.logs[log].exchanges)
    place = next(at for at, item in enumerate(exchanges) if item.call.method == method)
    exchanges[place] = replace(exchanges[place], result=change(exchanges[place].result))
    return with_exchanges(evidence, exchanges, log=log)


def with_exchanges(
    evidence: ChainEvidence, exchanges: list[Exchange], *, log: int = 0
) -> ChainEvidence:
    logs = list(evidence.logs)
    logs[log] = replace(logs[log], entries=tuple(exchanges))
    return replace(evidence, logs=tuple(logs))


def scan_with(**change: Json) -> Callable[[Json], Json]:
    def changed(result: Json) -> Json:
        assert isinstance(result, dict)
        return result | change

    return changed


def coin_with(**change: Json) -> Callable[[Json], Json]:
    """Alter the first listed output, leaving the total as it was."""

    def changed(result: Json) -> Json:
        assert isinstance(result, dict)
        listed = result["unspents"]
        assert isinstance(listed, tuple)
        assert isinstance(listed[0], dict)
        return result | {"unspents": (listed[0] | change, *listed[1:])}

    return changed
