"""Every vector of `tests/vectors/bundles` gives the verdict that stands beside it, for ever.

A verifier that is changed later gives each of them the same verdict. Where a version said something
wrong the answer becomes `indeterminate: fixed_since` (`attest.mended`), and only then.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

import attest.inputs
import attest.verify
from attest.cli.load import shipped_registry
from attest.inputs import Criteria, registry_of
from attest.listing import build_manifest, build_sums
from attest.names import MANIFEST, SUMS
from attest.pipeline import work_through
from attest.rules.kinds import KINDS
from attest.sigstore import sigstore_copies
from attest.verdict import CODES
from config.policy import parse_pack
from config.registry_files import parse_registry
from tests.bundles.running import CRITERIA, SHARED, VECTORS, Vector, names, read_below, vector
from tests.cli.command import attest as command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from attest.content import Files
    from attest.frame_records import Tool
    from attest.pipeline import Work
    from config.registry import Registry

NAMES = names()
COMMANDS = (
    *("good-ed25519", "good-whole", "good-public-copy", "good-exchange", "no-trust"),
    *("envelope-two-signatures", "payload-float", "file-extra", "key-expired-unseen"),
    *("key-decades-later", "time-policy", "history-forked", "log-rewritten", "parties-two"),
    *("trust-alias-party", "trust-low-order-key", "prices-differ", "test-network"),
    *("history-expected", "good-authenticity-only", "judged-softer-pack", "wallet-key"),
)
"""Those that are run through the real command line too."""
RELEASED = {
    "attestation:v1": (1354, "7a7161b291d500ac5a977e7bff9a5351a32c7e7a63f1fae889c79183811e2e51"),
}
"""What was promised: how many lines DIGESTS had then, and their SHA-256. A promise adds a line."""
UNREACHED = {
    # Codes that no bundle, trust file and log can cause together, and why.
    "fixed_since": "nothing is mended yet",
    "anchor_unknown": "the verifier's own node says it",
    "balance_mismatch": "the verifier's own node, or a co-observation",
    "answer_mismatch": "the verifier's own node",
    "not_read_again": "the verifier's own node",
    "other_block": "a co-observation, which lies beside a bundle",
    "not_committed": "a ledger was given",
    "liabilities_differ": "a ledger was given",
    "liabilities_rebuilt": "a ledger was given",
    "timestamp_of_other_request": "a reply is held against its request before it is kept",
    "malformed_ots": "proofs of a checkpoint are checked beside the bundle",
    "ots_of_other_bytes": "the same",
    "ots_header_invalid": "the same",
    "ots_other_block": "the same",
    "log_behind": "two checkpoints of a log are compared, a bundle has one",
    "log_forked": "the same",
    "log_rewritten": "the same",
    "malformed_log": "of the files that a log's holder keeps",
}


@pytest.fixture(scope="module", autouse=True)
def _once() -> Iterator[None]:
    """Read a registry once, and make statements of the same evidence and criteria again once."""
    made: dict[object, Work] = {}
    read: dict[object, Registry] = {}

    def work_once(files: Files, criteria: Criteria, tool: Tool) -> Work:
        rests_on = frozenset(
            (name, bytes(data))
            for name, data in files.items()
            if name.startswith(("evidence/", "criteria/"))
        )
        key = (rests_on, criteria.registry, criteria.packs, tool)
        if key not in made:
            made[key] = work_through(files, criteria, tool)
        return made[key]

    def read_once(texts: Mapping[str, str]) -> Registry:
        key = frozenset(texts.items())
        if key not in read:
            read[key] = parse_registry(texts)
        return read[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attest.verify, "work_through", work_once)
        patch.setattr(attest.inputs, "parse_registry", read_once)
        yield


@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_is_the_one_that_stands_there(name: str) -> None:
    met = vector(name)

    assert met.expected == met.answer()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_line_gives_the_same(name: str, tmp_path: Path) -> None:
    met = vector(name)
    ran = command("verify", written(met, tmp_path), *_options(met), "--json")

    assert met.expected["exit"] == ran.code
    if "refused" in met.expected:
        assert ran.complaint[0].startswith(f"error: {met.expected['refused']}")
        return
    keys = ("authenticity", "outcome", "level")
    assert {key: met.expected[key] for key in keys} == {key: ran.document[key] for key in keys}
    assert met.expected["reasons"] == [one["code"] for one in ran.document["reasons"]]


def written(met: Vector, place: Path) -> Path:
    for name, data in met.bundle.items():
        target = place / "bundle" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return place / "bundle"


def _options(met: Vector) -> list[str]:
    arguments, trust = met.case["arguments"], met.case["trust"]
    given = ["--today", arguments["today"]]
    given += ["--trust", str(VECTORS / trust)] if trust else []
    given += ["--allow-test"] if arguments["allowTest"] else []
    given += ["--authenticity-only"] if arguments["authenticityOnly"] else []
    previous = arguments["expectPrevious"]
    return [*given, "--expect-previous", previous] if previous else given


def test_what_judged_when_the_vectors_were_made_can_still_judge() -> None:
    # The command line judges by what ships, which changes; the vectors keep the criteria they were
    # made by. A kind of a rule that was once released is computed the same for ever.
    own = {name: read_below(CRITERIA)[f"registry/{name}"] for name, _ in shipped_registry()}
    pack = parse_pack(read_below(CRITERIA)["policies/core.toml"], "core.toml")

    assert registry_of(Criteria(tuple(own.items()), ())).chains
    assert {rule.kind for rule in pack.rule} <= KINDS.keys()


def test_every_case_has_a_row_and_every_row_a_case() -> None:
    text = (VECTORS / "README.md").read_text("utf-8").partition("## Cases\n")[2]

    assert list(NAMES) == sorted(re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.MULTILINE))


def test_every_code_is_met_or_cannot_be() -> None:
    met = {
        code
        for one in map(vector, NAMES)
        for code in (*one.expected.get("reasons", ()), *one.expected.get("differences", ()))
    }

    assert CODES.keys() - met == UNREACHED.keys()


def test_no_vector_has_changed() -> None:
    listed = (VECTORS / "DIGESTS").read_text("utf-8").splitlines(keepends=True)
    digests = {line[66:-1]: line[:64] for line in listed}
    found = {
        path.relative_to(VECTORS).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in VECTORS.rglob("*")
        if path.is_file() and path.name not in {"README.md", "DIGESTS"}
    }

    assert len(listed) == len(digests)
    assert digests == found


def test_the_list_of_digests_only_grows() -> None:
    lines = (VECTORS / "DIGESTS").read_bytes().splitlines(keepends=True)
    met = {
        version: (count, sha256(b"".join(lines[:count])).hexdigest())
        for version, (count, _) in RELEASED.items()
    }

    assert RELEASED == met


def test_what_is_derived_is_broken_only_where_the_case_says_so() -> None:
    met: dict[str, set[str]] = {"manifest": set(), "sums": set(), "sigstore": set()}
    for name in NAMES:
        files = vector(name).bundle
        sums, manifest = files.pop(SUMS, None), files.pop(MANIFEST, None)
        listed = json.loads(manifest) if manifest is not None else None
        if listed and manifest != build_manifest(files, listed["disclosure"], listed["withheld"]):
            met["manifest"].add(name)
        kept = files if manifest is None else {**files, MANIFEST: manifest}
        if sums not in {None, build_sums(kept)}:
            met["sums"].add(name)
        if "malformed_envelope" not in vector(name).expected.get("reasons", ()) and any(
            files.get(copy) != data for copy, data in sigstore_copies(files).items()
        ):
            met["sigstore"].add(name)

    assert met == {
        "manifest": {"file-extra-unlisted", "manifest-size"},
        "sums": {"file-extra-unlisted", "file-evidence-changed-unlisted"},
        "sigstore": {"file-missing-sigstore", "file-sigstore-changed"},
    }


def test_every_file_of_a_case_is_used() -> None:
    for name in NAMES:
        met = vector(name)
        base = read_below(VECTORS / "good" / met.case["base"])
        own = read_below(VECTORS / name)
        known = ("case.json", "expected.json", "files/", "trust/")
        laid = {one.removeprefix("files/"): own[one] for one in own if one.startswith("files/")}

        assert [] == [one for one in own if not one.startswith(known)], name
        assert [] == [one for one in laid if base.get(one) == laid[one]], name
        assert [] == [one for one in met.case["without"] if one not in base], name
        assert (f"{name}/trust/trust.toml" == met.case["trust"]) == ("trust/trust.toml" in own)


def test_every_folder_is_known() -> None:
    folders = {path.name for path in VECTORS.iterdir() if path.is_dir()}

    assert folders == {*NAMES, *SHARED}
    assert len(NAMES) > 200
