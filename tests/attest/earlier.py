"""An earlier statement of the example's entity: its texts issued and signed at some time before.

    made = earlier(work, key, issued_at=…, as_of=…)      the files of a carried folder
    files = carrying(example, {"earlier/0006": made})    the example's own, with these carried

The statement is the example's with another time and other inputs, signed by any key: only what is
read of it matters.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import rfc8785

from attest.challenges import issue, write_challenges
from attest.envelope import seal
from attest.inputs import DECLARATION, INPUTS
from config.times import format_time
from tests.examples import make

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.keys import SigningKey
    from attest.pipeline import Work
    from config.challenges import Challenges

DAY = 86_400
FOLDER = "earlier/0006"


def texts(work: Work, issued_at: int, days: int = 14) -> Challenges:
    entity, accounts = work.inputs.declaration.entity, work.inputs.accounts
    window = (issued_at, issued_at + days * DAY)
    return issue(entity, accounts, "Example Reviewer", (), b"\x06" * 32, window)


def claims(work: Work, issued: Challenges) -> bytes:
    holders = make.evm_holders(work.inputs.registry.chain("anvil"))
    return make.claims_csv(holders, issued.texts, work.inputs.registry).encode()


def earlier(
    work: Work,
    key: SigningKey,
    *,
    issued_at: int,
    as_of: int,
    days: int = 14,
    claimed: Callable[[bytes], bytes] = bytes,
    stated: Callable[[dict[str, Any]], object] = lambda _predicate: None,
) -> dict[str, bytes]:
    """Make the files of a carried folder.

    Args:
        work: the example.
        key: signs the statement.
        issued_at: when the texts were issued.
        days: how long they are valid.
        as_of: what the statement is about.
        claimed: changes the claims before the statement is made.
        stated: changes the predicate before it is signed.
    """
    issued = texts(work, issued_at, days)
    rows, document = claimed(claims(work, issued)), write_challenges(issued, None)
    statement = json.loads(work.payload)
    predicate = statement["predicate"]
    predicate["asOf"]["time"] = format_time(as_of)
    predicate["inputs"] = [
        {"name": name, "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in (("challenges.json", document), ("claims.csv", rows))
    ]
    stated(predicate)
    payload = rfc8785.dumps(statement)
    return {
        "payload.json": payload,
        "envelope.dsse.json": seal(payload, key),
        "signer.pub.pem": key.public.pem,
        "claims.csv": rows,
        "challenges.json": document,
    }


def carrying(
    example: dict[str, bytes],
    folders: dict[str, dict[str, bytes]],
    without: tuple[str, ...] = (),
    parameters: str = "",
) -> dict[str, bytes]:
    """Give the example's files with folders carried, and without the claims of some accounts."""
    tables = "".join(f'\n[[carried]]\nfolder = "{folder}"\n' for folder in folders)
    declared = example[DECLARATION].decode()
    if parameters:
        declared = declared.replace("[policies]\n", f"[policies]\nparameters = {parameters}\n")
    lines = example[INPUTS + "claims.csv"].decode().splitlines()
    kept = [line for line in lines if not line.startswith(without)] if without else lines
    carried = {
        f"{INPUTS}{folder}/{name}": data
        for folder, files in folders.items()
        for name, data in files.items()
    }
    return {
        **example,
        DECLARATION: (declared + tables).encode(),
        INPUTS + "claims.csv": ("\n".join(kept) + "\n").encode(),
        **carried,
    }


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))
