"""What many tests start from: the shipped example, worked through, signed, and on disk."""

from __future__ import annotations

import os
import sys
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from attest import bundle
from attest.cli.load import gather, tool
from attest.collecting import collect_seldom
from attest.disk import read_observation, write_folder
from attest.inputs import Criteria, parse_inputs
from attest.keys import SigningKey, load_signing, new_key
from attest.observation import encode_observation
from attest.observe import Machine, observe, open_tables
from attest.pipeline import EVIDENCE, Work, work_through
from attest.plan import plan_chains
from chains.evidence import Surroundings
from config.declaration import sources_by_chain

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

# As the command does: by the end a process of the tests holds hundreds of megabytes that stay.
collect_seldom()

# How long an example takes says nothing of whether it is right, and a machine may be busy.
settings.register_profile(
    "untimed", settings.get_profile("ci" if "CI" in os.environ else "default"), deadline=None
)
settings.load_profile("untimed")

EXAMPLES = Path(str(resources.files("config"))) / "examples"
TESTS = Path(__file__).parent
UNCOUNTED = tuple(
    TESTS / name
    for name in (
        *("chains", "examples"),
        *("cli/test_bad_nodes.py", "cli/test_bad_verifier_nodes.py", "cli/test_corruption.py"),
        *("cli/test_co_observation.py", "cli/test_mainnet_example.py", "cli/test_resume.py"),
        *("attest/timestamps/test_token_corruption.py", "attest/history/test_log_tree.py"),
        *("attest/test_apart.py", "attest/test_opening.py", "attest/test_schemas.py"),
        *("attest/test_guide.py", "attest/test_guide_others.py", "attest/test_guide_sealed.py"),
        *("attest/test_signature_vectors.py", "attest/test_bundle_vectors_elsewhere.py", "fuzz"),
        *("cli/test_whole_life.py", "attest/test_verify.py"),
        *("attest/test_bundle.py", "attest/test_bundle_vectors.py", "config"),
        *("proofs/published/test_published_examples.py",),
        *("attest/test_packs_properties.py", "attest/test_rules_bounds.py"),
        *("proofs/utxo/test_bip322_funds.py", "proofs/utxo/test_bip322_corruption.py"),
    )
)
"""Tests of packages whose lines are not counted, and those that go over the same lines a thousand
times, byte by byte or run by run: counting would take as long as they do."""


COUNTED_CASES = 4
"""Of the cases of one test, how many are counted in each process: those after them go over the same
lines, and counting takes as long as they do."""
_cases: Counter[str] = Counter()


def _is_counted(item: pytest.Item) -> bool:
    """Tell whether the lines of a test are counted."""
    if any(item.path.is_relative_to(folder) for folder in UNCOUNTED):
        return False
    test = item.nodeid.partition("[")[0]
    _cases[test] += 1
    return _cases[test] <= COUNTED_CASES


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    counting = sys.gettrace()
    if not _is_counted(item):
        sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(counting)


def silent() -> Surroundings:
    """Surroundings in which nothing waits and nothing is said."""
    return Surroundings(pause=lambda _seconds: None, progress=lambda _stage, _done, _total: None)


def read_example(name: str) -> tuple[dict[str, bytes], Criteria]:
    """Observe a shipped example from its recording; give inputs and evidence by bundle name."""
    folder = EXAMPLES / name
    files, criteria = gather(folder / "declaration.toml")
    inputs = parse_inputs(files, criteria)
    tables = sources_by_chain(inputs.declaration.sources, inputs.registry)
    machine = Machine({}, lambda _seconds: None, lambda: 0.0, read_observation)
    sources = open_tables(tables, inputs.registry, folder, machine)
    as_of = inputs.declaration.as_of
    assert as_of is not None
    found = observe(plan_chains(inputs, as_of), sources, as_of, silent())
    evidence = {EVIDENCE + one: data for one, data in encode_observation(found).items()}
    return {**files, **in_memory(evidence)}, criteria


def in_memory(files: Mapping[str, bytes | memoryview]) -> dict[str, bytes]:
    """Give files as bytes, those that are mapped too."""
    return {name: bytes(data) for name, data in files.items()}


@pytest.fixture(scope="session")
def example() -> tuple[dict[str, bytes], Criteria]:
    """Files and criteria of the passing example."""
    return read_example("exchange")


@pytest.fixture(scope="session")
def work(example: tuple[dict[str, bytes], Criteria]) -> Work:
    """The passing example, worked through."""
    return work_through(*example, tool())


@pytest.fixture(scope="session")
def signer() -> SigningKey:
    """An attestation key."""
    private, _ = new_key("p256", None)
    return load_signing(private, "signer", lambda: b"")


@pytest.fixture(scope="session")
def signed(work: Work, signer: SigningKey) -> dict[str, bytes]:
    """The passing example as a signed bundle, by file name."""
    return in_memory(bundle.sign(bundle.draft(work), signer))


@pytest.fixture(scope="session")
def signed_folder(
    signed: dict[str, bytes], signer: SigningKey, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The signed bundle on disk, and the public key to verify it with. Never written to."""
    place = tmp_path_factory.mktemp("signed")
    write_folder(place / "bundle", signed)
    (place / "signer.pub").write_bytes(signer.public.pem)
    return place / "bundle", place / "signer.pub"
