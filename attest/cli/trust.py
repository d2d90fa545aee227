"""attest trust: what a trust file could require of statements like a given one."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads the annotation at run time
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads it at run time

if TYPE_CHECKING:
    from attest.apart import Parts
    from attest.content import Files


def trust(
    bundle: Annotated[Path, typer.Argument(help="A bundle that you looked through.")],
    as_json: JSON = False,
) -> None:
    """Print a bundle's digests of packs, rules and scope, as [require] of trust.toml has them.

    Nothing of it is trusted by that: it is what the signer chose, for you to hold him to.
    """
    from attest.apart import take_apart
    from attest.cli.console import give, give_json
    from attest.disk import read_folder

    files = read_folder(bundle)
    found = _required(take_apart(files), files)
    if as_json:
        give_json(found)
        return
    give(f"# signed by key {found['keyid']}")
    give("[require]")
    give(f'scope_sha256 = "{found["scope_sha256"]}"')
    for table in ("packs", "rules"):
        give(f"[require.{table}]")
        entries = found[table]
        if isinstance(entries, dict):
            for name, digest in entries.items():
                # Names are the signer's: one that is written as it stands could end its line.
                give(f'{json.dumps(name, ensure_ascii=False)} = "{digest}"')
    give("[history]")
    give(f"sequence = {found['sequence']}")
    give(f'payload = "{found["payload"]}"')


def _required(parts: Parts, files: Files) -> dict[str, object]:
    from attest.required import rules_in, scope_digest

    packs = {
        one.id.removeprefix("policies/").removesuffix(".toml"): one.sha256
        for one in parts.predicate.criteria
        if one.id.startswith("policies/")
    }
    return {
        "keyid": parts.signer.key.keyid,
        "scope_sha256": scope_digest(parts.predicate.scope),
        "packs": packs,
        "rules": rules_in(files),
        "sequence": parts.predicate.series.sequence,
        "payload": parts.digest,
    }
