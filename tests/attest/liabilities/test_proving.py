"""Proofs out of the private folder, and what a damaged one gives."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from attest.liabilities import build, proving, store, tasks
from attest.liabilities.accounts import read_entry, write_entry
from attest.liabilities.build import Builder, local_crew
from attest.liabilities.checking import check_line
from attest.liabilities.committing import Wish
from attest.liabilities.comparing import Moved, compare
from attest.liabilities.proving import Prover, open_prover, proof_bytes
from attest.liabilities.rebuilding import rebuild
from config.errors import InputError
from proofs.liabilities.encoding import customer_id, customer_key
from proofs.liabilities.inclusion import Claimant, check, read_inclusion
from proofs.liabilities.leaves import Holder
from tests.attest.liabilities.ledgers import MASTER, Holdings, Written, committed, write
from tests.attest.liabilities.ledgers import quiet as quiet_progress
from tests.attest.liabilities.test_build import exchange

if TYPE_CHECKING:
    from pathlib import Path

    from proofs.liabilities.commitment import Commitment

HOLDINGS = {**exchange(300), "NOTHING": {"btc": 0}, "NOBODY": {}}


@pytest.fixture(scope="module", name="made")
def _made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Written, Commitment, Path]:
    folder = tmp_path_factory.mktemp("ledger")
    written = write(folder, HOLDINGS)
    return written, committed(written, folder / "private"), folder / "private"


@pytest.fixture(name="low_blocks")
def _low_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 16 leaves, so that small trees have upper levels."""
    for module in (proving, store):
        monkeypatch.setattr(module, "BLOCK", 4)


def shown(prover: Prover, commitment: Commitment, account: str, written: Written) -> dict[int, int]:
    """Prove, write, read, and check with nothing but what the customer has."""
    inclusion = read_inclusion(proof_bytes(prover.prove(*prover.find(account))), "proof.json")
    customer = customer_id(account, written.identifiers[account])
    return check(inclusion, Claimant(customer, customer_key(MASTER, customer), commitment.digest))


def every_line(folder: Path) -> list[bytes]:
    prover = open_prover(folder)
    return list(prover.lines(range(len(prover))))


def test_every_customer_is_shown_what_he_is_owed(
    made: tuple[Written, Commitment, Path],
) -> None:
    written, commitment, folder = made
    prover, names = open_prover(folder), [tree.instrument for tree in commitment.trees]
    for account, held in HOLDINGS.items():
        owed = {names.index(name): units for name, units in held.items() if units}
        if owed:
            assert owed == shown(prover, commitment, account, written)
        else:
            with pytest.raises(InputError, match="nothing is owed"):
                prover.prove(*prover.find(account))
    assert len(HOLDINGS) == len(prover)


