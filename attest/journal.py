"""The journal's folder beside an output that is not there yet: `<output>.journal/`.

    journal.json                          what is read: digest of the plan, time, sources by name
    <chain id with - for :>/<source>.jsonl    one journal a source (`chains.journal`)

A folder of another plan is refused, so that no answer is taken for a question it was not given to.
It is removed once the output stands and nothing is left to ask again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, BinaryIO

from attest.disk import read_file
from attest.statement import canonical
from chains.journal import Journal, JournaledSource
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from chains.evidence import ChainPlan, Source
    from config.caip import ChainId

HEAD = "journal.json"
MAX_HEAD = 1 << 20


def journal_of(output: Path) -> Path:
    """Give the place of an output's journal."""
    return output.with_name(f"{output.name}.journal")


@contextmanager
def journaled(
    folder: Path, plans: tuple[ChainPlan, ...], sources: Mapping[ChainId, Sequence[Source]]
) -> Iterator[dict[ChainId, tuple[JournaledSource, ...]]]:
    """Put a journal in front of every source for the length of a reading.

    Args:
        folder: the journal's own folder; made if it is not there.
        plans: what is read.
        sources: where, for each chain.

    Raises:
        InputError: the folder is of another plan, in use, or cannot be written.
        ChainError: a journal is damaged.
    """
    with ExitStack() as stack:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _claim(stack, folder, _head(plans, sources))
            opened = {
                chain: tuple(_journaled(stack, folder, chain, source) for source in named)
                for chain, named in sources.items()
            }
        except OSError as error:
            raise InputError(f"journal cannot be written: {folder}: {error.strerror}") from error
        yield opened


def remove_journal(folder: Path) -> None:
    """Remove a journal that is needed no more."""
    shutil.rmtree(folder, ignore_errors=True)


def forget_chain(folder: Path, chain: ChainId) -> None:
    """Remove what is kept of a chain that gave no pin: asking again must not end the same way.

    What is kept of other chains stays; without any the journal goes too.
    """
    shutil.rmtree(folder / _folder_of(chain), ignore_errors=True)
    if not any(path.is_dir() for path in folder.iterdir()):
        remove_journal(folder)


def _folder_of(chain: ChainId) -> str:
    return chain.replace(":", "-")


def _head(plans: tuple[ChainPlan, ...], sources: Mapping[ChainId, Sequence[Source]]) -> bytes:
    # What is asked further follows from the first questions and their answers.
    stated = [{**asdict(plan), "further": None} for plan in plans]
    plan = json.dumps(stated, sort_keys=True)
    named = {chain: [[one.name, one.operator] for one in of] for chain, of in sources.items()}
    digest = hashlib.sha256(plan.encode()).hexdigest()
    return canonical({"plan": digest, "sources": named, "version": "v0"})


def _claim(stack: ExitStack, folder: Path, head: bytes) -> None:
    """Make the folder ours: of this plan, and in nobody else's hands."""
    path = folder / HEAD
    lock = stack.enter_context((folder / ".lock").open("ab"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(f"another reading is under way: {folder}", "wait until it ends") from error
    if not path.exists():
        beside = path.with_suffix(".new")
        beside.write_bytes(head)
        beside.replace(path)
    elif read_file(path, MAX_HEAD) != head:
        raise InputError(
            f"journal is of another reading: {folder}",
            "restore the inputs it was begun with, or remove the folder to begin anew",
        )


def _journaled(stack: ExitStack, folder: Path, chain: ChainId, source: Source) -> JournaledSource:
    path = folder / _folder_of(chain) / f"{source.name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    file = stack.enter_context(path.open("r+b"))
    return JournaledSource(source, Journal(file, path.name, _settle))


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
