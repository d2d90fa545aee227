"""attest log new, append, key: the holder's side of a log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attest.cli.log.files import FOLDER, ITEMS  # noqa: TC001 - typer reads them at run time
from attest.cli.options import JSON, KEY, PASSPHRASE_ENV  # noqa: TC001 - the same

KEY_FILE = Annotated[Path, typer.Argument(help="An Ed25519 key, or its public half.")]
NAME = Annotated[str, typer.Option("--name", help="The log's or the witness's name.")]
WITNESS = Annotated[bool, typer.Option("--witness", help="Print it as a witness's key.")]
NEW = Annotated[Path, typer.Argument(help="Folder to make.")]
ORIGIN = Annotated[
    str, typer.Option("--origin", help="The log's name, such as example.com/attestations.")
]


def new(
    folder: NEW,
    origin: ORIGIN,
    key: KEY,
    passphrase_env: PASSPHRASE_ENV = None,
    as_json: JSON = False,
) -> None:
    """Begin a log: an empty one, signed. The key is Ed25519, best one that signs nothing else."""
    from attest.cli.console import give, give_json
    from attest.cli.load import signing_key
    from attest.cli.log.files import head_document
    from attest.disk import refuse_existing, write_folder
    from attest.history.log import CHECKPOINT, ENTRIES, entries_bytes, start_log
    from attest.history.vkey import ED25519, note_key, write_vkey

    refuse_existing(folder)
    signer = signing_key(key, passphrase_env)
    log = start_log(origin, signer)
    write_folder(folder, {CHECKPOINT: log.signed, ENTRIES: entries_bytes(log)})
    vkey = write_vkey(note_key(signer.public, origin, ED25519))
    if as_json:
        give_json({**head_document(origin, log.checkpoint.head), "key": vkey})
        return
    give(f"{folder}: a log of the name {origin}, empty")
    give(f"key: {vkey}")


def append(
    folder: FOLDER,
    items: ITEMS,
    key: KEY,
    passphrase_env: PASSPHRASE_ENV = None,
    as_json: JSON = False,
) -> None:
    """Add digests of payloads to a log, and sign a checkpoint over all of it."""
    from attest.cli.console import give, give_json
    from attest.cli.load import signing_key
    from attest.cli.log.files import digest_of, head_document, held, read_log_folder
    from attest.disk import write_over
    from attest.history.log import CHECKPOINT, ENTRIES, entries_bytes
    from attest.history.log import append as append_to

    digests = [digest_of(item) for item in items]
    signer = signing_key(key, passphrase_env)
    with held(folder):
        log = append_to(read_log_folder(folder), digests, signer)
        # Entries first: a signed checkpoint whose entries were lost could never be explained.
        write_over(folder / ENTRIES, entries_bytes(log))
        write_over(folder / CHECKPOINT, log.signed)
    head = log.checkpoint.head
    added = [(head.size - len(digests) + at, one.hex()) for at, one in enumerate(digests)]
    if as_json:
        rows = [{"index": index, "digest": digest} for index, digest in added]
        give_json({**head_document(log.checkpoint.origin, head), "appended": rows})
        return
    for index, digest in added:
        give(f"{index}  {digest}")
    give(f"{folder}: {head.size} entries, root {head.root.hex()}")


def key(
    key: KEY_FILE,
    name: NAME,
    witness: WITNESS = False,
    passphrase_env: PASSPHRASE_ENV = None,
    as_json: JSON = False,
) -> None:
    """Print a key as one line, for those who are to trust the log or the witness."""
    from attest.cli.console import give, give_json
    from attest.cli.load import signing_key
    from attest.disk import read_file
    from attest.history.vkey import COSIGNATURE, ED25519, note_key, write_vkey
    from attest.keys import MAX_KEY_FILE, load_public

    data = read_file(key, MAX_KEY_FILE)
    if b"PUBLIC KEY" in data:
        public = load_public(data, str(key))
    else:
        public = signing_key(str(key), passphrase_env).public
    vkey = write_vkey(note_key(public, name, COSIGNATURE if witness else ED25519))
    if as_json:
        give_json({"name": name, "key": vkey, "keyid": public.keyid})
    else:
        give(vkey)