def test_upper_levels_are_read_and_lower_ones_made_again(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for module in (build, tasks, proving, store):
            patch.setattr(module, "BLOCK", 4)
        written = write(tmp_path, HOLDINGS)
        commitment = committed(written, tmp_path / "private", Wish(3))
        prover = open_prover(tmp_path / "private")
        account = next(one for one, held in HOLDINGS.items() if held.get("eth"))

        assert shown(prover, commitment, account, written)
        assert min(tree.height for tree in commitment.trees) > 4


def test_who_is_no_customer_is_told_so(made: tuple[Written, Commitment, Path]) -> None:
    prover = open_prover(made[2])
    for account in ("A99999", "a00001", " A00001", "A0001"):
        with pytest.raises(InputError, match="no customer of this account"):
            prover.find(account)


def test_all_proofs_of_a_file_hold_and_a_changed_line_does_not(
    made: tuple[Written, Commitment, Path],
) -> None:
    _, commitment, folder = made
    lines = every_line(folder)
    owed = [one for one, held in HOLDINGS.items() if any(held.values())]

    assert sorted(owed) == sorted(json.loads(line)["account"] for line in lines)
    assert [None] * len(lines) == [check_line(line, "p", commitment.digest) for line in lines]
    assert [("not_published")] == [check_line(lines[0], "p", bytes(32))[0]]  # type: ignore[index]
    document = json.loads(lines[0])
    other = {**document, "identifier": "mallory@example.com"}
    assert "path_differs" == check_line(json.dumps(other).encode(), "p", commitment.digest)[0]  # type: ignore[index]
    for broken in (b"", b"[]", lines[0][:-9], json.dumps({**document, "account": 1}).encode()):
        with pytest.raises(InputError):
            check_line(broken, "p", commitment.digest)


@pytest.mark.parametrize("name", ["customers", "accounts/000000", "commitment.json"])
def test_a_damaged_folder_gives_no_proof(
    made: tuple[Written, Commitment, Path], tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "private"
    shutil.copytree(made[2], folder)
    data = (folder / name).read_bytes()
    for place in range(0, len(data), max(1, len(data) // 60)):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        (folder / name).write_bytes(changed)
        proved = set()
        for account in list(HOLDINGS)[:300:50]:
            try:
                prover = open_prover(folder)
                holder, _ = prover.find(account)
                proved.add(
                    holder.account == account and bool(shown(prover, made[1], account, made[0]))
                )
            except InputError:
                continue
        # What is proved is right; a damage elsewhere harms nobody.
        assert proved <= {True}
    (folder / name).write_bytes(data[:-1])
    with pytest.raises(InputError):
        every_line(folder)


@pytest.mark.parametrize("suffix", ["leaves", "order", "upper"])
def test_a_damaged_tree_gives_no_proof(
    made: tuple[Written, Commitment, Path], tmp_path: Path, suffix: str
) -> None:
    folder = tmp_path / "private"
    shutil.copytree(made[2], folder)
    path = folder / f"trees/00000.{suffix}"
    data = path.read_bytes()
    path.write_bytes(bytes(byte ^ 255 for byte in data))
    owed = [one for one, held in HOLDINGS.items() if held.get("btc")]
    if suffix != "upper":
        with pytest.raises(InputError, match="damaged"):
            shown(open_prover(folder), made[1], owed[0], made[0])
    path.write_bytes(data[:-1])
    if suffix != "upper":
        with pytest.raises(InputError, match="cut"):
            open_prover(folder)


def test_the_auditor_rebuilds_it_byte_for_byte(
    made: tuple[Written, Commitment, Path], tmp_path: Path
) -> None:
    written, commitment, folder = made
    builder = Builder(local_crew(1), quiet_progress, apart=False)
    found = rebuild(commitment, written.sheets, MASTER, tmp_path / "again", builder)

    assert () == found
    for path in folder.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "again" / path.relative_to(folder)).read_bytes()

    def whats(holdings: Holdings, master: bytes, place: str) -> set[str]:
        other = write(tmp_path / f"ledger-{place}", holdings)
        made_again = rebuild(commitment, other.sheets, master, tmp_path / place, builder)
        return {one.what for one in made_again}

    first = next(one for one, held in HOLDINGS.items() if held.get("btc"))
    raised = {**HOLDINGS, first: {**HOLDINGS[first], "btc": HOLDINGS[first]["btc"] + 1}}
    without = {one: {k: v for k, v in held.items() if k != "eth"} for one, held in HOLDINGS.items()}
    assert {"ledger.0", "btc: total", "btc: root", "set"} == whats(raised, MASTER, "raised")
    assert {"btc: root", "eth: root", "usdt: root", "set"} == whats(HOLDINGS, bytes(32), "secret")
    assert {"assets.1", "assets.2", "ledger.1", "ledger.2"} == whats(without, MASTER, "without")
    assert not (tmp_path / "without").exists()


def test_two_snapshots_are_compared_without_names(tmp_path: Path) -> None:
    before = {
        "A": {"btc": 10},
        "B": {"btc": 5, "eth": 7},
        "C": {"btc": 1},
        "D": {"eth": 2},
        "E": {"btc": 100},
    }
    after = {
        "A": {"btc": 10},
        "B": {"eth": 7},
        "D": {"eth": 20, "btc": 3},
        "F": {"btc": 4},
        "E": {"btc": 9},
    }
    folders = []
    for name, holdings in (("old", before), ("new", after)):
        committed(write(tmp_path / name, holdings), tmp_path / name / "private")
        folders.append(open_prover(tmp_path / name / "private"))
    found = compare(folders[0], folders[1], 10)

    assert (5, 5, 4) == (found.customers_before, found.customers_after, found.customers_in_both)
    assert {
        "btc": Moved(4, 4, 116, 26, 1, 1, 1, 5, 2, 7, 0, 1),
        "eth": Moved(2, 2, 9, 27, 0, 0, 0, 0, 0, 0, 1, 0),
    } == found.instruments


def test_a_sample_is_drawn_by_its_seed_from_those_who_are_owed(
    made: tuple[Written, Commitment, Path],
) -> None:
    prover = open_prover(made[2])
    owed = {one for one, held in HOLDINGS.items() if any(held.values())}

    def drawn(seed: str, count: int) -> set[str]:
        return {prover.found(place)[0].account for place in prover.drawn(seed, count)}

    assert owed == drawn("a", 1000)
    assert 20 == len(drawn("a", 20))
    assert drawn("a", 20) == drawn("a", 20)
    assert drawn("a", 20) < drawn("a", 21)
    assert drawn("a", 20) != drawn("b", 20)


def test_what_is_kept_of_a_customer_is_read_back() -> None:
    holders = [
        Holder("A", "a@example.com", ((0, 1), (7, 2**128 - 1))),
        Holder("\u00e9" * 1000, "x", ()),
    ]
    data = b"".join(write_entry(one) for one in holders)

    assert holders == [read_entry(data, 0), read_entry(data, len(write_entry(holders[0])))]
    for size in range(len(write_entry(holders[0]))):
        with pytest.raises(InputError):
            read_entry(data[:size], 0)
    assert holders[0]._replace(account="B") != read_entry(data, 0)
